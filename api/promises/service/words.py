"""Sentences about clocks, with their numbers, for people."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.promises.models import Clock, ClockMoment
from api.promises.service import rulebook
from schemas.errors import Words
from schemas.promises import Cause, PolicyPace
from schemas.rules.outlook import Outlook

_SECONDS: Final = 60
_MINUTES: Final = 60
_METRES_PER_KM: Final = 1_000

_CAUSES: Final[Mapping[Cause, Words]] = MappingProxyType(
    {
        Cause.started: Words(en="Started by {event}.", zh="由事件 {event} 开始计时。"),
        Cause.started_earlier: Words(
            en="Starts earlier than was known, by {event}.",
            zh="得知事件 {event} 发生得更早，起算时间提前。",
        ),
        Cause.stopped: Words(en="Stopped by {event}.", zh="由事件 {event} 停止计时。"),
        Cause.unproven: Words(
            en="{event} was reported but not proven; the clock runs on.",
            zh="已报告事件 {event}，但未能证实，继续计时。",
        ),
        Cause.cleared: Words(
            en="Late evidence of {event} cleared the breach.",
            zh="补传的 {event} 证据表明承诺已兑现，超时记录已更正。",
        ),
        Cause.half_gone: Words(en="Half of the time is gone.", zh="时限已过 50%。"),
        Cause.most_gone: Words(en="Four fifths of the time are gone.", zh="时限已过 80%。"),
        Cause.phone_dark: Words(
            en="Due, but the phone in charge has not reported past the deadline; provisional.",
            zh="已到时限，但责任手机尚未同步，暂不定论。",
        ),
        Cause.overdue: Words(en="Overdue by {late}.", zh="已超时 {late}。"),
        Cause.silent: Words(
            en="The phone in charge stayed silent through the grace; overdue by {late}.",
            zh="宽限期内责任手机一直未同步；已超时 {late}。",
        ),
        Cause.handed_over: Words(en="Handed over: {remark}.", zh="转交：{remark}。"),
        Cause.voided: Words(en="The work was withdrawn.", zh="工单已取消。"),
        Cause.paused: Words(
            en="Stands still while the work is suspended: {remark}.",
            zh="工单挂起期间暂停计时：{remark}。",
        ),
        Cause.resumed: Words(
            en="Runs on; it stood still for {remark}.", zh="恢复计时，此前暂停 {remark}。"
        ),
        Cause.calendar: Words(
            en="Due at another time since the year's calendar was published.",
            zh="年度节假日安排公布后，时限已重新计算。",
        ),
        Cause.promised: Words(
            en="Promised to the customer: “{remark}”.", zh="已向客户承诺：“{remark}”。"
        ),
        Cause.reagreed: Words(
            en="Agreed anew with the customer: {remark}.", zh="已与客户重新约定：{remark}。"
        ),
        Cause.withdrawn: Words(
            en="The customer needs it no more: {remark}.", zh="客户不再需要：{remark}。"
        ),
        Cause.attached: Words(en="Now about order {remark}.", zh="已关联工单 {remark}。"),
        Cause.told: Words(en="The customer was told: “{remark}”.", zh="已告知客户：“{remark}”。"),
        Cause.cannot_be_met: Words(
            en="Cannot be met as things stand: {remark}.", zh="按目前情况无法兑现：{remark}。"
        ),
    }
)


def of_moment(moment: ClockMoment) -> Words:
    """Say in one sentence what a line of a ledger records."""
    words = _CAUSES[Cause(moment.cause)]
    english, chinese = _lasting(moment.late_s)
    event = moment.event or "-"
    unsure = moment.error_s > 0
    return Words(
        en=words.en.format(event=event, late=english, remark=moment.remark)
        + (f" (+/- {moment.error_s:.0f} s)" if unsure else ""),
        zh=words.zh.format(event=event, late=chinese, remark=moment.remark)
        + (f"（误差 {moment.error_s:.0f} 秒）" if unsure else ""),
    )


def of_case(clock: Clock, *, zone: str) -> Words:
    """Say in one sentence why a supervision case was opened.

    Args:
        clock: the breached clock.
        zone: IANA time zone in which the office reads times.
    """
    kind = rulebook.kind_words(clock.policy, clock.kind)
    due = _local(clock.due_at, zone)
    if clock.stopped_at is not None:
        english, chinese = _lasting(clock.late_s)
        return Words(
            en=f"{kind.en} was promised by {due} and came {english} late.",
            zh=f"{kind.zh}：承诺时限 {due}，实际超时 {chinese}。",
        )
    silent_en = "" if clock.sure else "; the phone in charge has not been heard since"
    silent_zh = "" if clock.sure else "，责任手机此后未同步"
    return Words(
        en=f"{kind.en} was promised by {due} and has not come{silent_en}.",
        zh=f"{kind.zh}：承诺时限 {due}，至今未兑现{silent_zh}。",
    )


def of_outlook(
    clock: Clock, expected: Outlook, *, at: dt.datetime, policy: PolicyPace, zone: str
) -> Words:
    """Say in one sentence, with its numbers, why a clock cannot be met as things stand.

    Args:
        clock: the clock.
        expected: what is to be expected of its order.
        at: when its event can come.
        policy: how fast crews come along.
        zone: IANA time zone in which the office reads times.
    """
    kind = rulebook.kind_words(clock.policy, clock.kind)
    way_en, way_zh = _lasting(expected.travel_s)
    ahead_en, ahead_zh = _lasting(expected.ahead_s)
    due, then = _local(clock.due_at, zone), _local(at, zone)
    km, factor, speed = expected.way_m / _METRES_PER_KM, policy.detour_factor, policy.speed_kmh
    return Words(
        en=f"{kind.en} is due at {due} and can come at {then} at the earliest: {expected.ahead} "
        f"orders come before it ({ahead_en}), and {km:.1f} km in a straight line, times "
        f"{factor:g} at {speed:g} km/h ({way_en}).",
        zh=f"{kind.zh}：时限 {due}，预计最早 {then}。"
        f"此前还有 {expected.ahead} 张工单（{ahead_zh}），直线 {km:.1f} 公里，"
        f"绕行系数 {factor:g}，时速 {speed:g} 公里（{way_zh}）。",
    )


def numbers_of(expected: Outlook, *, at: dt.datetime, zone: str) -> str:
    """Write an outlook's numbers so that either language can carry them."""
    km = expected.way_m / _METRES_PER_KM
    return f"{km:.1f} km, {expected.ahead} + 1, {_local(at, zone)}"


def _local(instant: dt.datetime, zone: str) -> str:
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _lasting(late_s: float) -> tuple[str, str]:
    """Say how long something lasts, in English and Chinese."""
    minutes, seconds = divmod(int(late_s), _SECONDS)
    hours, minutes = divmod(minutes, _MINUTES)
    if hours:
        return f"{hours} h {minutes} min", f"{hours} 小时 {minutes} 分钟"
    if minutes:
        return f"{minutes} min", f"{minutes} 分钟"
    return f"{seconds} s", f"{seconds} 秒"
