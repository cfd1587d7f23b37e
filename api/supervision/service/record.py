"""The record of a case: what happened to it, in lines that are only added, and its sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.supervision import store
from api.supervision.models import Case, CaseMoment
from schemas.crews import Level
from schemas.errors import Words
from schemas.supervision import CaseEvent

LEVELS: Final[Mapping[Level, Words]] = MappingProxyType(
    {
        Level.DISTRICT: Words(en="district", zh="区县"),
        Level.CITY: Words(en="city", zh="地市"),
        Level.PROVINCE: Words(en="province", zh="省公司"),
        Level.HEADQUARTERS: Words(en="headquarters", zh="总部"),
    }
)
_SENTENCES: Final[Mapping[CaseEvent, Words]] = MappingProxyType(
    {
        CaseEvent.opened: Words(
            en="Opened at the level {level}.", zh="发起督办，由{level}级督办。"
        ),
        CaseEvent.climbed: Words(
            en="Nobody ended it in time; climbed to the level {level}.",
            zh="逾期未办结，升级至{level}级督办。",
        ),
        CaseEvent.raised: Words(
            en="Raised to the level {level}: {remark}.", zh="提级至{level}级督办：{remark}。"
        ),
        CaseEvent.chased: Words(en="Chased: {remark}.", zh="催办：{remark}。"),
        CaseEvent.acknowledged: Words(en="Taken up: {remark}.", zh="已受理：{remark}。"),
        CaseEvent.ended: Words(
            en="What was promised came late, or was withdrawn; it climbs no more.",
            zh="承诺事项已逾期完成或已撤回，不再升级。",
        ),
        CaseEvent.appealed: Words(en="Appealed: {remark}.", zh="提出申诉：{remark}。"),
        CaseEvent.upheld: Words(
            en="The appeal was upheld: {remark}. The case counts nowhere.",
            zh="申诉成立：{remark}。不计入考核。",
        ),
        CaseEvent.rejected: Words(
            en="The appeal was rejected: {remark}.", zh="申诉不成立：{remark}。"
        ),
        CaseEvent.action_set: Words(en="To be done: {remark}.", zh="整改措施：{remark}。"),
        CaseEvent.action_done: Words(en="Done: {remark}.", zh="整改完成：{remark}。"),
        CaseEvent.closed: Words(en="Closed: {remark}.", zh="办结：{remark}。"),
        CaseEvent.cleared: Words(
            en="Late evidence showed the promise kept; the case counts nowhere.",
            zh="补传证据表明承诺已兑现，督办撤销，不计入考核。",
        ),
        CaseEvent.reopened: Words(
            en="What is known by now shows the promise broken after all.",
            zh="现有证据表明承诺确未兑现，督办恢复。",
        ),
    }
)


def write(
    session: Session,
    *,
    act: Act,
    case: Case,
    event: CaseEvent,
    at: dt.datetime | None = None,
    remark: str = "",
    reached: str | None = None,
) -> None:
    """Write one line into a case's record.

    Args:
        session: the unit of work.
        act: who did it.
        case: as it stands after it.
        event: what happened.
        at: when; by default, when the act did.
        remark: the words that came with it.
        reached: the level that it brought the case to, if it did.
    """
    store.write_moment(
        session,
        {
            "district_id": case.district_id,
            "id": act.new_id(),
            "case_id": case.id,
            "at": at or act.happened.at,
            "heard_at": act.received_at,
            "event": str(event),
            "level": case.level,
            "unit_id": case.unit_id,
            "reached": reached,
            "by": act.principal.person_id,
            "remark": remark,
        },
    )


def sentence(moment: CaseMoment) -> Words:
    """Say in one sentence what a line of a record tells."""
    words, level = _SENTENCES[CaseEvent(moment.event)], LEVELS[Level(moment.level)]
    remark = moment.remark.rstrip(".。")
    return Words(
        en=words.en.format(level=level.en, remark=remark),
        zh=words.zh.format(level=level.zh, remark=remark),
    )
