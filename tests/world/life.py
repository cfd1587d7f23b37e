"""The whole life of one world: it begins, lives, settles, and is held against the laws."""

from __future__ import annotations

import dataclasses
import traceback
from collections import Counter
from collections.abc import Callable

from tests.world import laws, promises
from tests.world.journal import Fault
from tests.world.workshop import Workshop
from tests.world.world import World


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """What came of a seed.

    Attributes:
        seed: which one.
        acts: how many acts its crews were told were saved.
        faults: how often each fault happened.
        lines: its journal.
        failure: the law that was broken, told whole; None when all held.
    """

    seed: int
    acts: int
    faults: Counter[Fault]
    lines: list[str]
    failure: str | None


def live_through(
    seed: int, workshop: Workshop, *, tell: Callable[[str], None] = lambda _: None
) -> Ended:
    """Live through a seed and say what came of it; a broken law is told, not raised."""
    world = World(seed, workshop, tell=tell)
    world.server.restarted = lambda: laws.what_is_shown_is_durable(world)
    world.looked_at = lambda: promises.check_on_the_way(world)
    failure: str | None = None
    try:
        world.live()
        promises.check_on_the_way(world)
        world.settle()
        laws.check(world)
    except Exception:  # noqa: BLE001 - whatever rose is this seed's failure
        failure = traceback.format_exc()
    finally:
        world.close()
    acts = sum(len(phone.done) for phone in world.phones)
    return Ended(seed, acts, world.journal.faults, world.journal.lines, failure)
