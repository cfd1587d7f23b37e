"""Concrete reasons: "busy" puts nothing off (see `schemas.rules.reasons`)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from schemas.errors import Refused
from schemas.rules import reasons

_FAULT_ZH: Final = MappingProxyType(
    {
        reasons.Fault.blank: "没有填写",
        reasons.Fault.no_words: "没有文字",
        reasons.Fault.too_short: "过短",
        reasons.Fault.too_long: "过长",
        reasons.Fault.vague: "过于笼统",
    }
)


class ReasonNotConcrete(Refused):
    """The reason says nothing that a customer could be told. Say what stands in the way."""

    code = "reason-not-concrete"
    status = 422
    en = "The reason is not concrete ({fault}); say what stands in the way."
    zh = "原因不具体（{fault_zh}）；请说明具体障碍，不能只写“工作忙”。"


def require_concrete(text: str) -> None:
    """Let a concrete reason pass.

    Raises:
        ReasonNotConcrete: it says nothing.
    """
    fault = reasons.check(text).fault
    if fault is not None:
        raise ReasonNotConcrete(fault=fault, fault_zh=_FAULT_ZH[fault])
