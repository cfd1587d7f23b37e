"""Photos as the office sees them: what a file's bytes say, how far it agrees, what it is like.

Nothing of this travels to phones.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.base import Id, Instant, Name, Shape, Text
from schemas.errors import Words
from schemas.rules.pictures import Agreement, Aspect, Comparison, Ground


class PictureState(StrEnum):
    """What became of a file's examination."""

    WAITING = "waiting"
    """Nobody has looked yet, or its bytes are not here."""
    READ = "read"
    """It was opened; there are a thumbnail and a copy."""
    KEPT = "kept"
    """It is nothing that is opened here (PDF, AVIF, video, a signature): kept as bytes."""
    UNREADABLE = "unreadable"
    """It should open and does not; `why` tells."""


class Why(StrEnum):
    """Why a picture could not be opened."""

    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOOK_TOO_LONG = "took_too_long"
    CRASHED = "crashed"
    GAVE_UP = "gave_up"


class Decision(StrEnum):
    """What a person says to a question of likeness."""

    ALLOWED = "allowed"
    """The same scene, and rightly so."""
    QUESTIONED = "questioned"
    """Whoever took the photos is to be asked."""


class LikenessState(StrEnum):
    """Whether a person has decided."""

    OPEN = "open"
    ALLOWED = "allowed"
    QUESTIONED = "questioned"


class Claims(Shape):
    """What a file says of itself, each word apart; anybody can write it.

    `camera_local` is the camera's wall clock as it stands, `camera_offset_s` the zone that it
    names, `satellite_at` the satellites' time.
    """

    camera_local: Name | None = None
    camera_offset_s: int | None = None
    satellite_at: Instant | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    accuracy_m: float | None = None
    make: Name | None = None
    model: Name | None = None
    software: Name | None = None


class Compared(Shape):
    """One aspect of a claim beside the operation, with its numbers and a sentence to check."""

    aspect: Aspect
    agreement: Agreement
    ground: Ground
    distance_m: float | None
    allowed_m: float | None
    gap_s: float | None
    allowed_s: float | None
    zone_assumed: bool
    words: Words


class Times(Shape):
    """Every time that is known of a file, apart: the phone's, the server's, and those it claims."""

    happened_at: Instant
    error_s: float
    clock_suspect: bool
    declared_at: Instant
    arrived_at: Instant | None
    camera_at: Instant | None
    satellite_at: Instant | None


class Likeness(Shape):
    """A question to a person: is this file another one, used again?

    `file_id` was declared after `other_id`; the distances are in bits of 64, 0 for the same bytes.
    """

    id: Id
    file_id: Id
    file_task_id: Id
    file_stop_id: Id | None
    other_id: Id
    other_task_id: Id
    other_stop_id: Id | None
    same_bytes: bool
    dhash_distance: int
    phash_distance: int
    raised_at: Instant
    state: LikenessState
    decided_by: Id | None
    decided_at: Instant | None
    note: Text
    words: Words


class LikenessDecided(Shape):
    """What a person decided, and what they saw."""

    decision: Decision
    note: Text = ""


class Picture(Shape):
    """What a file's bytes say of it.

    `width_px` and `height_px` are as stored, before `orientation` (1 to 8, EXIF) turns it; a HEIC
    is turned by its decoder and has none.
    """

    file_id: Id
    state: PictureState
    why: Why | None
    media_type: Name | None
    declared_media_type: Name
    media_type_agrees: bool | None
    width_px: int | None
    height_px: int | None
    orientation: int | None
    examined_at: Instant | None
    claims: Claims
    times: Times
    comparisons: list[Compared]
    likenesses: list[Likeness]


def sentence(comparison: Comparison) -> Words:
    """Say a comparison so that a person can check it."""
    about = _ASPECTS[comparison.aspect]
    ground = comparison.ground
    if ground in _PLAIN:
        said = _PLAIN[ground]
        return Words(en=f"{about.en}: {said.en}", zh=f"{about.zh}：{said.zh}")
    if comparison.distance_m is not None and comparison.allowed_m is not None:
        numbers = Words(
            en=f"{comparison.distance_m:.0f} m apart, {comparison.allowed_m:.0f} m allowed",
            zh=f"相距 {comparison.distance_m:.0f} 米，允许 {comparison.allowed_m:.0f} 米",
        )
    else:
        numbers = _gap(comparison)
    verdict = _VERDICTS[comparison.agreement]
    extra = _EXTRAS.get(ground, Words(en="", zh=""))
    zone = _ZONE_ASSUMED if comparison.zone_assumed else Words(en="", zh="")
    return Words(
        en=f"{about.en} {verdict.en}: {numbers.en}{extra.en}{zone.en}.",
        zh=f"{about.zh}{verdict.zh}：{numbers.zh}{extra.zh}{zone.zh}。",
    )


