"""Push: each operation of a device gets one outcome, once, whatever happens to its neighbours.

A device's operations are numbered without a gap and chained by hash; a number answers for ever as
it was answered first, and whatever claims a number that is taken is kept as a stray.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from api import observe
from api.acts import Act, Happened, Principal
from api.sync import applying, event_time, held, store, words
from api.sync.inbox import Letter
from api.sync.models import DeviceLedger, Receipt
from api.sync.refusals import OperationDuplicate, SequenceFork, SequenceGap
from schemas import sync
from schemas.errors import Refused

_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Pushed:
    """What a push came to: how far the device is settled, and what was not simply applied."""

    acked_through: int
    outcomes: list[sync.Outcome]


def push(
    session: Session,
    *,
    act: Act,
    device_id: str,
    enrolled_at: dt.datetime,
    timeline: event_time.Timeline,
    letters: Sequence[Letter],
) -> Pushed:
    """Settle a device's operations.

    Args:
        session: the unit of work.
        act: the contact itself; each operation gets its own act from it.
        device_id: the device that speaks.
        enrolled_at: nothing that it says is older.
        timeline: its clocks against ours.
        letters: what it pushed, in the order of `n`.
    """
    ledger = store.lock_ledger(
        session, district_id=act.district_id, device_id=device_id, since=enrolled_at
    )
    again = [letter for letter in letters if letter.n <= ledger.acked_through]
    fresh, beyond = _in_sequence(letters[len(again) :], after=ledger.acked_through)
    outcomes = _answer_again(session, act=act, device_id=device_id, letters=again)
    outcomes += _settle(session, act=act, ledger=ledger, timeline=timeline, letters=fresh)
    expected = ledger.acked_through + 1
    outcomes += [_outcome(letter, SequenceGap(n=letter.n, expected=expected)) for letter in beyond]
    return Pushed(ledger.acked_through, outcomes)


def outcomes_after(
    session: Session, *, principal: Principal, device_id: str, after: int
) -> list[sync.Outcome]:
    """Repeat the outcomes beyond a number that were not plainly applied, oldest first."""
    receipts = store.remarkable_receipts(
        session,
        district_id=principal.district_id,
        device_id=device_id,
        after=after,
        limit=sync.OPERATIONS_MAX,
    )
    return [_first_answer(receipt) for receipt in receipts]


def _in_sequence(
    letters: Sequence[Letter], *, after: int
) -> tuple[Sequence[Letter], Sequence[Letter]]:
    """Divide letters into those that follow without a gap and those beyond one."""
    count = 0
    while count < len(letters) and letters[count].n == after + count + 1:
        count += 1
    return letters[:count], letters[count:]


def _answer_again(
    session: Session, *, act: Act, device_id: str, letters: Sequence[Letter]
) -> list[sync.Outcome]:
    """Answer what was settled before as it was answered then; keep what took its number."""
    receipts = store.receipts_by_n(
        session,
        district_id=act.district_id,
        device_id=device_id,
        numbers=[letter.n for letter in letters],
    )
    outcomes: list[sync.Outcome] = []
    for letter in letters:
        receipt = receipts[letter.n]
        if receipt.sha256 == letter.sha256:
            outcomes += [_first_answer(receipt)] if receipt.status != sync.APPLIED_CODE else []
            continue
        store.keep_stray(session, _stray(act, device_id, letter))
        _log.warning("device.forked", device_id=device_id, n=letter.n)
        outcomes.append(_outcome(letter, SequenceFork(n=letter.n)))
    return outcomes


def _settle(
    session: Session,
    *,
    act: Act,
    ledger: DeviceLedger,
    timeline: event_time.Timeline,
    letters: Sequence[Letter],
) -> list[sync.Outcome]:
    """Apply what is new, write its receipts and move the ledger on."""
    if not letters:
        return []
    barred = _barred(session, act=act, ledger=ledger, letters=letters)
    timed = _time(letters, timeline=timeline, ledger=ledger, received_at=act.received_at)
    settled = applying.settle(session, act=act, timed=timed, barred=barred)
    for each in settled:
        store.add_receipt(session, _receipt(act, ledger.id, each))
    held.keep(session, act=act, device_id=ledger.id, settled=settled)
    for labels, count in Counter((each.letter.type, each.status) for each in settled).items():
        observe.OPERATIONS.labels(*labels).inc(count)
    ledger.acked_through = letters[-1].n
    ledger.chain = letters[-1].sha256
    ledger.floor_at = _earliest(ledger.floor_at, timed[-1].happened)
    return [_outcome(each.letter, each.remark) for each in settled if each.remark]


def _barred(
    session: Session, *, act: Act, ledger: DeviceLedger, letters: Sequence[Letter]
) -> dict[int, Refused]:
    """Tell which letters may not be applied, by number: known already, forked, or unreadable."""
    seen = store.ids_taken(
        session, district_id=act.district_id, ids=[letter.id for letter in letters]
    )
    barred: dict[int, Refused] = {}
    chain = ledger.chain
    for letter in letters:
        if letter.refused is not None:
            barred[letter.n] = letter.refused
        elif letter.id in seen:
            barred[letter.n] = OperationDuplicate(id=letter.id)
        elif letter.operation is not None and letter.operation.prev != chain:
            barred[letter.n] = SequenceFork(n=letter.n)
            _log.warning("device.forked", device_id=ledger.id, n=letter.n)
        seen.add(letter.id)
        chain = letter.sha256
    return barred


def _time(
    letters: Sequence[Letter],
    *,
    timeline: event_time.Timeline,
    ledger: DeviceLedger,
    received_at: dt.datetime,
) -> list[applying.Timed]:
    """Derive when each happened; none before the one before it can have."""
    floor_at = ledger.floor_at
    timed: list[applying.Timed] = []
    for letter in letters:
        happened = Happened(received_at, 0.0, suspect=True)
        if letter.operation is not None:
            happened = timeline.happened(letter.operation, not_before=floor_at)
            floor_at = _earliest(floor_at, happened)
        timed.append(applying.Timed(letter, happened))
    return timed


def _earliest(floor_at: dt.datetime, happened: Happened) -> dt.datetime:
    """Tell the earliest moment of what follows."""
    return max(floor_at, happened.at - dt.timedelta(seconds=happened.error_s))


def _receipt(act: Act, device_id: str, settled: applying.Settled) -> dict[str, object]:
    letter, remark = settled.letter, settled.remark
    return {
        "district_id": act.district_id,
        "device_id": device_id,
        "n": letter.n,
        "operation_id": letter.id,
        "type": letter.type,
        "subject_id": letter.subject_id,
        "sha256": letter.sha256,
        "wire": letter.wire,
        "status": settled.status,
        "code": remark.code if remark else sync.APPLIED_CODE,
        "fields": remark.fields if remark else {},
        "happened_at": settled.happened.at,
        "error_s": settled.happened.error_s,
        "clock_suspect": settled.happened.suspect,
        "received_at": act.received_at,
    }


def _stray(act: Act, device_id: str, letter: Letter) -> dict[str, object]:
    return {
        "district_id": act.district_id,
        "device_id": device_id,
        "sha256": letter.sha256,
        "n": letter.n,
        "wire": letter.wire,
        "received_at": act.received_at,
    }


def _outcome(letter: Letter, remark: Refused) -> sync.Outcome:
    return sync.Outcome(
        n=letter.n,
        id=letter.id,
        status=sync.Status(remark.outcome),
        code=remark.code,
        detail=remark.words,
        fields=remark.fields,
    )


def _first_answer(receipt: Receipt) -> sync.Outcome:
    """Repeat an answer from its receipt; the words may be newer, the code is the same.

    What was held and came to its final outcome is answered with that.
    """
    return sync.Outcome(
        n=receipt.n,
        id=receipt.operation_id,
        status=sync.Status(receipt.status),
        code=receipt.code,
        detail=words.of(receipt.code, receipt.fields),
        fields=receipt.fields,
    )
