"""Writers that overlap on PostgreSQL: a sequence column loses rows for a cursor, the feed none.

A sequence numbers a row when it is written, and rows are seen when they are committed: a reader
that saw 2 while 1 was still open never asks for 1 again.
The feed numbers at the commit, under the lock of the audience's head.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from typing import Protocol

import msgspec
import psycopg
import pytest

from api import db
from api.feed import store
from tests import postgres
from tests.api.feed.lamp import Lamp, LampBase

DISTRICT = "d1"
STREET = "street:a"
WRITERS, EACH = 8, 25
WAITS_MAX = 200
POLL_S = 0.01
OPEN_S_MAX = 0.008
"""How long a writer stays open between its row and its commit."""

pytestmark = pytest.mark.slow


class Numbered(Protocol):
    """Rows with a number that a reader follows as its cursor."""

    def writing(self, name: str) -> contextlib.AbstractContextManager[object]:
        """Write a row at once; it is committed when the block ends."""

    def read_after(self, number: int) -> tuple[list[str], int]:
        """Read what came after a number, and the number to go on from."""


class Sequence:
    """What one would write first: a table with a sequence column."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE plain (number bigserial PRIMARY KEY, name text)")

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[None]:
        with psycopg.connect(self._url) as connection:
            connection.execute("INSERT INTO plain (name) VALUES (%s)", (name,))
            yield

    def read_after(self, number: int) -> tuple[list[str], int]:
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(
                "SELECT name, number FROM plain WHERE number > %s ORDER BY number", (number,)
            ).fetchall()
        return [name for name, _ in rows], rows[-1][1] if rows else number


class Feed:
    """What we do."""

    def __init__(self, url: str) -> None:
        self.database = db.Database(url, pool_size=WRITERS + 2)
        db.Base.metadata.create_all(self.database.engine)
        LampBase.metadata.create_all(self.database.engine)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[None]:
        with self.database.unit_of_work() as session:
            session.add(Lamp(district_id=DISTRICT, id=name, street="a"))
            session.flush()
            yield

    def read_after(self, number: int) -> tuple[list[str], int]:
        with self.database.reading() as session:
            page = store.page_after(
                session, district_id=DISTRICT, audience=STREET, number=number, limit=1_000
            )
        changes = msgspec.json.decode(b"[%s]" % page.changes)
        return [change["id"] for change in changes], page.through


@pytest.fixture
def url(postgres_server: postgres.Postgres) -> Iterator[str]:
    made = postgres_server.create_database()
    yield f"{made}&options=-c%20lock_timeout%3D10s"  # a deadlock ends as an error, not as a hang
    postgres_server.drop_database(made)


@pytest.fixture
def sequence(url: str) -> Sequence:
    return Sequence(url)


@pytest.fixture
def feed(url: str) -> Iterator[Feed]:
    opened = Feed(url)
    yield opened
    opened.database.close()


def race(rows: Numbered) -> list[str]:
    """Hold one writer open across another's commit and a reader in between; tell what was seen."""
    with rows.writing("early"):
        with rows.writing("late"):
            pass
        first, number = rows.read_after(0)
    second, _ = rows.read_after(number)
    return [*first, *second]


def test_a_cursor_over_a_sequence_never_sees_the_row_that_was_committed_late(
    sequence: Sequence,
) -> None:
    assert race(sequence) == ["late"]


def test_a_cursor_over_the_feed_sees_every_row_of_the_same_race(feed: Feed) -> None:
    assert race(feed) == ["late", "early"]


def test_a_writer_waits_while_another_has_its_number_and_no_commit(feed: Feed, url: str) -> None:
    def write_second() -> None:
        with feed.writing("second"):
            pass

    second = threading.Thread(target=write_second)
    with feed.database.unit_of_work() as session:
        store.enter(session, [store.Put(DISTRICT, STREET, "lamp", "first", b'{"id":"first"}')], [])
        second.start()
        until_somebody_waits(url)
        between = feed.read_after(0)
    second.join()

    assert between == ([], 0)
    assert feed.read_after(0) == (["first", "second"], 2)


def until_somebody_waits(url: str) -> None:
    """Wait until a writer hangs on a lock of this database."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(WAITS_MAX):
            (waiting,) = connection.execute(asked).fetchone() or (0,)
            if waiting:
                return
            time.sleep(POLL_S)
    pytest.fail("nobody waited for the head")


def crowd(rows: Numbered) -> set[str]:
    """Let many writers overlap while a reader follows its cursor; tell what it never saw."""
    written = {f"{writer}-{count}" for writer in range(WRITERS) for count in range(EACH)}
    seen: set[str] = set()
    done = threading.Event()

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for count in range(EACH):
            with rows.writing(f"{writer}-{count}"):
                time.sleep(chance.uniform(0, OPEN_S_MAX))

    def read() -> None:
        number, last = 0, False
        while not last:
            last = done.is_set()
            names, number = rows.read_after(number)
            seen.update(names)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    reader.start()
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    done.set()
    reader.join()
    return written - seen


def test_overlapping_writers_hide_rows_from_a_cursor_over_a_sequence(sequence: Sequence) -> None:
    assert crowd(sequence)


@pytest.mark.rule("S13")
def test_overlapping_writers_hide_nothing_from_a_cursor_over_the_feed(feed: Feed) -> None:
    assert not crowd(feed)
