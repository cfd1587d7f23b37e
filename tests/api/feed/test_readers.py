"""Readers who begin anywhere and read in steps of any size all come to what is there."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from api import db
from api.feed import store
from tests.api.feed.lamp import Lamp, LampBase

STREETS = ("a", "b")
LAMPS = ("one", "two", "three", "four")
READERS = range(3)
_districts = itertools.count()


class Readers(RuleBasedStateMachine):
    """Lamps that are hung, lit, moved and taken down, and readers of each street."""

    database: db.Database

    def __init__(self) -> None:
        super().__init__()
        self.district = f"feed-{next(_districts)}"
        self.cursors = dict.fromkeys(itertools.product(READERS, STREETS), 0)
        self.held: dict[tuple[int, str], dict[str, bool]] = {key: {} for key in self.cursors}

    @rule(
        lamp_ids=st.lists(st.sampled_from(LAMPS), min_size=1, max_size=3, unique=True),
        street=st.sampled_from([*STREETS, None]),
        lit=st.booleans(),
    )
    def hang(self, lamp_ids: list[str], street: str | None, lit: bool) -> None:  # noqa: FBT001 - Hypothesis passes rules their values by name
        """Hang lamps, or move and light those that hang, in one unit of work."""
        with self.database.unit_of_work() as session:
            for lamp_id in lamp_ids:
                lamp = session.get(Lamp, (self.district, lamp_id))
                if lamp is None:
                    session.add(Lamp(district_id=self.district, id=lamp_id, street=street, lit=lit))
                else:
                    lamp.street, lamp.lit = street, lit

    @rule(lamp_id=st.sampled_from(LAMPS))
    def take_down(self, lamp_id: str) -> None:
        """Take a lamp down."""
        with self.database.unit_of_work() as session:
            lamp = session.get(Lamp, (self.district, lamp_id))
            if lamp is not None:
                session.delete(lamp)

    @rule(lamp_id=st.sampled_from(LAMPS), street=st.sampled_from(STREETS))
    def undo(self, lamp_id: str, street: str) -> None:
        """Move a lamp in a savepoint that is undone, in a unit of work that goes on."""
        with self.database.unit_of_work() as session:
            lamp = session.get(Lamp, (self.district, lamp_id))
            if lamp is None:
                return
            moved = session.begin_nested()
            lamp.street = street
            session.flush()
            moved.rollback()

    @rule(reader=st.sampled_from(READERS), street=st.sampled_from(STREETS), limit=st.integers(1, 3))
    def read(self, reader: int, street: str, limit: int) -> None:
        """Let a reader read a page."""
        self._read(reader, street, limit)

    def _read(self, reader: int, street: str, limit: int) -> bool:
        """Let a reader read a page; tell whether more waits."""
        key = reader, street
        with self.database.reading() as session:
            page = store.page_after(
                session,
                district_id=self.district,
                audience=f"street:{street}",
                number=self.cursors[key],
                limit=limit,
            )
        assert page.through >= self.cursors[key]
        self.cursors[key] = page.through
        for change in msgspec.json.decode(b"[%s]" % page.changes):
            self.held[key].pop(change["id"], None)
            if "put" in change:
                self.held[key][change["id"]] = change["put"]["lit"]
        return page.more

    @rule(reader=st.sampled_from(READERS), street=st.sampled_from(STREETS))
    def begin_anew(self, reader: int, street: str) -> None:
        """Let a reader forget everything, as after a lost cursor."""
        self.cursors[reader, street] = 0
        self.held[reader, street] = {}

    @invariant()
    def heads_never_fall_behind_readers(self) -> None:
        """A number that a reader has seen was given by a head."""
        with self.database.reading() as session:
            audiences = [f"street:{street}" for street in STREETS]
            heads = store.list_heads(session, district_id=self.district, audiences=audiences)
        for (_, street), seen in self.cursors.items():
            head = heads.get(f"street:{street}")
            assert seen <= (head.number if head else 0)

    def teardown(self) -> None:
        """Let everybody read to the end: all hold what hangs there."""
        with self.database.reading() as session:
            hanging = session.query(Lamp).filter_by(district_id=self.district).all()
        for reader, street in self.cursors:
            while self._read(reader, street, 2):
                pass
            there = {lamp.id: lamp.lit for lamp in hanging if lamp.street == street}
            assert self.held[reader, street] == there


@pytest.mark.slow
def test_readers_who_begin_anywhere_all_come_to_what_is_there(database: db.Database) -> None:
    LampBase.metadata.create_all(database.engine)
    machine = type("ReadersHere", (Readers,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=30, stateful_step_count=25, deadline=None)
    )