def question(*, same_bytes: bool, dhash_distance: int, phash_distance: int) -> Words:
    """Ask a person about a likeness."""
    if same_bytes:
        return Words(
            en="The same file, byte for byte, was declared for other work; was it used again?",
            zh="同一文件（内容逐字节相同）被登记于另一处作业；是否重复使用？",
        )
    return Words(
        en=f"The photos look alike ({dhash_distance} and {phash_distance} bits of 64 apart); "
        "is it one shot, used again?",
        zh=f"两张照片相似（64 位中分别相差 {dhash_distance} 位和 {phash_distance} 位）；"
        "是否同一照片重复使用？",
    )


_ASPECTS: Final[Mapping[Aspect, Words]] = MappingProxyType(
    {
        Aspect.position: Words(
            en="The position in the file and the phone's", zh="文件内位置与手机定位"
        ),
        Aspect.camera_time: Words(
            en="The camera's time and the operation's", zh="相机时间与操作时间"
        ),
        Aspect.satellite_time: Words(
            en="The satellite time in the file and the operation's",
            zh="文件内卫星时间与操作时间",
        ),
        Aspect.clocks: Words(
            en="The camera's time and the satellite time in the file",
            zh="文件内相机时间与卫星时间",
        ),
    }
)
_VERDICTS: Final[Mapping[Agreement, Words]] = MappingProxyType(
    {
        Agreement.agrees: Words(en="agree", zh="一致"),
        Agreement.differs: Words(en="differ", zh="不一致"),
        Agreement.cannot_say: Words(en="cannot be compared surely", zh="无法确定是否一致"),
    }
)
_PLAIN: Final[Mapping[Ground, Words]] = MappingProxyType(
    {
        Ground.not_claimed: Words(en="the file does not say.", zh="文件未载明。"),
        Ground.no_fix: Words(en="the phone had no position.", zh="手机当时没有定位。"),
        Ground.fix_doubtful: Words(
            en="the phone's position is simulated or of unknown accuracy.",
            zh="手机定位为模拟定位或精度未知。",
        ),
        Ground.null_island: Words(
            en="the file says 0, 0, as cameras without a position do.",
            zh="文件载明 0, 0，即相机没有定位。",
        ),
    }
)
_EXTRAS: Final[Mapping[Ground, Words]] = MappingProxyType(
    {
        Ground.other_datum: Words(
            en="; they would agree if the file's degrees were of another datum",
            zh="；若文件内经纬度属另一坐标系则一致",
        ),
        Ground.other_zone: Words(
            en="; whole hours, as a camera set to another zone shows",
            zh="；相差整小时，可能是相机设在另一时区",
        ),
        Ground.clock_suspect: Words(
            en="; the phone's own clock is in doubt", zh="；手机时钟本身存疑"
        ),
    }
)
_ZONE_ASSUMED: Final = Words(
    en="; the camera names no zone, so the district's was taken",
    zh="；相机未注明时区，按本区县时区计算",
)


def _gap(comparison: Comparison) -> Words:
    gap_s, allowed_s = comparison.gap_s or 0.0, comparison.allowed_s or 0.0
    side = Words(en="later", zh="晚") if gap_s >= 0 else Words(en="earlier", zh="早")
    return Words(
        en=f"the first is {_span(gap_s)} {side.en}, {_span(allowed_s)} allowed",
        zh=f"前者{side.zh} {_span(gap_s)}，允许 {_span(allowed_s)}",
    )


def _span(seconds: float) -> str:
    """Write a length of time as hours, minutes and seconds."""
    whole = round(abs(seconds))
    return f"{whole // 3_600}:{whole // 60 % 60:02}:{whole % 60:02}"
