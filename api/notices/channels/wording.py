"""The words of a mail: what happened, in one line each, and where to look; no personal data.

Times inside of a sentence are the district's own; the line's own time is UTC, and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from schemas.crews import Level
from schemas.errors import Words
from schemas.events import MAILED, EventType
from schemas.notices import Tongue
from schemas.supervision import LEVELS

_TITLES: Final[Mapping[EventType, Words]] = MappingProxyType(
    {
        EventType.SUPERVISION_OPENED: Words(
            en="A supervision case was opened at the level {level}", zh="发起{level}级督办"
        ),
        EventType.SUPERVISION_CLIMBED: Words(
            en="A supervision case climbed to the level {level}", zh="督办升级至{level}级"
        ),
        EventType.PROMISE_BREACHED: Words(en="A promise was broken", zh="服务承诺超时"),
        EventType.REPORT_ISSUED: Words(
            en="A {span} report was issued, from {first_day} to {last_day}",
            zh="{first_day} 至 {last_day} 的统计报表已发布",
        ),
        EventType.NOTICE_DEAD: Words(
            en="A notice by {channel} reached nobody: {why}",
            zh="有一条 {channel} 通知未能送达：{why}",
        ),
        EventType.RECEIVER_PAUSED: Words(
            en="The receiver {name} was paused: {why}", zh="接收方 {name} 已暂停：{why}"
        ),
    }
)
_FOOT: Final = Words(
    en="This mail was written by Lamplighter; nobody reads answers to it.",
    zh="本邮件由 Lamplighter 自动发送，请勿回复。",
)
assert frozenset(_TITLES) == MAILED


class Mail(NamedTuple):
    """A mail's subject and its text."""

    subject: str
    text: str


def mail(told: Sequence[Mapping[str, Any]], *, lang: Tongue, public_url: str) -> Mail:
    """Write a mail about some events.

    Args:
        told: what each says, as its notice keeps it; at least one.
        lang: the receiver's language.
        public_url: where the server is reached; empty where nobody has said so.
    """
    titles = [_title(each, lang) for each in told]
    subject = titles[0]
    if len(told) > 1:
        more = Words(en="{count} events: {first}, and more", zh="{count} 件事项：{first}等")
        subject = _in(more, lang).format(count=len(told), first=titles[0])
    parts = [_part(each, title, lang, public_url) for each, title in zip(told, titles, strict=True)]
    return Mail(subject, "\n\n".join([*parts, _in(_FOOT, lang)]) + "\n")


def _title(told: Mapping[str, Any], lang: Tongue) -> str:
    data = dict(told["data"])
    if "level" in data:
        data["level"] = _in(LEVELS[Level(data["level"])], lang)
    # What stands in a header must be one line, whoever wrote the name that is in it.
    return " ".join(_in(_TITLES[EventType(told["type"])], lang).format_map(data).split())


def _part(told: Mapping[str, Any], title: str, lang: Tongue, public_url: str) -> str:
    at = dt.datetime.fromisoformat(told["time"])
    lines = [f"{at:%Y-%m-%d %H:%M} UTC  {title}"]
    if sentence := told["data"].get(lang):
        lines.append(sentence)
    lines.append(f"{public_url}/v1/{told['subject']}")
    return "\n".join(lines)


def _in(words: Words, lang: Tongue) -> str:
    return words.zh if lang is Tongue.ZH else words.en
