"""Push: each operation of a device gets one outcome, once, whatever happens to its neighbours.

A device's operations are numbered without a gap and chained by hash; a number answers for ever as
it was answered first. What claims a number that is taken, or does not follow the last operation,
is turned away and kept in quarantine: the device asks, joins its chain to ours and sends it again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy.orm import Session

from api import observe
from api.acts import Act, Happened, Principal
from api.sync import applying, event_time, held, store, words
from api.sync.inbox import Letter
from api.sync.models import Receipt
from api.sync.quarantine import keeping
from api.sync.refusals import OperationDuplicate, SequenceFork, SequenceGap
from schemas import sync
from schemas.errors import Refused
from schemas.quarantine import Reason

_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Pushed:
    """What a push came to: how far the device is settled, and what was not simply applied.

    `chain` is the SHA-256 of the last settled operation's bytes, empty before the first.
    """

    acked_through: int
    chain: str
    outcomes: list[sync.Outcome]


def push(
    session: Session,
    *,
    act: Act,
    device_id: str,
    enrolled_at: dt.datetime,
    timeline: event_time.Timeline,
    letters: Sequence[Letter],
    head: sync.Head | None = None,
) -> Pushed:
    """Settle a device's operations; who sent them has been checked before.

    Args:
        session: the unit of work.
        act: the contact itself; each operation gets its own act from it.
        device_id: the device that speaks.
        enrolled_at: nothing that it says is older.
        timeline: its clocks against ours.
        letters: what it pushed, in the order of `n`.
        head: the last of them as the device's key has signed it; None on a device without a key.
    """
    ledger = store.lock_ledger(
        session, district_id=act.district_id, device_id=device_id, since=enrolled_at
    )
    again = [letter for letter in letters if letter.n <= ledger.acked_through]
    fresh, beyond = _in_sequence(letters[len(again) :], after=ledger.acked_through)
    receipts, strays = _known(session, ledger=ledger, letters=again)
    # Behind operations of another copy nothing is ours, whether its link can be read or not.
    count = 0 if strays else _count_chained(fresh, chain=ledger.chain)
    strays += fresh[count:]
    outcomes = _answers(session, district_id=act.district_id, receipts=receipts)
    outcomes += _settle(
        session,
        act=act,
        ledger=ledger,
        enrolled_at=enrolled_at,
        timeline=timeline,
        letters=fresh[:count],
        head=head,
    )
    placed = timeline.place(strays, not_before=enrolled_at)
    outcomes += _turn_away(session, act=act, ledger=ledger, placed=placed)
    if head is not None and ledger.acked_through == head.n and ledger.chain == head.sha256:
        ledger.signed_n, ledger.signed_sha256 = head.n, head.sha256
        ledger.signature = head.signature
    store.keep_ledger(session, ledger)
    expected = ledger.acked_through + 1
    outcomes += [_outcome(letter, SequenceGap(n=letter.n, expected=expected)) for letter in beyond]
    return Pushed(ledger.acked_through, ledger.chain, outcomes)


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
    return _answers(session, district_id=principal.district_id, receipts=receipts)


def _in_sequence(
    letters: Sequence[Letter], *, after: int
) -> tuple[Sequence[Letter], Sequence[Letter]]:
    """Divide letters into those that follow without a gap and those beyond one."""
    count = 0
    while count < len(letters) and letters[count].n == after + count + 1:
        count += 1
    return letters[:count], letters[count:]


def _known(
    session: Session, *, ledger: store.Ledger, letters: Sequence[Letter]
) -> tuple[list[Receipt], list[Letter]]:
    """Divide letters with settled numbers into repetitions, as their receipts, and others."""
    receipts = store.receipts_by_n(
        session,
        district_id=ledger.district_id,
        device_id=ledger.device_id,
        numbers=[letter.n for letter in letters],
    )
    same = [receipts[letter.n] for letter in letters if receipts[letter.n].sha256 == letter.sha256]
    return same, [letter for letter in letters if receipts[letter.n].sha256 != letter.sha256]


def _count_chained(letters: Sequence[Letter], *, chain: str) -> int:
    """Count the letters of a sequence that each follow the one before; an unreadable one may."""
    for count, letter in enumerate(letters):
        if letter.operation is not None and letter.operation.prev != chain:
            return count
        chain = letter.sha256
    return len(letters)


def _turn_away(
    session: Session, *, act: Act, ledger: store.Ledger, placed: Sequence[keeping.Kept]
) -> list[sync.Outcome]:
    """Keep what does not follow, for the office, and have the device join its chain to ours."""
    letters = [letter for letter, _ in placed]
    if letters:
        _log.warning(
            "device.forked", device_id=ledger.device_id, n=letters[0].n, operations=len(letters)
        )
    origin = keeping.Origin(ledger.device_id, act.principal.person_id, Reason.FORK)
    keeping.keep(session, act=act, origin=origin, kept=placed)
    return [_outcome(letter, SequenceFork(n=letter.n)) for letter in letters]


def _settle(
    session: Session,
    *,
    act: Act,
    ledger: store.Ledger,
    enrolled_at: dt.datetime,
    timeline: event_time.Timeline,
    letters: Sequence[Letter],
    head: sync.Head | None,
) -> list[sync.Outcome]:
    """Apply what is new, write its receipts and move the ledger on."""
    if not letters:
        return []
    barred = _barred(session, act=act, letters=letters)
    timed, floor_at = _time(
        letters,
        timeline=timeline,
        enrolled_at=enrolled_at,
        floor_at=ledger.floor_at,
        received_at=act.received_at,
    )
    settled = applying.settle(session, act=act, timed=timed, barred=barred)
    for each in settled:
        store.add_receipt(session, _receipt(act, ledger.device_id, each, head))
    held.keep(session, act=act, device_id=ledger.device_id, settled=settled)
    for labels, count in Counter((each.letter.type, each.status) for each in settled).items():
        observe.OPERATIONS.labels(*labels).inc(count)
    ledger.acked_through = letters[-1].n
    ledger.chain = letters[-1].sha256
    ledger.floor_at = floor_at
    repeated = [each.letter.id for each in settled if each.status == sync.Status.DUPLICATE]
    firsts = store.first_receipts(session, district_id=act.district_id, ids=repeated)
    outcomes = [_outcome(each.letter, each.remark) for each in settled if each.remark]
    return [_with_first(outcome, firsts.get(outcome.id)) for outcome in outcomes]


def _barred(session: Session, *, act: Act, letters: Sequence[Letter]) -> dict[int, Refused]:
    """Tell which letters may not be applied, by number: unreadable, or known already."""
    seen = store.ids_taken(
        session, district_id=act.district_id, ids=[letter.id for letter in letters]
    )
    barred: dict[int, Refused] = {}
    for letter in letters:
        if letter.id in seen:
            barred[letter.n] = OperationDuplicate(id=letter.id)
        elif letter.refused is not None:
            barred[letter.n] = letter.refused
        seen.add(letter.id)
    return barred


def _time(
    letters: Sequence[Letter],
    *,
    timeline: event_time.Timeline,
    enrolled_at: dt.datetime,
    floor_at: dt.datetime,
    received_at: dt.datetime,
) -> tuple[list[applying.Timed], dt.datetime]:
    """Derive when each happened, none before the one before it can have, and what follows them.

    What was numbered anew says nothing of the order: it may follow another copy's operations.
    """
    timeline.tie(letters)
    timed: list[applying.Timed] = []
    for letter in letters:
        happened = Happened(received_at, 0.0, suspect=True)
        if letter.operation is not None:
            not_before = enrolled_at if letter.operation.rebased else floor_at
            happened = timeline.happened(letter.operation, not_before=not_before)
            floor_at = _earliest(floor_at, happened)
        timed.append(applying.Timed(letter, happened))
    return timed, floor_at


def _earliest(floor_at: dt.datetime, happened: Happened) -> dt.datetime:
    """Tell the earliest moment of what follows."""
    return max(floor_at, happened.at - dt.timedelta(seconds=happened.error_s))


def _receipt(
    act: Act, device_id: str, settled: applying.Settled, head: sync.Head | None
) -> dict[str, object]:
    letter, remark = settled.letter, settled.remark
    signed = head if head and (head.n, head.sha256) == (letter.n, letter.sha256) else None
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
        "signature": signed.signature if signed else None,
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


def _answers(
    session: Session, *, district_id: str, receipts: Sequence[Receipt]
) -> list[sync.Outcome]:
    """Repeat answers from their receipts, of all but the plainly applied."""
    repeated = [each.operation_id for each in receipts if each.status == sync.Status.DUPLICATE]
    firsts = store.first_receipts(session, district_id=district_id, ids=repeated)
    return [
        _with_first(_first_answer(each), firsts.get(each.operation_id))
        for each in receipts
        if each.status != sync.APPLIED_CODE
    ]


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


def _with_first(outcome: sync.Outcome, first: Receipt | None) -> sync.Outcome:
    """Say of a repeated operation what became of it the first time."""
    if outcome.status != sync.Status.DUPLICATE or first is None:
        return outcome
    told = {"first_status": first.status, "first_code": first.code}
    detail = outcome.detail if first.status == sync.APPLIED_CODE else _first_answer(first).detail
    return msgspec.structs.replace(outcome, fields={**outcome.fields, **told}, detail=detail)
