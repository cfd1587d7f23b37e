"""The sweep: a district's windows as they stream, judged by numbers a block at a time.

It changes nothing and knows no thresholds but those it is given. It stands on the store and the
rules alone, so that a process which does nothing but sweep stays small.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent import futures

import numpy as np
from sqlalchemy.orm import Session

from api.readings import store
from schemas.rules import suspicion, sweeping

Judged = tuple[store.Block, Sequence[sweeping.Bits]]
"""A block, and the answers for it by each set of thresholds."""


def sweep(
    session: Session,
    *,
    district_id: str,
    use: suspicion.Use,
    touched_at: dt.datetime | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """List the meters in which something is found, and the codes.

    Args:
        session: nothing else is asked of it until the sweep has ended.
        district_id: whose meters.
        use: when a meter's use is a question.
        touched_at: only the windows that this run wrote; None sweeps all.
    """
    blocks = store.stream_windows(session, district_id=district_id, touched_at=touched_at)
    for block, (answers,) in judge(blocks, use):
        for row in np.nonzero(answers)[0].tolist():
            yield block.meter_ids[row], sweeping.codes_of(int(answers[row]))


def judge(blocks: Iterator[store.Block], *uses: suspicion.Use) -> Iterator[Judged]:
    """Judge each block by each set of thresholds, while the database reads the next one."""
    with futures.ThreadPoolExecutor(1) as judges:
        waiting: tuple[store.Block, futures.Future[Sequence[sweeping.Bits]]] | None = None
        for block in blocks:
            before, waiting = waiting, (block, judges.submit(_answers, block, uses))
            if before is not None:
                yield before[0], before[1].result()
        if waiting is not None:
            yield waiting[0], waiting[1].result()


def _answers(block: store.Block, uses: Sequence[suspicion.Use]) -> Sequence[sweeping.Bits]:
    return [sweeping.sweep(block.records, use) for use in uses]
