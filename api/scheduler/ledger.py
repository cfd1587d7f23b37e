"""Claims on the slots of jobs, so that each takes effect once whatever the number of workers.

A run's effects and the line that says it is done commit together, and only for the last claim:
a worker that was so slow that its lease ran out finds its claim gone, and undoes its run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.scheduler import store

ATTEMPTS_MAX: Final = 3
RETRY_S: Final = 60
KEPT_DAYS: Final = 30
FORGOTTEN_PER_RUN_MAX: Final = 50_000
ERROR_CHARS_MAX: Final = 2_000


class LeaseLostError(RuntimeError):
    """Another worker took the slot over after this one's lease ran out; this run is undone."""


def list_waiting(
    session: Session, *, job: str, due: Iterable[store.Slot], now: dt.datetime
) -> list[store.Slot]:
    """List what there is to run: slots that nobody claimed, and those whose lease is over."""
    wanted = list(due)
    claimed = store.list_claimed(session, job=job, slots=sorted({each.slot for each in wanted}))
    again = store.list_expired(session, job=job, now=now, attempts_max=ATTEMPTS_MAX)
    return [*again, *(each for each in wanted if each not in claimed)]


def claim(
    session: Session, at: store.Slot, *, worker: str, now: dt.datetime, lease_s: float
) -> store.Claim | None:
    """Claim a slot for one worker; None when it is another's, or done."""
    lease_until = now + dt.timedelta(seconds=lease_s)
    new = store.claim_new(session, at, worker=worker, now=now, lease_until=lease_until)
    if new is not None:
        return new
    return store.claim_again(
        session,
        at,
        worker=worker,
        now=now,
        lease_until=lease_until,
        attempts_max=ATTEMPTS_MAX,
    )


def finish(
    session: Session, claimed: store.Claim, *, now: dt.datetime, counts: dict[str, int]
) -> None:
    """Write down that a run is done, in the same unit of work as its effects.

    Raises:
        LeaseLostError: the slot was claimed by another; roll back.
    """
    if not store.finish(session, claimed, now=now, counts=counts):
        raise LeaseLostError(claimed.at.job)


def fail(session: Session, claimed: store.Claim, *, now: dt.datetime, error: str) -> None:
    """Write down why a run failed; it may be tried again a little later."""
    again_at = now + dt.timedelta(seconds=RETRY_S)
    store.fail(session, claimed, now=now, again_at=again_at, error=error[:ERROR_CHARS_MAX])


def forget_old(session: Session, *, act: Act) -> dict[str, int]:
    """Delete a district's ledger rows that are older than `KEPT_DAYS`."""
    before = act.happened.at - dt.timedelta(days=KEPT_DAYS)
    forgotten = store.forget(
        session, district_id=act.district_id, before=before, limit=FORGOTTEN_PER_RUN_MAX
    )
    return {"forgotten": forgotten}
