"""What a crew does: each act is checked by the shared rules, then kept as one operation.

When a function returns, its operation is on disk; the screen may say "saved".
A refusal changes nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
from collections.abc import Sequence

from field_sync import checks, errors, keeping, view
from field_sync.clock import Edge
from field_sync.store import outbox, uploads
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import checkins, evidence, repairs, tasks
from schemas.base import Shape
from schemas.places import Fix
from schemas.rules import geofence, reasons, transitions


@dataclasses.dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in that was kept, how sure it is, and what stands beside it.

    Whether a scanned code is that of the address, only the office can tell.
    """

    entry: Entry
    verdict: geofence.Verdict
    remedies: checkins.Remedies


def accept(store: Store, edge: Edge, *, task_id: str) -> Entry:
    """Take the work.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        AlreadyDone: it was taken before.
    """
    return _step(store, edge, task_id=task_id, body=tasks.Accepted())


def set_out(store: Store, edge: Edge, *, task_id: str) -> Entry:
    """Say that the crew is on its way.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        AlreadyDone: the crew is on its way, or farther.
    """
    return _step(store, edge, task_id=task_id, body=tasks.SetOut())


def check_in(
    store: Store,
    edge: Edge,
    *,
    task_id: str,
    fix: Fix | None,
    note: str = "",
    sightings: Sequence[checkins.Sighting] = (),
    photo_sha256: Sequence[str] = (),
    scanned: str = "",
) -> CheckedIn:
    """Say that the crew has arrived; it is kept whatever the verdict.

    What is brought beside the fix never changes the verdict: a supervisor weighs it.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        task_id: the order.
        fix: the position as the platform gave it, or None if there was none.
        note: what the crew wants to say with it.
        sightings: positions during a stay, each with its time since the first.
        photo_sha256: photos of the site, kept before.
        scanned: a code, as it was read from a meter or the site.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        Malformed: there are too many of them, or the code is too long.
    """
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        if _meaning(task, transitions.Event.arrive) is transitions.Step.illegal:
            raise _wrong_step(task, transitions.Event.arrive)
        verdict = checks.arrival(store, task, fix)
        body = checkins.CheckIn(
            fix=fix,
            verdict=verdict.kind,
            note=note,
            sightings=list(sightings),
            photo_sha256=list(photo_sha256),
            scanned=scanned,
        )
        entry = keeping.keep(store, edge, task=task, body=body)
        return CheckedIn(entry, verdict, checks.remedies(store, task, body))


def start(store: Store, edge: Edge, *, task_id: str) -> Entry:
    """Begin the work itself.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now; a repair begins after a check-in.
        AlreadyDone: it has begun.
    """
    return _step(store, edge, task_id=task_id, body=tasks.Started())


def restored(store: Store, edge: Edge, *, task_id: str, note: str = "") -> Entry:
    """Say that the lights are on again.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        AlreadyDone: it was said before.
    """
    return _step(store, edge, task_id=task_id, body=repairs.Restored(note=note))


def return_(
    store: Store, edge: Edge, *, task_id: str, reason: str, code: str | None = None
) -> Entry:
    """Give the work back, with a concrete reason.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        task_id: the order.
        reason: what stands in the way.
        code: a reason of the order's policy set.

    Raises:
        VagueReason: the reason says nothing.
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        AlreadyDone: it is given back, or finished.
    """
    _require_concrete(reason)
    return _step(store, edge, task_id=task_id, body=tasks.Returned(reason=reason, code=code))


def suspend(
    store: Store,
    edge: Edge,
    *,
    task_id: str,
    reason: str,
    until: dt.datetime | None = None,
    code: str | None = None,
) -> Entry:
    """Say that the work must wait, with a concrete reason.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        task_id: the order.
        reason: what stands in the way.
        until: when the crew thinks that it can go on, aware.
        code: a reason of the order's policy set; clocks stand still only for one that holds them.

    Raises:
        VagueReason: the reason says nothing.
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now.
        AlreadyDone: it waits already.
    """
    _require_concrete(reason)
    body = tasks.Suspended(reason=reason, until=until, code=code)
    return _step(store, edge, task_id=task_id, body=body)


