"""Prepared questions answer as SQLAlchemy's own would, on both databases."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api import db
from api.crews.models import Person
from api.prepared import Prepared
from api.sync.models import DeviceContact
from tests.conftest import NOW
from tests.makers import crews

_PERSON = Prepared(
    select(Person.id, Person.roles, Person.joined_at, Person.left_at).where(
        Person.login == bindparam("login"), Person.version == 1
    )
)


def test_values_come_back_as_the_types_of_their_columns(session: Session) -> None:
    person = crews.person(session, person_id="li")
    session.flush()
    asked = select(Person.id, Person.roles, Person.joined_at, Person.left_at)
    (said,) = session.execute(asked.where(Person.login == person.login))
    assert _PERSON.rows(session, login=person.login) == [tuple(said)]


def test_numbers_come_back_as_numbers(session: Session) -> None:
    met = DeviceContact(
        district_id="d1",
        device_id="device-1",
        server_at=NOW,
        device_at=NOW,
        mono_ms=1_500,
        boot="boot-1",
        round_trip_s=0.25,
    )
    session.add(met)
    asked = select(DeviceContact.round_trip_s, DeviceContact.mono_ms, DeviceContact.server_at)
    question = Prepared(asked.where(DeviceContact.device_id == bindparam("device_id")))
    for _ in range(2):  # as it is asked first, and as it is asked ever after
        assert question.rows(session, device_id="device-1") == [(0.25, 1_500, NOW)]


def test_nobody_is_no_row(session: Session) -> None:
    assert _PERSON.rows(session, login="nobody") == []
    assert _PERSON.first(session, login="nobody") is None


def test_a_question_sees_what_its_unit_of_work_has_done_so_far(session: Session) -> None:
    person = crews.person(session, person_id="li")
    assert _PERSON.first(session, login=person.login) is not None


def test_one_question_serves_both_dialects(database: db.Database) -> None:
    with database.reading() as session:
        assert _PERSON.rows(session, login="nobody") == []
