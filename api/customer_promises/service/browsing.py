"""What the office sees of promises to customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.customer_promises import store
from api.customer_promises.models import CustomerPromise, PromiseWindow, Telling
from api.errors import NotFound
from api.promises import service as promises
from schemas import customer_promises as shapes
from schemas.customer_promises import Ending
from schemas.promises import Clock
from schemas.rules import windows
from schemas.rules.clocks import State

Key = store.Key


def list_promises(
    session: Session,
    *,
    act: Act,
    task_id: str | None,
    service_point_id: str | None,
    due_before: dt.datetime | None,
    behind: Key | None,
    limit: int,
) -> list[shapes.CustomerPromise]:
    """List promises by when they are due; None asks for all."""
    rows = store.list_promises(
        session,
        district_id=act.district_id,
        task_id=task_id,
        service_point_id=service_point_id,
        due_before=due_before,
        behind=behind,
        limit=limit,
    )
    return _views(session, act.district_id, rows)


def get_promise(session: Session, *, act: Act, promise_id: str) -> shapes.CustomerPromise:
    """Get one promise with its windows, and with what the customer was told.

    Raises:
        NotFound: there is none with this id.
    """
    promise = store.find_promise(session, district_id=act.district_id, promise_id=promise_id)
    if promise is None:
        raise not_found(promise_id)
    return view(session, promise)


def view(session: Session, promise: CustomerPromise) -> shapes.CustomerPromise:
    """Show a promise as it stands in this unit of work."""
    db.write_queued(session)
    return _views(session, promise.district_id, [promise])[0]


def views_of(
    session: Session, *, district_id: str, ids: Collection[str]
) -> Mapping[str, shapes.CustomerPromise]:
    """Show some promises by their ids."""
    rows = store.list_by_ids(session, district_id=district_id, ids=ids)
    return {each.id: each for each in _views(session, district_id, rows)}


def not_found(promise_id: str) -> NotFound:
    """Say the same of a promise that is not there and of one that is not theirs."""
    return NotFound(what="promise", id=promise_id)


def _views(
    session: Session, district_id: str, rows: Sequence[CustomerPromise]
) -> list[shapes.CustomerPromise]:
    """Show promises with one question for each kind of thing that belongs to them."""
    promise_ids = [row.id for row in rows]
    agreed: dict[str, list[PromiseWindow]] = defaultdict(list)
    for window in store.list_windows(session, district_id=district_id, promise_ids=promise_ids):
        agreed[window.promise_id].append(window)
    told: dict[str, list[Telling]] = defaultdict(list)
    for telling in store.list_tellings(session, district_id=district_id, promise_ids=promise_ids):
        told[telling.promise_id].append(telling)
    clocks = promises.clocks_by_id(
        session,
        district_id=district_id,
        ids=[each.clock_id for one in agreed.values() for each in one if each.clock_id],
    )
    return [_view(row, agreed[row.id], told[row.id], clocks) for row in rows]


def _view(
    row: CustomerPromise,
    agreed: Sequence[PromiseWindow],
    told: Sequence[Telling],
    clocks: Mapping[str, Clock],
) -> shapes.CustomerPromise:
    holding = [window for window in agreed if window.clock_id is not None][-1]
    shown = [_window(window, clocks, holds=window is holding) for window in agreed]
    return shapes.CustomerPromise(
        id=row.id,
        task_id=row.task_id,
        service_point_id=row.service_point_id,
        customer=row.customer,
        contact=row.contact,
        aim=windows.Aim(row.aim),
        given_by=row.given_by,
        given_at=row.given_at,
        due_at=row.due_at,
        ending=next(each.ending for each in shown if each.id == holding.id),
        told_before_due=any(each.before_due and each.at >= holding.at for each in told),
        windows=shown,
        tellings=[msgspec.convert(each, shapes.Telling, from_attributes=True) for each in told],
    )


def _window(
    row: PromiseWindow, clocks: Mapping[str, Clock], *, holds: bool
) -> shapes.PromiseWindow:
    clock = clocks[row.clock_id] if row.clock_id else None
    return shapes.PromiseWindow(
        id=row.id,
        number=row.number,
        from_at=row.from_at,
        due_at=row.due_at,
        words=row.words,
        channel=shapes.ContactWay(row.channel),
        by=row.by,
        at=row.at,
        received_at=row.received_at,
        consent=msgspec.convert(row.consent, shapes.Consent) if row.consent else None,
        why=row.why,
        clock_id=row.clock_id,
        ending=_ending(clock, holds=holds),
        sure=clock is None or clock.sure,
    )


def _ending(clock: Clock | None, *, holds: bool) -> Ending:
    """Say how a window stands by its clock."""
    if clock is None:
        return Ending.OVERTAKEN
    match clock.state:
        case State.running | State.warned_50 | State.warned_80 | State.paused:
            return Ending.OPEN
        case State.provisional:
            return Ending.PROVISIONAL
        case State.kept:
            return Ending.KEPT
        case State.breached:
            return Ending.BROKEN
        case State.void:
            return Ending.WITHDRAWN if holds else Ending.REAGREED
