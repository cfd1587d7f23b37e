"""Operations of older app versions, read as what they are now.

A body changes by a new version of its type: its old shape moves here, with a pure step to the next
one, so that a phone that was off for a year still delivers.
A new field is a new version too: an older server holds it instead of refusing what it cannot read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from msgspec import Meta

from schemas import checkins, evidence, operations, readings, tasks
from schemas.base import Id, Instant, Name, Sha256, Shape, Text, decode, encode
from schemas.places import Fix
from schemas.rules.geofence import VerdictKind


class SuspendedV1(Shape):
    """`task.suspend` before it said until when."""

    reason: Text


class SuspendedV2(Shape):
    """`task.suspend` before it picked a reason of the policy set."""

    reason: Text
    until: Instant | None = None


class ReturnedV1(Shape):
    """`task.return` before it picked a reason of the policy set."""

    reason: Text


class CheckInV1(Shape):
    """`checkin.record` before there were remedies."""

    fix: Fix | None = None
    verdict: VerdictKind | None = None
    note: Text = ""


class DeclaredV1(Shape):
    """`evidence.declare` before it told of the original."""

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=0, le=evidence.FILE_BYTES_MAX)]
    media_type: Name
    kind: evidence.EvidenceKind = evidence.EvidenceKind.SITE
    stop_id: Id | None = None
    fix: Fix | None = None
    note: Text = ""


class SkippedV1(Shape):
    """`reading.skip` before it named photos."""

    stop_id: Id
    code: readings.SkipCode
    fix: Fix | None = None
    note: Text = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Upgrade:
    """The shape of an older body, and the step to the next version."""

    body: type[Shape]
    step: Callable[[Any], Shape]


def read(type: str, version: int, body: bytes) -> Shape:  # noqa: A002 - the wire's word
    """Read a body of a known type, of its present version or an older one, as it is now.

    Args:
        type: a name of `operations.OPERATIONS`.
        version: from 1 to the present one.
        body: JSON as it came.

    Raises:
        msgspec.ValidationError: the JSON does not have the shape that its version had.
        msgspec.DecodeError: it is not JSON.
    """
    present = operations.OPERATIONS[type]
    newest = operations.version_of(type)
    assert 1 <= version <= newest, f"{type} has no version {version}"
    if version == newest:
        return decode(body, present)
    shape = decode(body, UPGRADES[type, version].body)
    for step in range(version, newest):
        shape = UPGRADES[type, step].step(shape)
    return decode(encode(shape), present)


def _suspend_1_to_2(old: SuspendedV1) -> Shape:
    return SuspendedV2(reason=old.reason)


def _suspend_2_to_3(old: SuspendedV2) -> Shape:
    return tasks.Suspended(reason=old.reason, until=old.until)


def _return_1_to_2(old: ReturnedV1) -> Shape:
    return tasks.Returned(reason=old.reason)


def _check_in_1_to_2(old: CheckInV1) -> Shape:
    return checkins.CheckIn(fix=old.fix, verdict=old.verdict, note=old.note)


def _declare_1_to_2(old: DeclaredV1) -> Shape:
    return evidence.Declared(
        sha256=old.sha256,
        size_bytes=old.size_bytes,
        media_type=old.media_type,
        kind=old.kind,
        stop_id=old.stop_id,
        fix=old.fix,
        note=old.note,
    )


def _skip_1_to_2(old: SkippedV1) -> Shape:
    return readings.ReadingSkipped(stop_id=old.stop_id, code=old.code, fix=old.fix, note=old.note)


UPGRADES: Final[Mapping[tuple[str, int], Upgrade]] = MappingProxyType(
    {
        ("task.return", 1): Upgrade(ReturnedV1, _return_1_to_2),
        ("task.suspend", 1): Upgrade(SuspendedV1, _suspend_1_to_2),
        ("task.suspend", 2): Upgrade(SuspendedV2, _suspend_2_to_3),
        ("checkin.record", 1): Upgrade(CheckInV1, _check_in_1_to_2),
        ("evidence.declare", 1): Upgrade(DeclaredV1, _declare_1_to_2),
        ("reading.skip", 1): Upgrade(SkippedV1, _skip_1_to_2),
    }
)
"""The step from each older version of a type to the next."""