def resume(store: Store, edge: Edge, *, task_id: str) -> Entry:
    """Go on with work that had to wait.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: it does not wait.
    """
    return _step(store, edge, task_id=task_id, body=tasks.Resumed())


def finish(
    store: Store,
    edge: Edge,
    *,
    task_id: str,
    cause: str = "",
    work_done: str = "",
    materials: Sequence[tasks.Material] = (),
) -> Entry:
    """End the work, with what was found, done and used.

    Raises:
        NotOnPhone: the order is not on this handheld.
        WrongStep: its life does not allow it now; a repair is restored first.
        AlreadyDone: it is finished.
        Malformed: a text is too long, or a quantity impossible.
    """
    body = tasks.Finished(cause=cause, work_done=work_done, materials=list(materials))
    return _step(store, edge, task_id=task_id, body=body)


def note(store: Store, edge: Edge, *, task_id: str, text: str) -> Entry:
    """Write words on the order's timeline.

    Raises:
        NotOnPhone: the order is not on this handheld.
        Malformed: the text is empty or too long.
    """
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        return keeping.keep(store, edge, task=task, body=tasks.Noted(text=text))


def photo(
    store: Store,
    edge: Edge,
    *,
    task_id: str,
    path: pathlib.Path,
    kind: evidence.EvidenceKind = evidence.EvidenceKind.SITE,
    stop_id: str | None = None,
    fix: Fix | None = None,
    note: str = "",
    original: evidence.Original | None = None,
) -> Entry:
    """Keep a file as evidence: its bytes first, then the operation that declares it.

    `original` tells of the camera's own file, where this one was made smaller from it.

    Raises:
        NotAFile: the file cannot be read.
        FileTooLarge: evidence has a limit, and this is beyond it.
        NotOnPhone: the order or the stop is not on this handheld.
        AlreadyKept: the same file was kept for the same work before.
        DiskFull: there is no space for the copy.
    """
    copied = uploads.copy_in(store, path=path)
    body = evidence.Declared(
        sha256=copied.sha256,
        size_bytes=copied.size_bytes,
        media_type=copied.media_type,
        kind=kind,
        stop_id=stop_id,
        fix=fix,
        note=note,
        original=original,
    )
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        if stop_id is not None:
            view.get_stop(store, stop_id=stop_id)
        _require_new(store, task, body)
        entry = keeping.keep(store, edge, task=task, body=body)
        uploads.add(store, copied=copied, n=entry.n)
        return entry


def _step(store: Store, edge: Edge, *, task_id: str, body: Shape) -> Entry:
    """Keep an act that moves an order, where the order's life allows it."""
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        _require(task, view.EVENTS[keeping.TYPES[type(body)]])
        return keeping.keep(store, edge, task=task, body=body)


def _meaning(task: tasks.Task, event: transitions.Event) -> transitions.Step:
    return transitions.move(task.kind, task.state, event).step


def _require(task: tasks.Task, event: transitions.Event) -> None:
    match _meaning(task, event):
        case transitions.Step.moves:
            return
        case transitions.Step.overtaken:
            raise errors.AlreadyDone(state=task.state, step=event)
        case transitions.Step.illegal:
            raise _wrong_step(task, event)


def _wrong_step(task: tasks.Task, event: transitions.Event) -> errors.WrongStep:
    ours = frozenset(view.EVENTS.values())
    possible = [each for each in transitions.events_from(task.kind, task.state) if each in ours]
    return errors.WrongStep(state=task.state, step=event, possible=", ".join(possible) or "-")


def _require_new(store: Store, task: tasks.Task, body: evidence.Declared) -> None:
    """Refuse bytes that say nothing new about the same order and meter."""
    for entry in outbox.list_about(store, subject=task.id, type=keeping.TYPES[evidence.Declared]):
        known = entry.read()
        assert isinstance(known, evidence.Declared)
        if (known.sha256, known.stop_id) == (body.sha256, body.stop_id):
            raise errors.AlreadyKept(sha256=body.sha256)


def _require_concrete(reason: str) -> None:
    verdict = reasons.check(reason)
    if verdict.fault is not None:
        raise errors.VagueReason(fault=verdict.fault)
