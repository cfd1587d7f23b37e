"""The feed tells every committed change of a synced row, once, in the order of commits."""

from __future__ import annotations

import threading

import msgspec
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from api import db
from api.feed import store
from api.feed.models import Lineage
from api.feed.recorder import FeedBypassedError
from tests.api.feed.lamp import Lamp, LampBase

DISTRICT = "d1"


@pytest.fixture
def lamps(database: db.Database) -> db.Database:
    LampBase.metadata.create_all(database.engine)
    return database


def hang(session: Session, lamp_id: str, *, street: str | None = "a") -> Lamp:
    lamp = Lamp(district_id=DISTRICT, id=lamp_id, street=street)
    session.add(lamp)
    return lamp


def told(database: db.Database, *, street: str = "a", after: int = 0) -> list[tuple[str, bool]]:
    """Read a street's feed as (lamp, put?) in order."""
    with database.reading() as session:
        page = store.page_after(
            session,
            district_id=DISTRICT,
            audience=f"street:{street}",
            number=after,
            limit=1000,
            base=0 if after else 1_000_000,
        )
    changes = msgspec.json.decode(b"[%s]" % page.changes)
    return [(change["id"], "put" in change) for change in changes]


def head(database: db.Database, *, street: str = "a") -> int:
    with database.reading() as session:
        heads = store.list_heads(session, district_id=DISTRICT, audiences=[f"street:{street}"])
    return heads.get(f"street:{street}", store.Head()).number


def test_a_new_row_is_told(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
    assert told(lamps) == [("one", True)]


@pytest.mark.rule("S14")
def test_a_change_replaces_the_entry_and_takes_the_next_number(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
        hang(session, "two")
    with lamps.unit_of_work() as session:
        lamp = session.get(Lamp, (DISTRICT, "one"))
        assert lamp is not None
        lamp.lit = True
    assert told(lamps) == [("two", True), ("one", True)]
    assert told(lamps, after=2) == [("one", True)]


@pytest.mark.rule("S15")
def test_a_move_is_gone_for_one_and_put_for_the_other(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
    with lamps.unit_of_work() as session:
        lamp = session.get(Lamp, (DISTRICT, "one"))
        assert lamp is not None
        lamp.street = "b"
    assert told(lamps, after=1) == [("one", False)]
    assert told(lamps, street="b") == [("one", True)]


def test_a_first_pull_does_not_hear_of_what_is_gone(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
    with lamps.unit_of_work() as session:
        lamp = session.get(Lamp, (DISTRICT, "one"))
        assert lamp is not None
        lamp.street = None
    assert told(lamps) == []
    assert told(lamps, after=1) == [("one", False)]


def test_a_deleted_row_is_gone(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
    with lamps.unit_of_work() as session:
        session.delete(session.get(Lamp, (DISTRICT, "one")))
    assert told(lamps, after=1) == [("one", False)]


def test_a_savepoint_undone_enters_nothing_untrue(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        kept = hang(session, "kept")
        with pytest.raises(ZeroDivisionError), db.savepoint(session):
            hang(session, "undone")
            kept.street = "b"
            session.flush()
            raise ZeroDivisionError
    assert told(lamps) == [("kept", True)]
    assert told(lamps, street="b") == []


def test_a_unit_of_work_undone_enters_nothing(lamps: db.Database) -> None:
    with pytest.raises(ZeroDivisionError), lamps.unit_of_work() as session:
        hang(session, "one")
        session.flush()
        raise ZeroDivisionError
    assert told(lamps) == []
    assert head(lamps) == 0


def test_an_untouched_row_is_not_told_again(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        hang(session, "one")
    with lamps.unit_of_work() as session:
        lamp = session.get(Lamp, (DISTRICT, "one"))
        assert lamp is not None
        lamp.lit = False
    assert head(lamps) == 1


def test_a_bulk_change_of_a_synced_table_is_refused(lamps: db.Database) -> None:
    with pytest.raises(FeedBypassedError), lamps.unit_of_work() as session:
        session.execute(update(Lamp).values(lit=True))


def test_rows_queued_for_an_undone_savepoint_are_not_written(lamps: db.Database) -> None:
    with lamps.unit_of_work() as session:
        db.append(session, Lineage, {"id": 7, "name": "kept"})
        with pytest.raises(ZeroDivisionError), db.savepoint(session):
            db.append(session, Lineage, {"id": 8, "name": "undone"})
            raise ZeroDivisionError
    with lamps.reading() as session:
        assert session.get(Lineage, 7) is not None
        assert session.get(Lineage, 8) is None


@pytest.mark.rule("S13")
def test_a_reader_that_follows_its_cursor_misses_nothing_that_writers_commit(
    lamps: db.Database,
) -> None:
    """Eight writers overlap; a reader polls by its cursor all the while and at the end."""
    writers, each = 8, 12
    seen: set[str] = set()
    done = threading.Event()

    def write(writer: int) -> None:
        for count in range(each):
            with lamps.unit_of_work() as session:
                hang(session, f"{writer}-{count}")
                session.flush()

    def read() -> None:
        number = 0
        while True:
            last = done.is_set()
            with lamps.reading() as session:
                page = store.page_after(
                    session, district_id=DISTRICT, audience="street:a", number=number, limit=7
                )
            seen.update(each["id"] for each in msgspec.json.decode(b"[%s]" % page.changes))
            number = page.through
            if last and not page.entries:
                return

    reader = threading.Thread(target=read)
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert seen == {f"{writer}-{count}" for writer in range(writers) for count in range(each)}


def test_a_database_has_no_lineage_until_one_begins_and_each_begins_anew(
    lamps: db.Database,
) -> None:
    with lamps.unit_of_work() as session:
        assert store.find_lineage(session) is None
        store.start_lineage(session, name="first")
    with lamps.unit_of_work() as session:
        store.start_lineage(session, name="second")
    with lamps.reading() as session:
        assert store.find_lineage(session) == store.get_lineage(session) == "second"
