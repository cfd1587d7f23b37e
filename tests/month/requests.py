"""What customers ask for and complain of, and what the office does about it, by the wall's clock.

Wang holds the posts of metering, billing and operations of the district; nobody holds that of
service. Zhao, of the city, is its duty office.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy.orm import Session

from api import acts
from api.requests import service as requests
from api.requests.models import Post, ServiceRequest
from schemas import requests as shapes
from schemas.crews import Role
from schemas.rules.requests import Kind
from schemas.tasks import Satisfaction
from tests.makers import crews, sites
from tests.month.deeds import DISTRICT, Deed, by_crew, contact, office, wall

HELD: Final = ("metering", "billing", "operations")
METERS: Final = ("M1", "M2")
SAID: Final = "she is at home at six, the voltage is measured then"
DONE: Final = "tap of the transformer raised, 221 V at eight in the evening"
CAUSE: Final = "the same clerk was rude again on the telephone"
GIVEN: Final = "she led the counter before, and knows the clerk"
CHASED: Final = "the customer called a second time"

_Do = Callable[[Session, acts.Act, str], object]


def prepare(session: Session, *, at: dt.datetime) -> None:
    """Say who answers for what, and hang meters that nobody can reach."""
    crews.person(session, person_id="wang", roles=[Role.DISPATCHER], name="王强")
    crews.person(session, person_id="zhao", roles=[Role.SUPERVISOR], unit_id="haikou", name="赵敏")
    held = [(DISTRICT, post, "wang") for post in HELD] + [("haikou", "duty", "zhao")]
    for unit_id, post, person_id in held:
        session.add(
            Post(unit_id=unit_id, post=post, person_id=person_id, set_at=at, set_by="head-office")
        )
    sites.feeder(session)
    sites.transformer(session)
    sites.service_point(session)
    for meter_id in METERS:
        sites.meter(session, meter_id=meter_id)


def all_of_them() -> Iterator[Deed]:
    """Tell of the month's requests."""
    yield from _complaints()
    # Five working days from the Friday before the holidays end on 10 October.
    yield from _asked("dispute", Kind.reading_dispute, "2025-09-26 10:00")
    yield from _answered("dispute", "2025-10-10 17:00")
    yield from _asked("dispute-late", Kind.reading_dispute, "2025-10-20 10:00")
    yield from _answered("dispute-late", "2025-10-28 09:00")
    # Five working days from 9 October, with a worked Saturday in them, end on the 15th.
    yield from _asked("test", Kind.meter_test, "2025-10-09 09:00")
    yield from _answered("test", "2025-10-14 10:00")
    # Nobody answers for days: its case climbs to the headquarters.
    yield from _asked("test-late", Kind.meter_test, "2025-10-09 09:30")
    yield from _answered("test-late", "2025-10-20 10:00")
    yield from _asked("paid", Kind.reconnection, "2025-10-18 10:00")
    yield from _answered("paid", "2025-10-18 18:00")
    yield from _asked("paid-late", Kind.reconnection, "2025-10-18 10:00")
    yield from _answered("paid-late", "2025-10-19 12:00")
    # Due while the server sleeps, and answered when it is awake again.
    yield from _asked("branch-hangs", Kind.hazard, "2025-10-15 09:00", urgency=2)
    yield from _answered("branch-hangs", "2025-10-18 08:00")
    # What endangers life is a major event: its case begins at the city's.
    yield from _asked("wire-down", Kind.hazard, "2025-10-10 15:00", urgency=1)
    yield from _answered("wire-down", "2025-10-11 09:00")
    yield from _asked("pole-leans", Kind.hazard, "2025-10-27 09:00", urgency=1)
    yield from _answered("pole-leans", "2025-10-29 08:00")
    yield from _no_access()


