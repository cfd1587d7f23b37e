"""Reuse: a reading whose photo proves another meter, or the same one at another time.

Two photos of one meter look alike by nature, so there only the very same file says anything.
How alike two pictures are is `likeness`'s to say, how alike is too much the thresholds'; a person
decides what it means.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from schemas.rules import flags, suspicion

CODE = "ER35"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A reading's photo and an earlier one that it is, or looks like.

    `other_on` is the day on which the other meter was read, as its district counts days.
    """

    meter_id: str
    file_id: str
    other_meter_id: str
    other_file_id: str
    other_on: dt.date | None
    same_bytes: bool
    dhash_distance: int
    phash_distance: int


def judge(case: Case, policy: suspicion.Photos) -> flags.Flag | None:
    """Tell what is to be flagged; None where the two may well be alike."""
    is_too_near = (
        case.dhash_distance <= policy.dhash_bits_max
        and case.phash_distance <= policy.phash_bits_max
    )
    if not case.same_bytes and (case.meter_id == case.other_meter_id or not is_too_near):
        return None
    return flags.flag(
        CODE,
        numbers={
            "likeness": "is the same file as" if case.same_bytes else "looks like",
            "meter": case.other_meter_id,
            "date": flags.day(case.other_on),
        },
        inputs={
            "file_id": case.file_id,
            "other_file_id": case.other_file_id,
            "same_bytes": case.same_bytes,
            "dhash_distance": case.dhash_distance,
            "phash_distance": case.phash_distance,
        },
        words_zh={"likeness": "完全相同" if case.same_bytes else "高度相似"},
    )
