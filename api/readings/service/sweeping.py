"""Sweeps: what numbers alone say of every meter's newest reading, a block of windows at a time.

A sweep changes nothing; what follows from it is `abnormal`'s. A dry run sweeps once and asks each
block by two sets of thresholds, the one in force and the one that is tried.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from api.readings import store
from api.readings.service import thresholds
from schemas.rules import suspicion, sweeping, use_windows

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


def sweep(
    session: Session, *, district_id: str, touched_at: dt.datetime | None = None
) -> Iterator[tuple[str, list[str]]]:
    """List the meters in which something is found, and the codes.

    Args:
        session: nothing else is asked of it until the sweep has ended.
        district_id: whose meters.
        touched_at: only the windows that this run wrote; None sweeps all.
    """
    blocks = store.stream_windows(session, district_id=district_id, touched_at=touched_at)
    for block, (answers,) in _judged(blocks, thresholds.IN_FORCE.use):
        for row in np.nonzero(answers)[0].tolist():
            yield block.meter_ids[row], sweeping.codes_of(int(answers[row]))


def try_out(session: Session, *, district_id: str, tried: suspicion.Use) -> Trial:
    """Say what other thresholds would find otherwise in a district; change nothing."""
    in_force = thresholds.IN_FORCE.use
    changes = {code: Change(code, 0, 0, 0, [], []) for code in sweeping.CODES}
    meters = 0
    blocks = store.stream_windows(session, district_id=district_id)
    for block, (now, then) in _judged(blocks, in_force, tried):
        meters += len(block.records)
        for code in sweeping.CODES:
            changes[code] = _with(changes[code], block, now, then, (in_force, tried))
    return Trial(meters, changes)


def _judged(
    blocks: Iterator[store.Block], *uses: suspicion.Use
) -> Iterator[tuple[store.Block, list[sweeping.Bits]]]:
    """Judge each block by each set of thresholds, while the database reads the next one."""
    with futures.ThreadPoolExecutor(1) as judge:
        waiting: tuple[store.Block, futures.Future[list[sweeping.Bits]]] | None = None
        for block in blocks:
            before, waiting = waiting, (block, judge.submit(_answers, block, uses))
            if before is not None:
                yield before[0], before[1].result()
        if waiting is not None:
            yield waiting[0], waiting[1].result()


def _answers(block: store.Block, uses: Sequence[suspicion.Use]) -> list[sweeping.Bits]:
    return [sweeping.sweep(block.records, use) for use in uses]


def _with(
    change: Change,
    block: store.Block,
    now: sweeping.Bits,
    then: sweeping.Bits,
    uses: tuple[suspicion.Use, suspicion.Use],
) -> Change:
    """Add what one block says of one rule."""
    bit = sweeping.bit_of(change.code)
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
    found = sweeping.judge(use_windows.unpack(block.records[row]), use)
    flag = next(flag for flag in found if flag.code == code)
    return Example(block.meter_ids[row], flag.en, flag.zh)
