"""Trying: what other thresholds would find in every meter's newest reading; nothing changes.

One sweep asks each block of windows by two sets of thresholds, that in force and that tried.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from api.readings import store, sweeping
from api.readings.service import thresholds
from schemas.rules import suspicion, use_windows
from schemas.rules import sweeping as rules

EXAMPLES_MAX: Final = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """One meter whose findings would change, with the sentence of the finding."""

    meter_id: str
    en: str
    zh: str


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What other thresholds would change about one rule.

    Attributes:
        code: the rule.
        now: findings by the thresholds in force.
        more: findings that would be new.
        fewer: findings that would not be there.
        examples_more: some of the new.
        examples_fewer: some of those that would go.
    """

    code: str
    now: int
    more: int
    fewer: int
    examples_more: list[Example]
    examples_fewer: list[Example]


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """A dry run: how many meters were looked at, and what would change, rule by rule."""

    meters: int
    changes: Mapping[str, Change]


def try_out(session: Session, *, district_id: str, tried: suspicion.Use) -> Trial:
    """Say what other thresholds would find otherwise in a district; change nothing."""
    in_force = thresholds.IN_FORCE.use
    changes = {code: Change(code, 0, 0, 0, [], []) for code in rules.CODES}
    meters = 0
    blocks = store.stream_windows(session, district_id=district_id)
    for block, (now, then) in sweeping.judge(blocks, in_force, tried):
        meters += len(block.records)
        for code in rules.CODES:
            changes[code] = _with(changes[code], block, now, then, (in_force, tried))
    return Trial(meters, changes)


def _with(
    change: Change,
    block: store.Block,
    now: rules.Bits,
    then: rules.Bits,
    uses: tuple[suspicion.Use, suspicion.Use],
) -> Change:
    """Add what one block says of one rule."""
    bit = rules.bit_of(change.code)
    more = np.nonzero(then & ~now & bit)[0].tolist()
    fewer = np.nonzero(now & ~then & bit)[0].tolist()
    for rows, examples, use in (
        (fewer, change.examples_fewer, uses[0]),
        (more, change.examples_more, uses[1]),
    ):
        for row in rows[: EXAMPLES_MAX - len(examples)]:
            examples.append(_example(block, row, change.code, use))
    return dataclasses.replace(
        change,
        now=change.now + int(np.count_nonzero(now & bit)),
        more=change.more + len(more),
        fewer=change.fewer + len(fewer),
    )


def _example(block: store.Block, row: int, code: str, use: suspicion.Use) -> Example:
    found = rules.judge(use_windows.unpack(block.records[row]), use)
    flag = next(flag for flag in found if flag.code == code)
    return Example(block.meter_ids[row], flag.en, flag.zh)
