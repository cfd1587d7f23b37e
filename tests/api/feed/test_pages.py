"""Pages and a tail tell the same as the entries, from wherever one reads and whenever they came."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import db
from api.feed import store as feed
from api.feed.models import FeedEntry, FeedPage, FeedSnapshot
from api.feed.pages import making, reading
from api.feed.pages import store as pages
from api.feed.pages.packed import Packed, Piece

DISTRICT, STREET = "d1", "street:a"
AT = {"district_id": DISTRICT, "audience": STREET}
SMALL = making.Policy(page_rows=3, tail_numbers=3)


@dataclasses.dataclass
class Reader:
    """Somebody who reads the street, a few changes at a time."""

    at: reading.Position = dataclasses.field(default_factory=reading.Position)
    held: dict[str, object] = dataclasses.field(default_factory=dict)

    def read(self, session: Session, *, limit: int) -> bool:
        """Read on, and tell whether more waits."""
        head = feed.list_heads(session, district_id=DISTRICT, audiences=[STREET])
        standing = head.get(STREET, feed.Head())
        if self.at.number == 0:
            self.at, self.held = reading.begin(standing), {}
        before = self.at.number
        stretch = reading.read_after(session, **AT, head=standing, at=self.at, limit=limit)
        told = msgspec.json.decode(plain(stretch.pieces))
        assert stretch.entries == len(told) <= limit
        assert stretch.position.number > before or not stretch.more, "it would go round for ever"
        for change in told:
            if "put" in change:
                self.held[change["id"]] = change["put"]
            else:
                self.held.pop(change["id"], None)
        self.at = stretch.position
        return stretch.more


def plain(pieces: Sequence[Piece]) -> bytes:
    return b"[%s]" % b"".join(
        each.unpacked() if isinstance(each, Packed) else each for each in pieces
    )


def put(session: Session, *lamps: int, lit: int = 0) -> None:
    feed.enter(
        session,
        [
            feed.Put(
                DISTRICT,
                STREET,
                "lamp",
                str(lamp),
                b'{"entity":"lamp","id":"%d","put":%d}' % (lamp, lit),
            )
            for lamp in lamps
        ],
        [],
    )


def take_down(session: Session, *lamps: int) -> None:
    feed.enter(session, [], [feed.Gone(DISTRICT, STREET, "lamp", str(lamp)) for lamp in lamps])


def snapshot(session: Session) -> dict[str, object]:
    """Tell what the street holds, from the entries alone."""
    question = select(FeedEntry.wire).where(FeedEntry.audience == STREET, FeedEntry.gone.is_(False))
    told = [msgspec.json.decode(wire) for wire in session.scalars(question)]
    return {change["id"]: change["put"] for change in told}


def kept(session: Session) -> list[pages.Sheet]:
    return pages.list_sheets(session, **AT, number=0, limit=100)


def read_all(database: db.Database, reader: Reader, *, limit: int = 1_000) -> None:
    for _ in range(1_000):
        with database.reading() as session:
            if not reader.read(session, limit=limit):
                return
    raise AssertionError("it never ends")


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Database]:
    """Give a database that many stories share, one after the other."""
    path: pathlib.Path = tmp_path_factory.mktemp("pages") / "street.db"
    database = db.Database(f"sqlite:///{path}")
    db.Base.metadata.create_all(database.engine)
    yield database
    database.close()


LAMPS = st.integers(1, 9)
STEPS = st.one_of(
    st.tuples(st.just("put"), st.lists(LAMPS, min_size=1, max_size=6, unique=True)),
    st.tuples(st.just("gone"), st.lists(LAMPS, min_size=1, max_size=4, unique=True)),
    st.tuples(st.just("make"), st.just([0])),
    st.tuples(st.just("lose"), st.lists(st.integers(0, 4), min_size=1, max_size=1)),
    st.tuples(st.just("read"), st.tuples(st.integers(0, 2), st.integers(1, 8)).map(list)),
    st.tuples(st.just("new"), st.lists(st.integers(0, 2), min_size=1, max_size=1)),
)


def live(database: db.Database, steps: Sequence[tuple[str, list[int]]]) -> list[Reader]:
    """Let a story happen to three readers."""
    readers = [Reader(), Reader(), Reader()]
    for count, (what, told) in enumerate(steps):
        match what:
            case "put":
                with database.unit_of_work() as session:
                    put(session, *told, lit=count)
            case "gone":
                with database.unit_of_work() as session:
                    take_down(session, *told)
            case "make":
                making.make(database, **AT, policy=SMALL)
            case "lose":
                with database.unit_of_work() as session:
                    for sheet in kept(session)[told[0] : told[0] + 1]:
                        session.execute(delete(FeedPage).where(FeedPage.through == sheet.through))
            case "read":
                with database.reading() as session:
                    readers[told[0]].read(session, limit=told[1])
            case _:
                readers[told[0]] = Reader()
    return readers


@given(steps=st.lists(STEPS, max_size=40))
def test_readers_end_with_what_is_there_whatever_became_of_the_pages(
    street: db.Database, steps: list[tuple[str, list[int]]]
) -> None:
    with street.unit_of_work() as session:
        for table in (FeedPage, FeedSnapshot, FeedEntry):
            session.execute(delete(table))
        session.connection().exec_driver_sql("DELETE FROM feed_heads")
    readers = live(street, steps)
    with street.reading() as session:
        there = snapshot(session)
    for reader in readers:
        read_all(street, reader, limit=4)
        assert reader.held == there


def test_pages_reach_the_head_and_hold_what_is_live(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, *range(1, 9))
        take_down(session, 2)
    assert making.make(database, **AT, policy=SMALL)
    with database.reading() as session:
        assert [sheet.rows for sheet in kept(session)] == [3, 3, 1]
        assert kept(session)[-1].through == 9
        told = Reader()
        assert not told.read(session, limit=100)
    assert set(told.held) == {"1", "3", "4", "5", "6", "7", "8"}


def test_a_first_pull_hears_of_what_went_after_its_page_was_made(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, *range(1, 7))
    making.make(database, **AT, policy=SMALL)
    with database.unit_of_work() as session:
        take_down(session, 1)
    reader = Reader()
    read_all(database, reader)
    assert set(reader.held) == {"2", "3", "4", "5", "6"}


def test_pages_are_added_to_until_too_much_of_them_is_stale(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, *range(1, 21))
    making.make(database, **AT, policy=SMALL)
    for lamp, ways in ((1, 8), (4, 9), (7, 7)):
        with database.unit_of_work() as session:
            put(session, lamp, lamp + 1, lamp + 2, lit=1)
        making.make(database, **AT, policy=SMALL)
        with database.reading() as session:
            assert len(kept(session)) == ways


def test_what_is_behind_gets_pages_by_itself(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, 1, 2)
    assert making.make_due(database, policy=SMALL) == 0
    with database.unit_of_work() as session:
        put(session, 3)
    assert making.make_due(database, policy=SMALL) == 1
    assert making.make_due(database, policy=SMALL) == 0


def test_of_two_makers_one_takes_effect(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, *range(1, 7))
    for _ in range(2):  # nobody made any before; somebody did
        with database.reading() as session:
            known = pages.find_snapshot(session, **AT)
        assert making.make(database, **AT, policy=SMALL)
        with database.unit_of_work() as session:
            assert not pages.move_on(
                session, **AT, known=known, new=known._replace(generation=known.generation + 1)
            )


class Overtaken(db.Database):
    """A maker's database: between its reading and its writing another maker did the work."""

    is_overtaken = False

    @contextlib.contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        if not self.is_overtaken:
            self.is_overtaken = True
            assert making.make(self, **AT, policy=SMALL)
        with super().unit_of_work() as session:
            yield session


def test_a_maker_that_was_overtaken_leaves_the_pages_of_the_other(
    database: db.Database, database_url: str
) -> None:
    with database.unit_of_work() as session:
        put(session, *range(1, 7))
    slow = Overtaken(database_url)
    try:
        assert not making.make(slow, **AT, policy=SMALL)
    finally:
        slow.close()
    with database.reading() as session:
        assert pages.find_snapshot(session, **AT).generation == 1
    reader = Reader()
    read_all(database, reader)
    assert len(reader.held) == 6


def test_an_audience_that_holds_nothing_has_no_pages(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, 1, 2, 3)
    with database.unit_of_work() as session:
        take_down(session, 1, 2, 3)
    making.make(database, **AT, policy=SMALL)
    with database.reading() as session:
        assert kept(session) == []
    reader = Reader()
    read_all(database, reader)
    assert reader.held == {}


def test_a_maker_works_for_itself_until_it_is_stopped(database: db.Database) -> None:
    with database.unit_of_work() as session:
        put(session, *range(making.HOUSE.tail_numbers))
    maker = making.maker(database)
    maker.start()
    maker.stop()
    with database.reading() as session:
        assert len(kept(session)) == 1
