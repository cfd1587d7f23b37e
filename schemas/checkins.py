"""Check-ins: arrival as a verdict with its reasons, recorded and never refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from schemas.base import Id, Instant, Shape, Text
from schemas.errors import Words
from schemas.places import Fix
from schemas.rules.geofence import Reason, VerdictKind

NO_SITE: Final = "no_site"
"""The reason of a check-in on work that has no site to stand on."""


class CheckIn(Shape):
    """Operation `checkin.record`: the crew says it has arrived; the fix says how surely.

    `verdict` is what the phone showed; the server judges again by the same function.
    """

    fix: Fix | None = None
    verdict: VerdictKind | None = None
    note: Text = ""


class CheckInFilter(Shape):
    """Which check-ins of one local day the office asks for; today's, when no day is named."""

    day: dt.date | None = None
    verdict: VerdictKind | None = None
    person_id: Id | None = None


class RecordedCheckIn(Shape):
    """A check-in as the office sees it."""

    id: Id
    task_id: Id
    person_id: Id
    device_id: Id | None
    happened_at: Instant
    error_s: float
    clock_suspect: bool
    received_at: Instant
    fix: Fix | None
    verdict: VerdictKind
    verdict_on_phone: VerdictKind | None
    distance_m: float | None
    reasons: list[str]
    datum_suspect: bool
    note: Text = ""
    words: Words


_VERDICTS: Final[Mapping[VerdictKind, Words]] = MappingProxyType(
    {
        VerdictKind.inside: Words(en="At the site", zh="已在现场"),
        VerdictKind.unsure: Words(en="Not sure to be at the site", zh="无法确认是否在现场"),
        VerdictKind.outside: Words(en="Not at the site", zh="不在现场"),
    }
)
_REASONS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        Reason.no_fix: Words(en="the phone found no position", zh="手机未获得定位"),
        Reason.accuracy_unknown: Words(en="the accuracy is unknown", zh="定位精度未知"),
        Reason.accuracy_poor: Words(en="the accuracy is poor", zh="定位精度较差"),
        Reason.near_edge: Words(en="too near the edge to tell", zh="距边界过近"),
        Reason.stale: Words(en="the position is old", zh="定位已过时"),
        Reason.age_unknown: Words(en="the age of the position is unknown", zh="定位时间未知"),
        Reason.simulated: Words(en="the phone says it is simulated", zh="手机报告为模拟定位"),
        Reason.datum_converted: Words(en="converted between map datums", zh="已作坐标系转换"),
        Reason.datum_mixed_up: Words(
            en="it would fit in another map datum", zh="换用其他坐标系则吻合"
        ),
        NO_SITE: Words(en="the order has no site", zh="工单没有现场位置"),
    }
)
"""`within` and `far` are missing: the numbers say them."""


def sentence(
    kind: VerdictKind,
    *,
    distance_m: float | None,
    accuracy_m: float | None,
    radius_m: float | None,
    reasons: Iterable[str],
) -> Words:
    """Say a verdict in one sentence with its numbers; the phone and the office say the same.

    Args:
        kind: the verdict.
        distance_m: from the fix to the site; None when it was not measured.
        accuracy_m: the fix's radius of 68 %; None when it is unknown.
        radius_m: how near is near enough; None without a site.
        reasons: the codes that the verdict rests on.
    """
    verdict = _VERDICTS[kind]
    said = [_REASONS[code] for code in reasons if code in _REASONS]
    en = [verdict.en, *(words.en for words in said)]
    zh = [verdict.zh, *(words.zh for words in said)]
    if distance_m is not None and radius_m is not None:
        around = f" ± {accuracy_m:.0f} m" if accuracy_m else ""
        en.insert(1, f"{distance_m:.0f} m{around} from it, {radius_m:.0f} m allowed")
        around = f"（± {accuracy_m:.0f} 米）" if accuracy_m else ""
        zh.insert(1, f"距现场 {distance_m:.0f} 米{around}，允许 {radius_m:.0f} 米")
    return Words(en=f"{en[0]}: {'; '.join(en[1:])}.", zh=f"{zh[0]}：{'；'.join(zh[1:])}。")
