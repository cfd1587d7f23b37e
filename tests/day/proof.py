"""The proof of a day: what every phone made is what the server has, each once; nothing is missing.

Three witnesses are compared: the conductor's own list of what a phone said was saved, the phone's
outbox, and the server's receipts with their effects.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from schemas import checkins, evidence, readings, sync, tasks
from tests.day import messages
from tests.day.office import Desk

_SETTLED_WELL: Final = frozenset({sync.Status.APPLIED, sync.Status.MERGED, sync.Status.CONFLICT})
"""What an honest day may come to; a conflict is an order that the office took away meanwhile."""
_ON_TIMELINE: Final = ("task.", "checkin.", "repair.")
_SHOWN_MAX: Final = 5
DATING_S: Final = 0.5
"""How far the server's date of an act may be off beyond its own stated error."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A statement about the day, whether it holds, and the figures or the first failures."""

    says: str
    holds: bool
    detail: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """What is known of one phone without asking the server.

    `made` are the operations that it said were saved when it was told to act; `slow_s` is how far
    its wall clock was behind all day.
    """

    login: str
    slow_s: float
    made: Sequence[messages.Made]
    account: messages.Account


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the server has of the day's phones."""

    receipts: Sequence[sync.KeptReceipt]
    check_ins: Sequence[checkins.RecordedCheckIn]
    readings: Sequence[readings.Reading]
    moments: Sequence[tasks.Moment]
    files: Sequence[evidence.EvidenceFile]


def gather(desk: Desk, phones: Sequence[Phone], *, since: dt.datetime) -> Found:
    """Fetch everything that the day's phones can have caused since it began."""
    devices = {phone.account.device_id for phone in phones}
    statuses = [status.value for status in sync.Status]
    receipts = [
        receipt
        for status in statuses
        for receipt in desk.list_all("/v1/sync/receipts", sync.KeptReceipt, status=status)
        if receipt.device_id in devices
    ]
    subjects = sorted({receipt.subject_id for receipt in receipts})
    return Found(
        receipts=receipts,
        check_ins=[
            check_in
            for check_in in desk.list_all("/v1/check-ins", checkins.RecordedCheckIn)
            if check_in.device_id in devices
        ],
        readings=[
            reading
            for route_id in sorted({r.subject_id for r in receipts if r.type == "reading.take"})
            for reading in desk.list_all("/v1/readings", readings.Reading, route_id=route_id)
            if reading.read_at >= since
        ],
        moments=[
            moment
            for task_id in subjects
            for moment in desk.list_all(f"/v1/tasks/{task_id}/timeline", tasks.Moment)
        ],
        files=[
            file
            for task_id in subjects
            for file in desk.list_all("/v1/evidence", evidence.EvidenceFile, task_id=task_id)
            if file.happened_at >= since
        ],
    )


def prove(desk: Desk, phones: Sequence[Phone], found: Found) -> Iterator[Check]:
    """Hold what the phones made against what the server has."""
    yield kept_on_phones(phones)
    yield settled_once(phones, found)
    yield settled_well(found)
    yield dated_truly(phones, found)
    yield effects_once(phones, found)
    yield files_here(desk, phones, found)
    yield converged(phones)
    yield timelines_intact(desk, found)


def check(says: str, faults: Sequence[str], detail: str) -> Check:
    """State that something holds where no fault was found; the first faults are told."""
    told = detail if not faults else f"{len(faults)}: " + "; ".join(faults[:_SHOWN_MAX])
    return Check(says=says, holds=not faults, detail=told)


def kept_on_phones(phones: Sequence[Phone]) -> Check:
    """Whatever a phone said was saved is in its outbox, through dead batteries too."""
    faults = []
    for phone in phones:
        said = [(made.n, made.id, made.type) for made in phone.made]
        kept = [(each.n, each.id, each.type) for each in phone.account.operations]
        if said != kept:
            faults.append(f"{phone.login} said {len(said)}, kept {len(kept)}")
    count = sum(len(phone.made) for phone in phones)
    return check("every act that a phone called saved is in its outbox", faults, f"{count} acts")


def settled_once(phones: Sequence[Phone], found: Found) -> Check:
    """Each operation has one receipt, with the same content and outcome that the phone knows."""
    receipts: dict[tuple[str, int], list[sync.KeptReceipt]] = {}
    for receipt in found.receipts:
        receipts.setdefault((receipt.device_id, receipt.n), []).append(receipt)
    faults = []
    for phone in phones:
        for operation in phone.account.operations:
            mine = receipts.pop((phone.account.device_id, operation.n), [])
            fault = _receipt_fault(operation, mine)
            if fault:
                faults.append(f"{phone.login} {operation.n} {operation.type}: {fault}")
    faults += [f"a receipt of nobody's operation: {key}" for key in receipts]
    ids = Counter(receipt.operation_id for receipt in found.receipts)
    faults += [f"{one} has {count} receipts" for one, count in ids.items() if count > 1]
    made = sum(len(phone.account.operations) for phone in phones)
    return check(
        "every operation made has exactly one receipt",
        faults,
        f"{made} made = {len(found.receipts)} settled",
    )


