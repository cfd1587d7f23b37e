"""Questions of service requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import Session

from api import columns
from api.requests.models import Post, RequestEvent, ServiceRequest
from schemas.requests import RequestFilter
from schemas.rules.requests import SETTLED, Kind, State

POSTS_MAX: Final = 200
OF_METER_MAX: Final = 100
IDS_MAX: Final = 500


class Key(NamedTuple):
    """Where a page starts: the instant and the id of the last row before it."""

    at: dt.datetime
    id: str


def find(session: Session, *, district_id: str, request_id: str) -> ServiceRequest | None:
    """Find a request by its id."""
    return session.get(ServiceRequest, (district_id, request_id))


def lock(session: Session, *, district_id: str, request_id: str) -> ServiceRequest | None:
    """Find a request, and keep it from others until the work is done."""
    return session.get(ServiceRequest, (district_id, request_id), with_for_update=True)


def find_by_key(
    session: Session, *, district_id: str, reporter_id: str, key: str
) -> ServiceRequest | None:
    """Find what somebody asked for under a key of their own."""
    question = select(ServiceRequest).where(
        ServiceRequest.district_id == district_id,
        ServiceRequest.reporter_id == reporter_id,
        ServiceRequest.key == key,
    )
    return session.scalars(question).one_or_none()


def lock_open_of_meter(
    session: Session, *, district_id: str, meter_id: str, kind: Kind
) -> Sequence[ServiceRequest]:
    """Bring the open requests of a kind about a meter, locked in the order of their ids."""
    question = (
        select(ServiceRequest)
        .where(
            ServiceRequest.district_id == district_id,
            ServiceRequest.meter_id == meter_id,
            ServiceRequest.kind == kind,
            ServiceRequest.state.not_in(SETTLED),
        )
        .order_by(ServiceRequest.id)
        .limit(OF_METER_MAX)
        .with_for_update()
    )
    return session.scalars(question).all()


def list_awaited(session: Session, *, district_id: str, meter_ids: Collection[str]) -> set[str]:
    """Tell which of some meters an open request without access is about."""
    question = select(ServiceRequest.meter_id).where(
        ServiceRequest.district_id == district_id,
        ServiceRequest.meter_id.in_(meter_ids),
        ServiceRequest.kind == Kind.no_access,
        ServiceRequest.state.not_in(SETTLED),
    )
    return {str(meter_id) for meter_id in session.scalars(question)}


class Waiting(NamedTuple):
    """A meter that waits for a second visit, since when, and who holds its request."""

    meter_id: str
    since: dt.datetime
    crew_id: str | None
    person_id: str | None


def list_waiting(
    session: Session, *, district_id: str, before_at: dt.datetime, limit: int
) -> list[Waiting]:
    """List meters that wait for a second visit since before an instant, by who holds them."""
    question = (
        select(
            ServiceRequest.meter_id,
            ServiceRequest.opened_at,
            ServiceRequest.crew_id,
            ServiceRequest.person_id,
        )
        .where(
            ServiceRequest.district_id == district_id,
            ServiceRequest.kind == Kind.no_access,
            ServiceRequest.state.not_in(SETTLED),
            ServiceRequest.meter_id.is_not(None),
            ServiceRequest.opened_at < before_at,
        )
        .order_by(
            ServiceRequest.crew_id,
            ServiceRequest.person_id,
            ServiceRequest.opened_at,
            ServiceRequest.id,
        )
        .limit(limit)
    )
    return [
        Waiting(str(meter_id), since, crew_id, person_id)
        for meter_id, since, crew_id, person_id in session.execute(question)
    ]


def list_without_access(
    session: Session, *, district_id: str, meter_ids: Collection[str]
) -> Sequence[ServiceRequest]:
    """List the requests for second visits to some meters, open and settled."""
    question = select(ServiceRequest).where(
        ServiceRequest.district_id == district_id,
        ServiceRequest.meter_id.in_(meter_ids),
        ServiceRequest.kind == Kind.no_access,
        ServiceRequest.state != State.withdrawn,
    )
    return session.scalars(question).all()


def list_answers(session: Session, *, district_id: str, ids: Sequence[str]) -> dict[str, str]:
    """List the answers of those of some requests that are settled."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), IDS_MAX):
        question = select(ServiceRequest.id, ServiceRequest.answer).where(
            ServiceRequest.district_id == district_id,
            ServiceRequest.id.in_(ids[start : start + IDS_MAX]),
            ServiceRequest.state.in_(SETTLED),
        )
        found.update((request_id, answer) for request_id, answer in session.execute(question))
    return found


def page(
    session: Session,
    *,
    district_id: str,
    wanted: RequestFilter,
    after: Key | None,
    limit: int,
) -> Sequence[ServiceRequest]:
    """List requests by when they were opened."""
    question = select(ServiceRequest).where(ServiceRequest.district_id == district_id)
    if wanted.state is not None:
        question = question.where(ServiceRequest.state == wanted.state)
    elif wanted.settled:
        question = question.where(ServiceRequest.state.in_(SETTLED))
    else:
        question = question.where(ServiceRequest.state.not_in(SETTLED))
    question = question.where(*_named(wanted))
    if after is not None:
        place = tuple_(ServiceRequest.opened_at, ServiceRequest.id)
        question = question.where(place > tuple_(*_bound(after)))
    ordered = question.order_by(ServiceRequest.opened_at, ServiceRequest.id)
    return session.scalars(ordered.limit(limit)).all()


def list_events(
    session: Session, *, district_id: str, request_id: str, after_number: int, limit: int
) -> Sequence[RequestEvent]:
    """List a stretch of a timeline, oldest first."""
    question = (
        select(RequestEvent)
        .where(
            RequestEvent.district_id == district_id,
            RequestEvent.request_id == request_id,
            RequestEvent.number > after_number,
        )
        .order_by(RequestEvent.number)
        .limit(limit)
    )
    return session.scalars(question).all()


def find_post(session: Session, *, unit_id: str, post: str) -> Post | None:
    """Find who holds a post of a unit."""
    return session.get(Post, (unit_id, post))


def list_posts(session: Session, *, unit_id: str) -> Sequence[Post]:
    """List who holds the posts of a unit."""
    question = select(Post).where(Post.unit_id == unit_id).order_by(Post.post).limit(POSTS_MAX)
    return session.scalars(question).all()


def _named(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    """Say what a question names besides the state."""
    named: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (ServiceRequest.kind, wanted.kind),
            (ServiceRequest.item, wanted.item),
            (ServiceRequest.person_id, wanted.person_id),
            (ServiceRequest.unit_id, wanted.unit_id),
        )
        if value is not None
    ]
    if wanted.unassigned is not None:
        nobody = ServiceRequest.person_id.is_(None)
        named.append(nobody if wanted.unassigned else ~nobody)
    return named


def _bound(key: Key) -> tuple[ColumnElement[dt.datetime], ColumnElement[str]]:
    """Bind a key by its columns' own types, so that instants compare as they are stored."""
    return literal(key.at, columns.InstantType()), literal(key.id)
