"""The course of a request: given, contacted, answered, called back, archived; or withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy.exc
import structlog
from sqlalchemy.orm import Session

from api import db, reasons
from api.acts import Act, Happened
from api.crews import service as crews
from api.errors import NotFound, Stale
from api.requests import store
from api.requests.models import ServiceRequest
from api.requests.service import clocks, opening, timeline
from api.supervision import service as supervision
from schemas import base, requests
from schemas import supervision as supervised
from schemas.errors import Refused
from schemas.rules import requests as rules
from schemas.rules.requests import ENDS, Event, Kind, State
from schemas.tasks import Satisfaction

_log = structlog.get_logger()


class NotPossible(Refused):
    """The request cannot do this from where it stands. Look at its state, do what is possible."""

    code = "request-not-possible"
    status = 409
    en = "{event} is not possible while the request is {state}; possible now: {possible}."
    zh = "诉求处于“{state_zh}”状态，不能{event_zh}；目前可执行：{possible_zh}。"


class NotSatisfied(Refused):
    """The customer has not been asked yet. Call back, enter the result, then archive."""

    code = "request-not-called-back"
    status = 409
    en = "The customer has not been called back about the request {id}; enter the result first."
    zh = "诉求 {id} 尚未回访客户；请先录入回访结果。"


class ToldAtOdd(Refused):
    """It cannot have happened before the request, nor in the future. Check the time."""

    code = "told-at-odd"
    status = 422
    en = "{at} lies before the request or in the future."
    zh = "{at} 早于诉求受理时间或晚于当前时间。"


def give(
    session: Session, *, act: Act, request_id: str, body: requests.RequestGiven
) -> ServiceRequest:
    """Give a request to a person, for a concrete reason.

    Raises:
        NotFound: there is no such request, or no such person for the actor.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: the reason says nothing.
        OwnerGone: the person has left.
        NotPossible: it is answered or settled.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    reasons.require_concrete(body.reason)
    person = crews.get_answerable(session, act=act, person_id=body.person_id)
    if person.left_at is not None:
        raise supervision.OwnerGone(who=person.id)
    _move(request, Event.dispatch, at=act.happened.at)
    request.person_id, request.crew_id = person.id, None
    request.why_en = request.why_zh = body.reason
    clocks.hand_over(session, act=act, request=request)
    detail = {"person_id": person.id, "reason": body.reason}
    return _told(session, act, request, Event.dispatch, detail)


def contact(
    session: Session, *, act: Act, request_id: str, body: requests.RequestContacted
) -> ServiceRequest:
    """Write down that the customer was spoken to.

    Raises:
        NotFound: there is no such request.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: the words say nothing.
        ToldAtOdd: it lies before the request or in the future.
        NotPossible: it is no complaint, nobody has it, or it was done.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    reasons.require_concrete(body.words)
    told = _at(act, request, body.at)
    _move(request, Event.contact, at=told.happened.at)
    return _told(session, told, request, Event.contact, {"words": body.words})


def answer(
    session: Session, *, act: Act, request_id: str, body: requests.RequestAnswered
) -> ServiceRequest:
    """Write down what was done and answered; what is no complaint is archived by that.

    Raises:
        NotFound: there is no such request, or no such file.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: the words say nothing.
        ToldAtOdd: it lies before the request or in the future.
        NotPossible: a complaint's customer was not contacted, or it is answered.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    reasons.require_concrete(body.words)
    told = _at(act, request, body.at)
    return end(session, act=told, request=request, words=body.words, evidence_id=body.evidence_id)


def end(
    session: Session,
    *,
    act: Act,
    request: ServiceRequest,
    words: str,
    evidence_id: str | None = None,
) -> ServiceRequest:
    """Let a request be answered when the act happened.

    Raises:
        NotFound: there is no such file.
        NotPossible: it cannot be answered from where it stands.
    """
    _move(request, Event.answer, at=act.happened.at)
    try:
        with db.savepoint(session):
            request.answer, request.evidence_id = words, evidence_id
    except sqlalchemy.exc.IntegrityError as error:
        raise NotFound(what="evidence file", id=evidence_id) from error
    clocks.note(session, act=act, request=request, event=ENDS[Kind(request.kind)])
    detail = {"words": words, "evidence_id": evidence_id}
    timeline.write(session, act=act, request=request, event=Event.answer, detail=detail)
    return _audited(session, act, request, Event.answer)


def call_back(
    session: Session, *, act: Act, request_id: str, body: requests.RequestCalledBack
) -> ServiceRequest:
    """Enter what the customer said; one who is not satisfied reopens it, one unit up.

    Raises:
        NotFound: there is no such request.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: a dissatisfied customer's cause says nothing.
        NotPossible: it is no complaint, or not answered.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    satisfied = body.result is Satisfaction.satisfied
    if not satisfied:
        reasons.require_concrete(body.cause)
    _move(request, Event.call_back, at=act.happened.at)
    request.result, request.cause = str(body.result), body.cause
    detail = {"result": str(body.result), "cause": body.cause, "note": body.note}
    _told(session, act, request, Event.call_back, detail)
    if not satisfied:
        _reopen(session, act, request, cause=body.cause)
    return request


def archive(session: Session, *, act: Act, request_id: str) -> ServiceRequest:
    """Put an answered complaint away, once the customer was called back.

    Raises:
        NotFound: there is no such request.
        Stale: it changed since the actor looked.
        NotSatisfied: nobody has asked the customer.
        NotPossible: it is not answered, or settled.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    if request.state == State.answered:
        raise NotSatisfied(id=request.id)
    _move(request, Event.archive, at=act.happened.at)
    timeline.write(session, act=act, request=request, event=Event.archive)
    return _audited(session, act, request, Event.archive)