def _receipt_fault(
    operation: messages.KeptOperation, receipts: Sequence[sync.KeptReceipt]
) -> str | None:
    if len(receipts) != 1:
        return f"{len(receipts)} receipts"
    receipt = receipts[0]
    if receipt.operation != msgspec.json.decode(operation.wire):
        return "the server has other content"
    if receipt.status != operation.status:
        return f"the phone knows {operation.status}, the server {receipt.status}"
    return None


def settled_well(found: Found) -> Check:
    """Nothing that a crew did was turned away, or waits for something."""
    faults = [
        f"{receipt.type} {receipt.status} {receipt.code}"
        for receipt in found.receipts
        if receipt.status not in _SETTLED_WELL
    ]
    counts = Counter(receipt.status.value for receipt in found.receipts)
    counted = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    return check("nothing was rejected or held", faults, counted)


def dated_truly(phones: Sequence[Phone], found: Found) -> Check:
    """Each act is dated when it happened, within the error that the server states."""
    slow = {phone.account.device_id: dt.timedelta(seconds=phone.slow_s) for phone in phones}
    faults, worst_s = [], 0.0
    for receipt in found.receipts:
        at = dt.datetime.fromisoformat(str(receipt.operation["at"])) + slow[receipt.device_id]
        off_s = abs((receipt.happened_at - at).total_seconds())
        worst_s = max(worst_s, off_s)
        if off_s > receipt.error_s + DATING_S or receipt.clock_suspect:
            faults.append(f"{receipt.type} {receipt.operation_id}: {off_s:.0f} s off")
    return check("every act is dated when it happened", faults, f"at most {worst_s:.1f} s off")


def effects_once(phones: Sequence[Phone], found: Found) -> Check:
    """Each operation that took effect did so once: a fact has its operation's id."""
    kept = [operation for phone in phones for operation in phone.account.operations]
    took = [each for each in kept if each.status is not sync.Status.CONFLICT]
    moments = Counter(moment.id for moment in found.moments)
    effects: Mapping[str, Counter[str]] = {
        "checkin.record": Counter(check_in.id for check_in in found.check_ins),
        "reading.take": Counter(reading.id for reading in found.readings),
        "evidence.declare": Counter(file.id for file in found.files),
    }
    faults = []
    for operation in took:
        places = [effects[operation.type]] if operation.type in effects else []
        if operation.type.startswith(_ON_TIMELINE):
            places.append(moments)
        faults += [
            f"{operation.type} {operation.id} has {place[operation.id]} effects"
            for place in places
            if place[operation.id] != 1
        ]
    known = {operation.id for operation in took}
    for type_, place in effects.items():
        faults += [f"{type_} {each} is of no operation" for each in place if each not in known]
    return check("every effect happened once", faults, f"{len(took)} operations took effect")


def files_here(desk: Desk, phones: Sequence[Phone], found: Found) -> Check:
    """Every declared file arrived with the bytes that the phone hashed."""
    declared = {
        (phone.account.device_id, file.sha256) for phone in phones for file in phone.account.files
    }
    hashes = {sha256 for _, sha256 in declared}
    faults = [f"{file.sha256[:12]} is missing" for file in found.files if file.arrived_at is None]
    faults += [f"{sha256[:12]} is unknown" for sha256 in hashes - {f.sha256 for f in found.files}]
    size_bytes = 0
    for file in found.files:
        if file.arrived_at is None:
            continue
        content = desk.content(f"/v1/evidence/{file.id}/content")
        size_bytes += len(content)
        if hashlib.sha256(content).hexdigest() != file.sha256 or file.sha256 not in hashes:
            faults.append(f"{file.id} has other bytes")
    return check(
        "every photo declared has arrived with its hash",
        faults,
        f"{len(found.files)} photos, {size_bytes / 1e6:.1f} MB",
    )


def converged(phones: Sequence[Phone]) -> Check:
    """Changes applied one by one come to what a fresh pull tells."""
    faults = [
        f"{phone.login}: {', '.join(phone.account.differing[:2])}"
        for phone in phones
        if phone.account.differing
    ]
    records = sum(phone.account.records for phone in phones)
    return check("every phone holds what a fresh pull tells", faults, f"{records} records")


def timelines_intact(desk: Desk, found: Found) -> Check:
    """The hash chain of every order's timeline holds."""
    task_ids = sorted({moment.task_id for moment in found.moments})
    faults = [
        task_id
        for task_id in task_ids
        if not desk.get(f"/v1/tasks/{task_id}/verify", tasks.Verified).intact
    ]
    return check("every order's timeline is intact", faults, f"{len(task_ids)} timelines")


def states_of(desk: Desk, task_ids: Sequence[str]) -> Counter[str]:
    """Count how orders stand."""
    return Counter(desk.get(f"/v1/tasks/{task_id}", tasks.Task).state.value for task_id in task_ids)


def counted(counts: Mapping[str, int]) -> str:
    """Write counts in one line, by name."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count) or "none"
