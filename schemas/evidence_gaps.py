"""Photos that a district's policy asks for, and that have not come for what a reader did."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from schemas.base import Id, Instant, Name, Shape
from schemas.errors import Words


class GapKind(StrEnum):
    """What has no photo: a value that was confirmed against a prompt, or a skip."""

    PROMPT = "prompt"
    SKIP = "skip"


class EvidenceGap(Shape):
    """A photo that is missing; `id` is the reading's or the skip's.

    `codes` are the prompts that were confirmed, or why the meter was skipped.
    """

    id: Id
    kind: GapKind
    meter_id: Id
    stop_id: Id
    reader_id: Id
    happened_at: Instant
    codes: list[Name]
    told: Words


def told(kind: GapKind, codes: Sequence[str]) -> Words:
    """Say what is missing."""
    named = ", ".join(codes)
    match kind:
        case GapKind.PROMPT:
            return Words(
                en=f"Confirmed against {named} without a photo of the display.",
                zh=f"对 {named} 提示确认无误，但没有表显照片。",
            )
        case GapKind.SKIP:
            return Words(
                en=f"Skipped ({named}) without a photo.", zh=f"未抄到（{named}），没有照片。"
            )
