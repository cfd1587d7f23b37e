"""No access: after how many cycles of closed doors the customer is written to.

A cycle is a month with a visit that reached nobody; a second visit in the same month is the same
cycle. A reading ends the count.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Mapping

from schemas.rules import flags


class Step(enum.StrEnum):
    """What is proposed: by phone where the customer has one, by letter otherwise."""

    letter = "letter"
    appointment = "appointment"


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """What to do, about which month or day, in a sentence that a person can check."""

    step: Step
    about: str
    inputs: Mapping[str, flags.Input]
    en: str
    zh: str


def propose(visited_on: Iterable[dt.date], *, cycles_min: int, has_phone: bool) -> Proposal | None:
    """Propose a letter or an appointment once enough cycles found nobody.

    Args:
        visited_on: local days of the visits that reached nobody since the last reading.
        cycles_min: so many months in all.
        has_phone: whether the customer can be called.
    """
    months = sorted({f"{day:%Y-%m}" for day in visited_on})
    if len(months) < cycles_min:
        return None
    step, by_en, by_zh = step_of(has_phone=has_phone)
    listed = ", ".join(months)
    return Proposal(
        step,
        months[-1],
        {"months": months},
        f"Nobody could reach the meter in {len(months)} months ({listed}): {by_en}.",
        f"有 {len(months)} 个月（{listed}）无法进入抄表：建议{by_zh}。",
    )


def step_of(*, has_phone: bool) -> tuple[Step, str, str]:
    """Name the step to take with a customer, and say it in English and in Chinese."""
    if has_phone:
        return Step.appointment, "call, and agree an appointment", "电话联系并预约上门"
    return Step.letter, "write a letter", "寄送告知函"
