"""Check-ins: arrival as a verdict with its reasons, recorded and never refused.

A doubtful position can be helped by a remedy: a stay, photos, a code that was scanned.
It is recorded beside the verdict and never changes it: a supervisor weighs it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Metres, Seconds, Sha256, Shape, Text
from schemas.errors import Words
from schemas.places import Fix
from schemas.rules.codes import Match
from schemas.rules.geofence import Reason, VerdictKind
from schemas.rules.presence import Stay, StayKind

SIGHTINGS_MAX: Final = 40
PHOTOS_MAX: Final = 10
CODE_CHARS_MAX: Final = 300
Code = Annotated[
    str,
    Meta(max_length=CODE_CHARS_MAX, pattern=r"^[^\x00]*$", description="A code as it was scanned."),
]
NO_SITE: Final = "no_site"
"""The reason of a check-in on work that has no site to stand on."""


class Sighting(Shape):
    """A position that was seen while a check-in was open.

    `after_s` counts from the first look, by a clock that nobody can set; the fix has the age that
    it had then.
    """

    after_s: Seconds
    fix: Fix


class CheckIn(Shape):
    """Operation `checkin.record`: the crew says it has arrived; the fix says how surely.

    `verdict` is what the phone showed; the server judges again by the same function.
    `sightings` are positions during a stay, `photo_sha256` photos that were declared before, and
    `scanned` a code as it was read from a meter or the site.
    """

    fix: Fix | None = None
    verdict: VerdictKind | None = None
    note: Text = ""
    sightings: Annotated[list[Sighting], Meta(max_length=SIGHTINGS_MAX)] = []
    photo_sha256: Annotated[list[Sha256], Meta(max_length=PHOTOS_MAX)] = []
    scanned: Code = ""


class Stayed(Shape):
    """What a stay shows, with its numbers.

    `positions` are the sound ones that it rests on, `inside` those of them that are at the site
    for certain, `accuracy_m` that of the middle one.
    """

    kind: StayKind
    stayed_s: Seconds
    positions: int
    inside: int
    accuracy_m: Metres | None


class Remedies(Shape):
    """What a check-in brings beside its fix, and what it shows; it never changes the verdict.

    `match` holds the scanned code against what stands at the order's service point.
    """

    stay: Stayed | None = None
    sightings: list[Sighting] = []
    photo_sha256: list[Sha256] = []
    scanned: Text = ""
    match: Match | None = None


class CheckInFilter(Shape):
    """Which check-ins of one local day the office asks for; today's, when no day is named.

    `remedied` asks for those that bring something beside their fix, or for those that do not.
    """

    day: dt.date | None = None
    verdict: VerdictKind | None = None
    person_id: Id | None = None
    remedied: bool | None = None


class RecordedCheckIn(Shape):
    """A check-in as the office sees it.

    `remedies` are null where there are none; `words` say them after the verdict.
    """

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
    remedies: Remedies | None = None


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
_STAYS: Final[Mapping[StayKind, Words]] = MappingProxyType(
    {
        StayKind.stayed: Words(en="never found elsewhere", zh="其间定位从未离开"),
        StayKind.left: Words(en="found elsewhere in between", zh="其间有定位在别处"),
        StayKind.short: Words(en="too short to count", zh="时间不足"),
        StayKind.sparse: Words(en="with too few positions to count", zh="定位次数不足"),
    }
)
_MATCHES: Final[Mapping[Match, Words]] = MappingProxyType(
    {
        Match.matches: Words(
            en="The code that was scanned is that of this address", zh="扫码与该户一致"
        ),
        Match.differs: Words(
            en="The code that was scanned is not that of this address", zh="扫码与该户不一致"
        ),
        Match.unknown: Words(
            en="A code was scanned, and none is known of this place",
            zh="已扫码，该处无登记编码可核对",
        ),
    }
)


def sentence(
    kind: VerdictKind,
    *,
    distance_m: float | None,
    accuracy_m: float | None,
    radius_m: float | None,
    reasons: Iterable[str],
    remedies: Remedies | None = None,
) -> Words:
    """Say a verdict in one sentence with its numbers; the phone and the office say the same.

    What the check-in brings beside its fix is said after it.

    Args:
        kind: the verdict.
        distance_m: from the fix to the site; None when it was not measured.
        accuracy_m: the fix's radius of 68 %; None when it is unknown.
        radius_m: how near is near enough; None without a site.
        reasons: the codes that the verdict rests on.
        remedies: what stands beside it, if anything does.
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
    more = say_remedies(remedies) if remedies is not None else Words(en="", zh="")
    return Words(
        en=f"{en[0]}: {'; '.join(en[1:])}. {more.en}".rstrip(),
        zh=f"{zh[0]}：{'；'.join(zh[1:])}。{more.zh}",
    )


def say_remedies(remedies: Remedies) -> Words:
    """Say what a check-in brings beside its fix; empty where that is nothing."""
    en: list[str] = []
    zh: list[str] = []
    if remedies.stay is not None:
        said = _say_stay(remedies.stay)
        en.append(said.en)
        zh.append(said.zh)
    if remedies.photo_sha256:
        count = len(remedies.photo_sha256)
        en.append(f"{count} {'photo' if count == 1 else 'photos'} taken.")
        zh.append(f"拍照 {count} 张。")
    if remedies.match is not None:
        en.append(f"{_MATCHES[remedies.match].en}: {remedies.scanned}.")
        zh.append(f"{_MATCHES[remedies.match].zh}：{remedies.scanned}。")
    return Words(en=" ".join(en), zh="".join(zh))


def stay_of(judged: Stay) -> Stayed:
    """Shape what the rule says of a stay."""
    return Stayed(
        kind=judged.kind,
        stayed_s=judged.stayed_s,
        positions=judged.positions,
        inside=judged.inside,
        accuracy_m=judged.accuracy_m,
    )


def _say_stay(stay: Stayed) -> Words:
    shown = _STAYS[stay.kind]
    around = f", ± {stay.accuracy_m:.0f} m in the middle" if stay.accuracy_m is not None else ""
    around_zh = f"，精度中位数 ± {stay.accuracy_m:.0f} 米" if stay.accuracy_m is not None else ""
    return Words(
        en=(
            f"Stayed {stay.stayed_s:.0f} s, {shown.en}: {stay.positions} positions{around}, "
            f"{stay.inside} of them at the site for certain."
        ),
        zh=(
            f"停留 {stay.stayed_s:.0f} 秒，{shown.zh}：定位 {stay.positions} 次{around_zh}，"
            f"其中 {stay.inside} 次确定在现场。"
        ),
    )
