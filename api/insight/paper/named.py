"""What a report calls things: titles of figures, names of groups, headings, in both languages.

A report itself has ids only, so that it stays the same; names are those of today.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.errors import Words
from schemas.figures import By, Count, Definition, Measure, Span

_MINUTE_S: Final = 60
_HOUR_MIN: Final = 60
NOTHING: Final = "–"


class Lang(enum.StrEnum):
    """The language that a report is read in."""

    en = "en"
    zh = "zh"


HEADINGS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "figure": Words(en="Figure", zh="指标"),
        "code": Words(en="Code", zh="代码"),
        "part": Words(en="Part", zh="口径"),
        "counted": Words(en="Counted", zh="计数"),
        "whole": Words(en="whole", zh="全部"),
        "before": Words(en="period before", zh="上期"),
        "day": Words(en="day", zh="日"),
        "unit": Words(en="unit", zh="单位"),
        "crew": Words(en="crew", zh="班组"),
        "area": Words(en="area", zh="供电服务区域"),
        "cause": Words(en="cause", zh="故障原因"),
        "reader": Words(en="reader", zh="抄表员"),
        "route": Words(en="route", zh="抄表路线"),
        "id": Words(en="Id", zh="编号"),
        "name": Words(en="Name", zh="名称"),
        "from": Words(en="From", zh="起"),
        "to": Words(en="To", zh="止"),
        "value": Words(en="Value", zh="值"),
        "numerator": Words(en="Numerator", zh="分子"),
        "denominator": Words(en="Denominator", zh="分母"),
        "undecided": Words(en="Undecided", zh="未定"),
        "provisional": Words(en="Of them provisional", zh="其中待定"),
        "place": Words(en="Place", zh="名次"),
        "small": Words(en="Too few to judge", zh="样本过少"),
        "yes": Words(en="yes", zh="是"),
        "of": Words(en="{numerator} of {denominator}", zh="{numerator} / {denominator}"),
        "over": Words(en="over {denominator}", zh="共 {denominator} 项"),
        "days": Words(en="By day", zh="逐日"),
        "best": Words(en="Places by {by}", zh="按{by}排名"),
        "weekly": Words(en="Weekly report of service", zh="供电服务周报"),
        "monthly": Words(en="Monthly report of service", zh="供电服务月报"),
        "as_of": Words(
            en="As of {as_of}: evidence that came later is not in it.",
            zh="统计截至 {as_of}；此后补传的证据未计入。",
        ),
        "waits": Words(
            en="{undecided} undecided, {provisional} provisional",
            zh="{undecided} 项未定，其中 {provisional} 项待定",
        ),
        "none": Words(en="none", zh="无"),
        "nothing": Words(en="Nothing to count: {titles}.", zh="本期无数据：{titles}。"),
        "page": Words(
            en="Provisional promises are neither kept nor broken. A share of fewer than {few} "
            "is marked * and has no place.",
            zh="待定承诺既不计入兑现，也不计入超时。分母少于 {few} 的指标以 * 标注，不参与排名。",
        ),
        "hash": Words(en="SHA-256 of the report", zh="报表 SHA-256"),
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whose report it is, what its figures and groups are called, and in which language."""

    lang: Lang
    unit: str
    definitions: Mapping[str, Definition]
    groups: Mapping[By, Mapping[str, str]]

    def say(self, heading: str, **told: object) -> str:
        """Give a heading, with what it tells."""
        return self.words(HEADINGS[heading]).format_map(told)

    def words(self, words: Words) -> str:
        """Give words in the report's language."""
        return words.zh if self.lang is Lang.zh else words.en

    def title(self, code: str) -> str:
        """Call a figure by its title; one that is not known any more, by its code."""
        known = self.definitions.get(code)
        return code if known is None else self.words(known.title)

    def group(self, by: str, group_id: str | None) -> str:
        """Call a group by its name, or else by its id."""
        if group_id is None:
            return self.say("none")
        return self.groups.get(By(by), {}).get(group_id, group_id)

    def span(self, span: Span) -> str:
        """Say what sort of report it is."""
        return self.say(str(span))


def shown(count: Count, measure: Measure, lang: Lang) -> str:
    """Write a figure's value: a share with one decimal, a time in hours and minutes, a number."""
    if count.value is None:
        return NOTHING
    mark = "*" if count.small else ""
    match measure:
        case Measure.share:
            return f"{count.value:.1%}{mark}"
        case Measure.mean:
            return lasting(count.value, lang) + mark
        case Measure.number:
            return f"{count.value:,.0f}"


def lasting(seconds: float, lang: Lang) -> str:
    """Write a length of time as hours and minutes, or minutes and seconds below an hour."""
    minutes, rest_s = divmod(round(seconds), _MINUTE_S)
    hours, rest_min = divmod(minutes, _HOUR_MIN)
    if lang is Lang.zh:
        return f"{hours} 小时 {rest_min:02} 分" if hours else f"{minutes} 分 {rest_s:02} 秒"
    return f"{hours} h {rest_min:02} min" if hours else f"{minutes} min {rest_s:02} s"