def withdraw(
    session: Session, *, act: Act, request_id: str, body: requests.RequestWithdrawn
) -> ServiceRequest:
    """Call a request off, for a concrete reason; its clocks count no more.

    Raises:
        NotFound: there is no such request.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: the reason says nothing.
        NotPossible: it is answered or settled.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    reasons.require_concrete(body.reason)
    _move(request, Event.withdraw, at=act.happened.at)
    clocks.note(session, act=act, request=request, event=clocks.CANCEL)
    detail = {"reason": body.reason}
    timeline.write(session, act=act, request=request, event=Event.withdraw, detail=detail)
    return _audited(session, act, request, Event.withdraw)


def chase(
    session: Session, *, act: Act, request_id: str, body: requests.RequestChased
) -> ServiceRequest:
    """Ask again about an open request (催办): on its timeline, and into its open cases.

    Raises:
        NotFound: there is no such request.
        Stale: it changed since the actor looked.
        NotPossible: it is settled.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    if request.state in rules.SETTLED:
        raise _not_possible(request, timeline.CHASE, "催办")
    timeline.write(
        session, act=act, request=request, event=timeline.CHASE, detail={"words": body.words}
    )
    supervision.chase_subject(session, act=act, subject_id=request.id, words=body.words)
    return _audited(session, act, request, timeline.CHASE)


def set_action(
    session: Session, *, act: Act, request_id: str, body: supervised.ActionDraft
) -> supervised.Action:
    """Set a corrective action that follows from a request, whether or not a promise was broken.

    Raises:
        NotFound: there is no such request, or no such person for the actor.
        Stale: it changed since the actor looked.
        ReasonNotConcrete: the words say nothing.
        OwnerGone: the owner has left.
        DueInPast: the day is over.
    """
    request = get_to_change(session, act=act, request_id=request_id)
    action = supervision.set_action_on(session, act=act, subject_id=request.id, body=body)
    detail = {"action_id": action.id, "what": body.what}
    timeline.write(session, act=act, request=request, event=timeline.ACTION, detail=detail)
    return action


def get_to_change(session: Session, *, act: Act, request_id: str) -> ServiceRequest:
    """Get a request to change it; nobody else changes it until this work ends.

    Raises:
        NotFound: there is none with this id.
        Stale: the act is based on an older version.
    """
    request = store.lock(session, district_id=act.district_id, request_id=request_id)
    if request is None:
        raise NotFound(what="request", id=request_id)
    if act.based_on is not None and act.based_on != request.version:
        raise Stale(yours=act.based_on, current=request.version)
    return request


def _reopen(session: Session, act: Act, request: ServiceRequest, *, cause: str) -> None:
    """Bring a complaint back, to who holds its post one unit up."""
    _move(request, Event.reopen, at=act.happened.at)
    upward = crews.list_upward(session, unit_id=request.unit_id)
    request.unit_id = upward[min(1, len(upward) - 1)].id
    request.turn, request.person_id = request.turn + 1, None
    request.answer, request.evidence_id = "", None
    clocks.note(session, act=act, request=request, event=clocks.REOPEN)
    detail = {"cause": cause, "unit_id": request.unit_id}
    timeline.write(session, act=act, request=request, event=Event.reopen, detail=detail)
    opening.land(session, act=act, request=request)
    _log.info("request.reopened", request_id=request.id, unit_id=request.unit_id)


def _told(
    session: Session,
    act: Act,
    request: ServiceRequest,
    event: Event,
    detail: Mapping[str, object],
) -> ServiceRequest:
    """Tell the clocks and the timeline what happened."""
    clocks.note(session, act=act, request=request, event=event)
    timeline.write(session, act=act, request=request, event=event, detail=detail)
    return _audited(session, act, request, event)


def _move(request: ServiceRequest, event: Event, *, at: dt.datetime) -> None:
    to = rules.move(Kind(request.kind), State(request.state), event)
    if to is None:
        raise _not_possible(request, event, requests.EVENT_ZH[event])
    request.state, request.state_at = str(to), at


def _not_possible(request: ServiceRequest, event: str, event_zh: str) -> NotPossible:
    kind, state = Kind(request.kind), State(request.state)
    possible = rules.events_from(kind, state)
    return NotPossible(
        event=event,
        event_zh=event_zh,
        state=state,
        state_zh=requests.STATE_ZH[state],
        possible=", ".join(possible) or "-",
        possible_zh="、".join(requests.EVENT_ZH[each] for each in possible) or "无",
    )


def _at(act: Act, request: ServiceRequest, at: dt.datetime | None) -> Act:
    """Take an act at the time that it is told to have happened."""
    if at is None:
        return act
    if not request.opened_at <= at <= act.received_at:
        raise ToldAtOdd(at=base.rfc3339(at))
    return act._replace(happened=Happened(at=at))


def _audited(session: Session, act: Act, request: ServiceRequest, event: str) -> ServiceRequest:
    detail = {"state": request.state, "person_id": request.person_id}
    crews.audit(session, act=act, what=f"request.{event}", subject_id=request.id, detail=detail)
    return request
