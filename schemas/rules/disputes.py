"""Disputes: what a second reading answers a customer who says that a reading is wrong."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from schemas.rules import rereads

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final[Mapping[rereads.Outcome, tuple[str, str]]] = MappingProxyType(
    {
        rereads.Outcome.upheld: (
            "Somebody else read the meter again, and you are right: {why} It will be corrected.",
            "另一名抄表员复抄后，确认您的异议成立：{why}该示数将予更正。",
        ),
        rereads.Outcome.cleared: (
            "Somebody else read the meter again, and the reading stands: {why}",
            "另一名抄表员复抄后，原示数无误：{why}",
        ),
        rereads.Outcome.open_question: (
            "Somebody else looked again, and it could not be decided: {why} The office goes on.",
            "另一名抄表员复核后尚不能判定：{why}由营业人员继续核实。",
        ),
    }
)


def answer(found: rereads.Answer) -> tuple[str, str]:
    """Say to the customer, in English and in Chinese, what the second reading found."""
    en, zh = _WORDS[found.outcome]
    return en.format(why=found.en), zh.format(why=found.zh)
