"""One handheld: the real toolkit, with a note of every operation that it said was saved."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable

from field_sync import fieldwork
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas.evidence import EvidenceKind
from schemas.places import Fix
from tests.day import photos
from tests.day.edge import DayEdge
from tests.day.messages import Made


class Handheld:
    """A store, its clocks, and what the person with it did.

    Attributes:
        store: the handheld's store.
        edge: its clocks and chance.
        made: operations that were saved since they were last told.
        noted: what else is worth telling, counted.
    """

    def __init__(
        self, store: Store, edge: DayEdge, *, ledger: Callable[[Entry], None] = lambda _: None
    ) -> None:
        """Take the handheld up.

        Args:
            store: its store.
            edge: its clocks and chance.
            ledger: hears of each operation when the toolkit has called it saved.
        """
        self.store = store
        self._ledger = ledger
        self.edge = edge
        self.made: list[Made] = []
        self.noted: Counter[str] = Counter()

    def keep(self, entry: Entry) -> None:
        """Note that an operation was saved."""
        self._ledger(entry)
        self.made.append(Made(n=entry.n, id=entry.id, type=entry.type))

    def photograph(
        self,
        chance: random.Random,
        *,
        task_id: str,
        kind: EvidenceKind,
        fix: Fix | None = None,
        stop_id: str | None = None,
    ) -> str:
        """Take a photo and keep it as evidence; gives its hash."""
        content = photos.jpeg(chance, camera=self.store.home.name)
        path = self.store.home / "camera.jpg"
        path.write_bytes(content)
        self.keep(
            fieldwork.photo(
                self.store,
                self.edge,
                task_id=task_id,
                path=path,
                kind=kind,
                stop_id=stop_id,
                fix=fix,
            )
        )
        return hashlib.sha256(content).hexdigest()
