"""The catalogue of reading rules: code, version, severity, CIM quality code and words.

A `Flag` is a finding for the office and keeps every input; a `Prompt` asks the reader at the meter
and never carries what the reader is expected to find. Numbers in both are text, as they are shown.
CIM is the quality code of IEC 61968-9. A version grows whenever a rule would answer otherwise.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from collections.abc import Mapping
from typing import Final

Input = str | int | bool | None | list[str]


class Severity(enum.StrEnum):
    """What a finding asks for."""

    confirm = "B"
    review = "H"
    list_ = "M"
    statistic = "L"


class Explanation(enum.StrEnum):
    """What may have happened at a meter that explains a finding away."""

    outage = "outage"
    vacancy = "vacancy"
    meter_change = "meter_change"
    datum_change = "datum_change"


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One rule for readings.

    Attributes:
        code: stable for ever.
        name: its short name.
        version: of its logic.
        severity: what a finding asks for.
        cim: IEC 61968-9 quality, `system.category.index`.
        en: the office's sentence.
        zh: the same in Chinese.
        silenced_by: events after which it says nothing.
        ask_en: the reader's question; empty if it is never asked at the meter.
        ask_zh: the same in Chinese.
    """

    code: str
    name: str
    version: int
    severity: Severity
    cim: str | None
    en: str
    zh: str
    silenced_by: frozenset[Explanation] = frozenset()
    ask_en: str = ""
    ask_zh: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """A finding about a reading.

    Attributes:
        code: the rule.
        version: the rule's version.
        severity: what it asks for.
        cim: IEC 61968-9 quality.
        inputs: everything it rests on, ready for JSON.
        en: the sentence with its numbers.
        zh: the same in Chinese.
        back: which reading it charges: 0 the one judged, 1 the one before it.
    """

    code: str
    version: int
    severity: Severity
    cim: str | None
    inputs: Mapping[str, Input]
    en: str
    zh: str
    back: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Prompt:
    """A question to the reader, who may confirm the value all the same."""

    code: str
    severity: Severity
    cim: str | None
    numbers: Mapping[str, str]
    en: str
    zh: str


_CHANGED: Final = frozenset({Explanation.meter_change})
_IDLE: Final = frozenset({Explanation.outage, Explanation.vacancy, Explanation.meter_change})
_MOVED: Final = frozenset({Explanation.datum_change})