def _complaints() -> Iterator[Deed]:
    # Four working days from the eve of the holidays end on 13 October.
    yield from _asked("voltage", Kind.complaint, "2025-09-30 16:00", item="voltage")
    yield _done("voltage", "2025-09-30 17:00", _contact)
    yield _done("voltage", "2025-10-14 09:00", _chase)
    yield from _answered("voltage", "2025-10-18 09:00")
    yield _done("voltage", "2025-10-18 19:00", _call_back)
    yield _done("voltage", "2025-10-18 19:30", _archive)
    # Nobody holds the post; the customer is called late, and is not satisfied.
    yield from _asked("rude", Kind.complaint, "2025-10-20 09:00", item="attitude")
    yield _done("rude", "2025-10-20 09:40", _give)
    yield _done("rude", "2025-10-21 10:00", _contact)
    yield from _answered("rude", "2025-10-23 16:00")
    yield _done("rude", "2025-10-25 10:00", _complain_again)
    yield _done("rude", "2025-10-25 11:00", _contact)
    yield from _answered("rude", "2025-10-27 10:00")
    yield _done("rude", "2025-10-27 15:00", _call_back)
    yield _done("rude", "2025-10-27 15:10", _archive)


def _no_access() -> Iterator[Deed]:
    """Let a crew find two gates locked; it is at one of them again within seven days."""
    skipped = by_crew("crew-1", wall("2025-10-10 09:00"))
    for meter_id, again in zip(METERS, ("2025-10-15 10:00", "2025-10-20 10:00"), strict=True):
        yield Deed(skipped.received_at, _skip(skipped, meter_id))
        yield Deed(wall(again), _read(by_crew("crew-1", wall(again)), meter_id))
    yield contact("crew-1", wall("2025-10-18 00:00"))


def _asked(
    key: str, kind: Kind, at: str, *, item: str | None = None, urgency: int = 3
) -> Iterator[Deed]:
    draft = shapes.RequestDraft(
        key=key, kind=kind, description=key, item=item, urgency=urgency, customer="王芳"
    )
    yield office(at, lambda session, act: requests.open_request(session, act=act, draft=draft))


def _answered(key: str, at: str) -> Iterator[Deed]:
    yield _done(key, at, _answer)


def _done(key: str, at: str, do: _Do) -> Deed:
    return office(at, lambda session, act: do(session, act, _id_of(session, key)))


def _contact(session: Session, act: acts.Act, request_id: str) -> None:
    said = shapes.RequestContacted(words=SAID)
    requests.contact(session, act=act, request_id=request_id, body=said)


def _give(session: Session, act: acts.Act, request_id: str) -> None:
    given = shapes.RequestGiven(person_id="wang", reason=GIVEN)
    requests.give(session, act=act, request_id=request_id, body=given)


def _chase(session: Session, act: acts.Act, request_id: str) -> None:
    requests.chase(session, act=act, request_id=request_id, body=shapes.RequestChased(words=CHASED))


def _answer(session: Session, act: acts.Act, request_id: str) -> None:
    said = shapes.RequestAnswered(words=DONE)
    requests.answer(session, act=act, request_id=request_id, body=said)


def _call_back(session: Session, act: acts.Act, request_id: str) -> None:
    said = shapes.RequestCalledBack(result=Satisfaction.satisfied)
    requests.call_back(session, act=act, request_id=request_id, body=said)


def _complain_again(session: Session, act: acts.Act, request_id: str) -> None:
    said = shapes.RequestCalledBack(result=Satisfaction.dissatisfied, cause=CAUSE)
    requests.call_back(session, act=act, request_id=request_id, body=said)


def _archive(session: Session, act: acts.Act, request_id: str) -> None:
    requests.archive(session, act=act, request_id=request_id)


def _skip(act: acts.Act, meter_id: str) -> Callable[[Session], None]:
    return lambda session: requests.first_visit_failed(
        session, act=act, meter_id=meter_id, crew_id="crew-1", person_id=None
    )


def _read(act: acts.Act, meter_id: str) -> Callable[[Session], None]:
    return lambda session: requests.meter_read(session, act=act, meter_id=meter_id)


def _id_of(session: Session, key: str) -> str:
    return session.query(ServiceRequest).filter_by(district_id=DISTRICT, key=key).one().id
