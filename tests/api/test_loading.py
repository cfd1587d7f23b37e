"""Rows by a prepared question, in the unit of work and loose, on both databases."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api import db
from api.crews.models import Person
from api.feed import store as feed
from api.feed.recorder import touch
from api.loading import PreparedRows
from api.prepared import Among
from api.readings.models import Stop
from tests.makers import crews
from tests.makers import readings as make

_PEOPLE = PreparedRows(select(Person).where(Among(Person.id, "ids")).order_by(Person.id))
_STOPS = PreparedRows(select(Stop).where(Stop.district_id == bindparam("district_id")))


class _UndoneError(Exception):
    """What a savepoint is undone by."""


def _people(session: Session, *names: str) -> list[Person]:
    made = [crews.person(session, person_id=name) for name in names]
    session.flush()
    return made


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_a_list_of_any_length_finds_each_of_its_own(session: Session, count: int) -> None:
    names = [f"p{number}" for number in range(6)]
    _people(session, *names)
    found = _PEOPLE.objects(session, ids=names[:count])
    assert [person.id for person in found] == names[:count]


def test_what_is_changed_in_a_row_of_the_unit_of_work_is_written(database: db.Database) -> None:
    with database.unit_of_work() as session:
        _people(session, "li")
    with database.unit_of_work() as session:
        (person,) = _PEOPLE.objects(session, ids=["li"])
        assert person in session
        person.name = "李雷"
    with database.reading() as session:
        assert session.get_one(Person, "li").name == "李雷"


def test_a_row_that_is_held_already_is_brought_up_to_date(database: db.Database) -> None:
    with database.unit_of_work() as session:
        _people(session, "li")
    with database.unit_of_work() as session:
        held: Person = session.get_one(Person, "li")
        session.connection().exec_driver_sql("UPDATE people SET name = 'new' WHERE id = 'li'")
        (again,) = _PEOPLE.objects(session, ids=["li"])
        assert again is held
        assert again.name == "new"
        assert held not in session.dirty


def test_every_type_of_a_loose_row_is_what_its_model_would_give(session: Session) -> None:
    make.route(session)
    watched = make.stop_of(session)
    (loose,) = _STOPS.loose(session, district_id=make.DISTRICT)
    columns = [column.key for column in Stop.__table__.columns]
    assert {name: getattr(loose, name) for name in columns} == {
        name: getattr(watched, name) for name in columns
    }
    assert loose.wire() == watched.wire()
    assert loose.audience() == watched.audience()


def test_a_loose_row_is_written_only_by_whoever_says_so(session: Session) -> None:
    make.route(session)
    (loose,) = _STOPS.loose(session, district_id=make.DISTRICT)
    loose.state = "read"
    db.write_queued(session)
    assert make.stop_of(session).state == "open"
    key = {"district_id": loose.district_id, "id": loose.id}
    db.change(session, Stop, {**key, "state": "skipped", "skip_code": "dog"})
    db.change(session, Stop, {**key, "state": "read", "skip_code": None})
    assert (make.stop_of(session).state, make.stop_of(session).skip_code) == ("read", None)


def _told(database: db.Database, stop: Stop) -> bytes:
    with database.reading() as session:
        audience = stop.audience()
        assert audience is not None
        return feed.page_after(
            session, district_id=stop.district_id, audience=audience, number=0, limit=10
        ).changes


@pytest.mark.parametrize("undone", [False, True])
def test_phones_hear_of_a_loose_row_what_the_database_has(
    database: db.Database, *, undone: bool
) -> None:
    """A savepoint that is undone takes back what was changed in the row, not the news of it."""
    with database.unit_of_work() as session:
        make.route(session)
    with database.unit_of_work() as session:
        (loose,) = _STOPS.loose(session, district_id=make.DISTRICT)
        key = {"district_id": loose.district_id, "id": loose.id}
        touch(session, loose)
        loose.state = "read"
        db.change(session, Stop, {**key, "state": "read"})
        with contextlib.suppress(_UndoneError), db.savepoint(session):
            touch(session, loose)
            loose.access_note = "fierce dog"
            db.change(session, Stop, {**key, "access_note": "fierce dog"})
            db.write_queued(session)
            if undone:
                raise _UndoneError
    with database.reading() as session:
        kept = make.stop_of(session)
    told = _told(database, kept)
    assert (b'"access_note":"fierce dog"' in told) is not undone
    assert (kept.access_note == "fierce dog") is not undone
