"""What is wrong with what a policy set has customers told; asked once, when the sets are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from schemas import promises
from schemas.customer_notices import (
    ALWAYS,
    PLACES,
    SAID_CHARS_MAX,
    CustomerNoticeKind,
    PolicyCustomerNotices,
    Wording,
)
from schemas.rules import sms, wording
from schemas.rules.transitions import Kind

_LONGEST: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "zh": {
            "window": "12月31日23:59至12月31日23:59",
            "what": "恢复供电时间",
            "words": "电" * SAID_CHARS_MAX,
        },
        "en": {
            "window": "31 Dec 23:59 to 31 Dec 23:59",
            "what": "end of the work",
            "words": "w" * SAID_CHARS_MAX,
        },
    }
)
_INSTANT: Final = MappingProxyType({"zh": "12月31日23:59", "en": "31 Dec 23:59"})
_REF: Final = "0" * 8


def faults(policy: promises.PolicySet) -> Iterator[str]:
    """Name what is wrong with what a policy set has customers told."""
    told = policy.customer_notices
    if told is None:
        return
    if told.source not in policy.sources:
        yield f"customer_notices: source {told.source} is not listed"
    try:
        re.compile(told.mobile.pattern)
    except re.error as error:
        yield f"customer_notices: mobile.pattern is no pattern: {error}"
    of_orders = {row.kind for row in policy.rows if row.subject == Kind.repair}
    if unknown := sorted(set(told.at_risk) - of_orders - {promises.GIVEN}):
        yield f"customer_notices: no order has a promise of kind {', '.join(unknown)}"
    for kind, worded in told.notices.items():
        yield from (f"customer_notices.{kind}: {fault}" for fault in _worded(told, kind, worded))


def _worded(
    told: PolicyCustomerNotices, kind: CustomerNoticeKind, worded: Wording
) -> Iterator[str]:
    """Name what is wrong with the wording of one kind, in both languages."""
    always, besides = PLACES[kind]
    for lang, template in (("zh", worded.words.zh), ("en", worded.words.en)):
        found = list(wording.faults(template, always=ALWAYS | always, besides=besides))
        yield from (f"{lang}: {fault}" for fault in found)
        if found:
            continue
        known = {
            "ref": _REF,
            "phone": told.phone,
            **dict.fromkeys(("at", "due", "expected"), _INSTANT[lang]),
            **_LONGEST[lang],
        }
        parts = sms.length(wording.fill(template, known)).parts
        if parts > told.parts_max:
            yield f"{lang}: it takes {parts} messages, at most {told.parts_max} are allowed"
