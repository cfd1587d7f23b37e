"""What an order says of itself is corrected: by its crew field by field, by the office at its desk.

Both values of a field that both sides changed stand on the timeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.sites import service as sites
from api.tasks.models import Task
from api.tasks.service import access, hearing, timeline
from schemas import amending, tasks
from schemas.errors import Refused
from schemas.places import Position
from schemas.rules import transitions

_log = structlog.get_logger()
_AMEND_ZH: Final = "更正"
_SITE_WORDS: Final = ("address", "access_note")


class NothingAmended(Refused):
    """No field is named. Name at least one, with what it shall say."""

    code = "nothing-amended"
    status = 422
    en = "Name at least one field to change."
    zh = "请至少指定一个要修改的字段。"


class FieldsMerged(Refused):
    """The office had changed the same fields meanwhile. Look at what the order says now."""

    code = "fields-merged"
    status = 409
    outcome = "merged"
    en = "The office had changed {fields} meanwhile; both are on the timeline: see the order now."
    zh = "调度室在此期间也修改了{fields_zh}；双方内容均已记入工单时间线，请查看工单。"


class SiteNeedsPosition(Refused):
    """The order has no site yet. Give its position with the words for it."""

    code = "site-needs-position"
    status = 422
    en = "The order has no site yet; give its position too."
    zh = "该工单尚无现场位置，请同时填写位置。"


class AlreadySettled(Refused):
    """The order is archived or cancelled; nothing about it changes any more."""

    code = "already-settled"
    status = 409
    en = "The order is {state}; nothing about it changes any more."
    zh = "工单{state_zh}，不能再修改。"


def amend(session: Session, *, act: Act, subject_id: str, body: tasks.Amended) -> Refused | None:
    """Correct what the crew found otherwise than the order says, field by field.

    Raises:
        WaitsForOrder: it never was theirs, as far as is known (at a door: NotFound).
        NothingAmended: no field is named.
        OddPosition: the position can be no place of work.
        WrongDatum: its datum means nothing there.
    """
    task = access.get_for_field(session, act=act, task_id=subject_id)
    named = {name: each for name in amending.FIELD_ZH if (each := getattr(body, name)) is not None}
    if not named:
        raise NothingAmended
    if body.position is not None:
        _check_position(body.position.set)
    told: dict[str, object] = {name: msgspec.to_builtins(each) for name, each in named.items()}
    reason = _why_not(session, act, task)
    if reason is not None:
        _write(session, act, task, told, remark=reason.code.replace("-", "_"))
        return hearing.remark(reason, task, event=timeline.AMEND, event_zh=_AMEND_ZH)
    radius_m = _radius_m(session, act)
    amendment = amending.amend(_facts(task), body, radius_m=radius_m)
    _take(task, amendment.facts)
    for name, merged in amendment.merged.items():
        told[name] = {
            **msgspec.to_builtins(named[name]),
            "way": merged.way,
            "now": msgspec.to_builtins(merged.value),
        }
    overtaken = amendment.overtaken
    _write(session, act, task, told, remark="fields_merged" if overtaken else "")
    if not overtaken:
        return None
    return FieldsMerged(
        task_id=task.id,
        fields=", ".join(overtaken),
        fields_zh="、".join(amending.FIELD_ZH[name] for name in overtaken),
    )


def edit(session: Session, *, act: Act, task: Task, body: tasks.Edited) -> None:
    """Change what an order says of itself, at the office's desk; what was is on the timeline.

    Raises:
        NothingAmended: no field is named.
        AlreadySettled: the order is archived or cancelled.
        SiteNeedsPosition: words for a site that is nowhere.
        OddPosition: the position can be no place of work.
        WrongDatum: its datum means nothing there.
    """
    named = {
        name: value for name, value in msgspec.structs.asdict(body).items() if value is not None
    }
    if not named:
        raise NothingAmended
    refuse_settled(task)
    site = _edited_site(session, act, task, body)
    before = _told(task)
    task.title = named.get("title", task.title)
    contact, note = named.get("contact", task.contact), named.get("note", task.note)
    _take(task, amending.Facts(contact, note, site))
    after = _told(task)
    detail = {
        name: {"was": before[name], "now": after[name]}
        for name in before
        if before[name] != after[name]
    }
    timeline.write(session, act=act, task=task, event=timeline.EDIT, detail=detail)
    _log.info("task.edited", task_id=task.id, fields=sorted(detail))


def refuse_settled(task: Task) -> None:
    """Let pass an order that somebody still has something to do with.

    Raises:
        AlreadySettled: it is archived or cancelled.
    """
    state = transitions.State(task.state)
    if transitions.is_settled(state):
        raise AlreadySettled(state=state, state_zh=tasks.STATE_ZH[state])


def _edited_site(
    session: Session, act: Act, task: Task, body: tasks.Edited
) -> tasks.WorkSite | None:
    """Give an order's site as the office wants it."""
    site = task.work_site
    if body.position is not None:
        _check_position(body.position)
        site = amending.site_at(site, body.position, radius_m=_radius_m(session, act))
    words = {name: each for name in _SITE_WORDS if (each := getattr(body, name)) is not None}
    if site is None:
        if words:
            raise SiteNeedsPosition
        return None
    return msgspec.structs.replace(site, **words)


def _why_not(session: Session, act: Act, task: Task) -> type[Refused] | None:
    """Say why a correction is kept and changes nothing, if so."""
    if not access.may_move(session, act, task):
        return hearing.NoLongerYours
    return hearing.Overtaken if transitions.is_settled(transitions.State(task.state)) else None


def _facts(task: Task) -> amending.Facts:
    return amending.Facts(task.contact, task.note, task.work_site)


def _take(task: Task, facts: amending.Facts) -> None:
    """Write an order's facts back."""
    task.contact, task.note = facts.contact, facts.note
    site = msgspec.to_builtins(facts.site)
    if site != task.site:
        task.site = site


def _told(task: Task) -> dict[str, Any]:
    """Say what an order says of itself, as plain values."""
    site = task.work_site
    return {
        "title": task.title,
        "contact": task.contact,
        "note": task.note,
        "address": site.address if site else "",
        "access_note": site.access_note if site else "",
        "position": msgspec.to_builtins(amending.position_of(site)),
    }


def _radius_m(session: Session, act: Act) -> float:
    return sites.get_district(session, district_id=act.district_id).radius_m


def _check_position(position: Position) -> None:
    sites.ground.check_position(
        lat_deg=position.lat_deg, lon_deg=position.lon_deg, datum=position.datum
    )


def _write(
    session: Session, act: Act, task: Task, detail: Mapping[str, object], *, remark: str
) -> None:
    timeline.write(session, act=act, task=task, event=timeline.AMEND, detail=detail, remark=remark)