_ROWS: Final = (
    Rule(
        "ER01", "SYS_EST", 1, Severity.list_, "3.8.0",
        "System estimate by {method}; last actual {date}",
        "系统按{method}估算；上次实抄 {date}",
    ),
    Rule(
        "ER02", "REPEAT_EST", 1, Severity.review, "3.8.0 + 3.5.259",
        "{n} estimates since {date}; limit {k}",
        "自 {date} 起已估算 {n} 次；限 {k} 次",
    ),
    Rule(
        "ER03", "NO_ACCESS_DUE", 1, Severity.review, "3.5.259",
        "Second visit was due {date}, and nobody came by then",
        "应于 {date} 前二次上门，逾期未到",
    ),
    Rule(
        "ER10", "NEG", 1, Severity.confirm, "3.6.4",
        "{value} is below {previous} ({date})",
        "{value} 低于 {previous}（{date}）",
        _CHANGED,
        "{value} is below {previous} ({date}). Please look again",
        "{value} 低于 {previous}（{date}），请再看一次",
    ),
    Rule(
        "ER12", "ZERO", 1, Severity.confirm, "3.6.1",
        "No consumption; usually {typical}",
        "用电量为零；平常 {typical}",
        _IDLE,
        "No consumption since {date}. Please look again",
        "自 {date} 以来用电量为零，请再看一次",
    ),
    Rule(
        "ER13", "ZERO3", 1, Severity.list_, "3.6.1",
        "Nothing used in {n} cycles since {date}: field check due",
        "自 {date} 起连续 {n} 个周期用电量为零，应现场核查",
        _IDLE,
    ),
    Rule(
        "ER14", "EQ_EST", 2, Severity.review, "3.5.258",
        "Exactly equals {estimator} = {value}",
        "与{estimator}完全相等 = {value}",
        _CHANGED,
    ),
    Rule(
        "ER15", "BATCH", 1, Severity.review, "3.5.258",
        "{k} of {n} readings of this reader's day are {kind}; expected {e}",
        "该抄表员当日 {n} 个示数中有 {k} 个{kind}；预期 {e} 个",
    ),
    Rule(
        "ER16", "SWAP", 1, Severity.confirm, "3.6.0",
        "Exchanged with {meter}?",
        "是否与电表 {meter} 的示数互换？",
        _CHANGED,
        "Exchanged with {meter}? Please look again",
        "是否与电表 {meter} 的示数互换？请再看一次",
    ),
    Rule(
        "ER17", "TRANSPOSE", 1, Severity.confirm, "3.6.0",
        "Did you mean {candidate}?",
        "是否应为 {candidate}？",
        _CHANGED,
        "Did you mean {candidate}?",
        "是否应为 {candidate}？",
    ),
    Rule(
        "ER18", "HIGH", 1, Severity.list_, "3.6.3",
        "{value} against usual {typical}",
        "用电量 {value}，平常 {typical}",
        _CHANGED,
    ),
    Rule(
        "ER19", "LOW", 1, Severity.list_, "3.6.4",
        "{value} against usual {typical}",
        "用电量 {value}，平常 {typical}",
        _IDLE,
    ),
    Rule(
        "ER20", "CATCHUP", 1, Severity.review, "3.5.258",
        "{low} then {high}; together normal ({typical})",
        "先 {low} 后 {high}，合计正常（{typical}）",
        _IDLE,
    ),
    Rule(
        "ER21", "SUM", 1, Severity.confirm, "3.6.9",
        "Registers do not add up: {total} against {sum}",
        "各费率之和与总示数不符：{total} 与 {sum}",
        frozenset(),
        "Registers do not add up: {total} against {sum}",
        "各费率之和与总示数不符：{total} 与 {sum}",
    ),
    Rule(
        "ER22", "GROWTH", 1, Severity.list_, "3.6.3",
        "{value} over {n} cycles against usual {typical}",
        "连续 {n} 个周期共 {value}，平常 {typical}",
        _CHANGED,
    ),
    Rule(
        "ER30", "FAR", 1, Severity.review, "3.5.258",
        "{d} m from the meter (+/- {a})",
        "距电表 {d} 米（误差 ±{a} 米）",
        _MOVED,
    ),
    Rule(
        "ER31", "NO_FIX", 1, Severity.statistic, None,
        "Location not proven",
        "位置未获证实",
    ),
    Rule(
        "ER32", "TOO_FAST", 1, Severity.review, "3.5.258",
        "{d} m in {s} s",
        "{s} 秒内相距 {d} 米",
        _MOVED,
    ),
    Rule(
        "ER33", "ONE_PLACE", 1, Severity.review, "3.5.258",
        "{k} meters read from one spot",
        "在同一位置抄录了 {k} 块相距较远的电表",
        _MOVED,
    ),
    Rule(
        "ER34", "MOCK", 1, Severity.review, "3.3.3",
        "Location may be simulated",
        "位置可能为模拟",
    ),
    Rule(
        "ER35", "PHOTO_REUSE", 2, Severity.review, "3.5.258",
        "Its photo {likeness} the photo of meter {meter} ({date})",
        "照片与电表 {meter}（{date}）的照片{likeness}",
    ),
    Rule(
        "ER40", "DIGITS", 1, Severity.statistic, None,
        "Last digits of {n} readings are not chance's (p {p})",
        "{n} 个示数的末位数字分布异常（p {p}）",
    ),
    Rule(
        "ER41", "RATES", 1, Severity.statistic, None,
        "{k} of {n} readings are {kind}; {e} among all readers",
        "{n} 个示数中有 {k} 个{kind}；全体抄表员为 {e}",
    ),
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = {rule.code: rule for rule in _ROWS}


def flag(
    code: str,
    *,
    numbers: Mapping[str, str],
    inputs: Mapping[str, Input],
    words_zh: Mapping[str, str] | None = None,
    back: int = 0,
) -> Flag:
    """Make a finding.

    Args:
        code: the rule.
        numbers: what the sentence names.
        inputs: everything that the finding rests on; the numbers are kept with them.
        words_zh: what the Chinese sentence says otherwise.
        back: which reading it charges: 0 the one judged, 1 the one before it.
    """
    rule = RULES[code]
    return Flag(
        code,
        rule.version,
        rule.severity,
        rule.cim,
        {**inputs, **numbers},
        rule.en.format_map(numbers),
        rule.zh.format_map({**numbers, **(words_zh or {})}),
        back,
    )


def prompt(code: str, *, numbers: Mapping[str, str]) -> Prompt:
    """Ask the reader; `numbers` must hold nothing that tells what to find."""
    rule = RULES[code]
    return Prompt(
        code,
        rule.severity,
        rule.cim,
        dict(numbers),
        rule.ask_en.format_map(numbers),
        rule.ask_zh.format_map(numbers),
    )


def is_silent(code: str, explained: frozenset[Explanation]) -> bool:
    """Tell whether what happened at the meter explains the rule's finding away."""
    return bool(RULES[code].silenced_by & explained)


def shown(value: decimal.Decimal) -> str:
    """Write an exact number as people do: no exponent, no needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(read_on: dt.date | None) -> str:
    """Write a day, or a dash where there was none."""
    return "-" if read_on is None else read_on.isoformat()
