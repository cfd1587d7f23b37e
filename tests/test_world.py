"""Whatever network, clocks, crashes and office do: each act counts once, and all see the same."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Iterator

import flask
import pytest

from api import db
from tests import postgres, statements
from tests.world import life
from tests.world.fuse import Killed
from tests.world.ground import Ground, PostgresGround, SqliteGround
from tests.world.journal import Fault
from tests.world.workshop import Workshop

QUICK = range(1, 4)
MANY = {"sqlite": range(1_000, 1_030), "postgresql": range(2_000, 2_004)}
ACTS_PER_SEED = 8


@pytest.fixture(scope="module")
def workshop(
    database_kind: str,
    doors: flask.Flask,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workshop]:
    """Set the stage once for every seed of this file."""
    folder = tmp_path_factory.mktemp("world")
    ground: Ground
    if database_kind == "sqlite":
        ground = SqliteGround(folder)
    else:
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        ground = PostgresGround(server)
    yield Workshop(doors, ground, folder)
    ground.close()


def live_all(seeds: range, workshop: Workshop) -> Counter[Fault]:
    """Live through seeds, of which none may break a law; tell how often each fault happened."""
    ended = [life.live_through(seed, workshop) for seed in seeds]
    broken = {each.seed: each.failure for each in ended if each.failure}
    assert not broken, "\n".join(f"make world SEED={seed}\n{why}" for seed, why in broken.items())
    acts = sum(each.acts for each in ended)
    assert acts > ACTS_PER_SEED * len(seeds), "a world where nothing happens proves nothing"
    return sum((each.faults for each in ended), Counter())


@pytest.mark.rule("S2")
def test_every_act_counts_once_and_all_see_the_same(workshop: Workshop) -> None:
    live_all(QUICK, workshop)


@pytest.mark.rule("S1")
@pytest.mark.slow
def test_every_act_counts_once_whatever_goes_wrong(workshop: Workshop, database_kind: str) -> None:
    faults = live_all(MANY[database_kind], workshop)
    if database_kind == "sqlite":
        never = [fault for fault in Fault if not faults[fault]]
        assert not never, f"these never happened: {never}"


@pytest.mark.slow
def test_a_seed_replays(doors: flask.Flask, tmp_path: pathlib.Path) -> None:
    stories = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        ground = SqliteGround(folder)
        stories.append(life.live_through(7, Workshop(doors, ground, folder)).lines)
        ground.close()
    assert stories[0] == stories[1]
    assert len(stories[0]) > ACTS_PER_SEED


def test_grounds_die_apart(compiled: statements.Compiled, tmp_path: pathlib.Path) -> None:
    """Engines that share what is compiled must not share the fuse of one server's process."""
    grounds = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        ground = SqliteGround(folder)
        db.Base.metadata.create_all(ground.database.engine)
        compiled.keep(ground.database.engine)
        grounds.append(ground)
    for ground in grounds:
        with (
            ground.fuse.armed(writes=1, after=False),
            pytest.raises(Killed),
            ground.database.unit_of_work(),
        ):
            pass
        ground.close()
