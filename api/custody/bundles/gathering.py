"""Gathering: all that is known of an order, as of one moment, in the shapes of a bundle."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.checkins import service as checkins
from api.crews import service as crews
from api.custody import checkpoints, keys
from api.custody.bundles import filing
from api.custody.bundles.checking import operations as checking
from api.custody.bundles.checking import reading, timeline
from api.custody.bundles.checking.faults import Altered
from api.errors import NotFound
from api.promises import service as promises
from api.sites import service as sites
from api.sync import about
from api.tasks import service as tasks
from api.tasks.models import Task
from schemas import base, bundles, custody
from schemas import tasks as shapes
from schemas.crews import DeviceKey
from schemas.errors import Refused

MOMENTS_MAX: Final = 20_000
OPERATIONS_MAX: Final = 10_000
CLOCKS_MAX: Final = 200


class BundleTooLarge(Refused):
    """The order is larger than a bundle may be. Hand its parts over by their own doors.

    `what` names what there is too much of.
    """

    code = "bundle-too-large"
    status = 409
    en = "The order has too much for one bundle ({what}: at most {max})."
    zh = "该工单内容过多，无法放入一个证据包（{what}：上限 {max}）。"


class OrderAltered(Refused):
    """What was written about the order was changed afterwards. Run `lamplighter verify` first.

    A bundle would carry the server's signature; nothing altered is handed over under it.
    """

    code = "order-altered"
    status = 409
    en = "The order is not handed over, because it was altered: {found_en}"
    zh = "该工单的记录已被改动，不予移交：{found_zh}"


@dataclasses.dataclass(frozen=True, slots=True)
class Gathered:
    """What goes into a bundle, but for the files themselves.

    `operations` come each with its bytes; `standings` tell by path what is shown of each.
    """

    order: bundles.Order
    timeline: bytes
    operations: Sequence[tuple[bundles.Operation, bytes]]
    devices: Sequence[bundles.Device]
    standings: Mapping[str, checking.Standing]
    files: Sequence[filing.Filed]
    proof: custody.Proof | None
    keys: custody.PublicKeys


def gather(session: Session, *, act: Act, task_id: str) -> Gathered:
    """Gather an order, and make sure that it is as it was written.

    Args:
        session: a unit of work that sees one moment.
        act: who hands it over.
        task_id: the order.

    Raises:
        NotFound: there is no such order for this principal.
        BundleTooLarge: it is too large.
        OrderAltered: its timeline, an operation or a signature is not what it was.
        WireLostError: an operation's bytes lie nowhere.
    """
    task = tasks.get_task(session, act=act, task_id=task_id)
    _check_size(session, task)
    written = tasks.list_written(
        session, district_id=task.district_id, task_id=task.id, limit=MOMENTS_MAX
    )
    told = about.tell(
        session, district_id=task.district_id, subject_id=task.id, limit=OPERATIONS_MAX
    )
    made = filing.operations_of(told)
    devices = _devices(session, told)
    lines = b"".join(
        base.encode(
            bundles.TimelineLine(number=row.number, hash=row.hash, moment=msgspec.Raw(row.body))
        )
        + b"\n"
        for row in written
    )
    return Gathered(
        order=_order(session, act=act, task=task, lines=lines, devices=devices),
        timeline=lines,
        operations=made,
        devices=devices,
        standings=_checked(task, lines, made, devices),
        files=filing.files_of(session, act=act, task_id=task.id),
        proof=checkpoints.proof_of(
            session,
            district_id=task.district_id,
            kind=custody.SubjectKind.TIMELINE,
            subject_id=task.id,
        ),
        keys=custody.PublicKeys(items=keys.list_public(session)),
    )


def _check_size(session: Session, task: Task) -> None:
    count, size_bytes = about.weigh(session, district_id=task.district_id, subject_id=task.id)
    weighed = {
        "moments": (task.timeline_count, MOMENTS_MAX),
        "operations": (count, OPERATIONS_MAX),
        "bytes": (size_bytes, bundles.TEXT_BYTES_MAX),
        "files": (task.evidence_declared, filing.FILES_MAX),
    }
    for what, (found, most) in weighed.items():
        if found > most:
            raise BundleTooLarge(what=what, max=most)


def _checked(
    task: Task,
    lines: bytes,
    made: Sequence[tuple[bundles.Operation, bytes]],
    devices: Sequence[bundles.Device],
) -> Mapping[str, checking.Standing]:
    """Check what was gathered by the same functions that will check the bundle."""
    wires = {operation.path: wire for operation, wire in made}
    listed = base.encode([operation for operation, _ in made])
    try:
        reached = timeline.check(lines, order_id=task.id)
        timeline.check_end(reached, _end(task), path=bundles.ORDER)
        _, standings = checking.check(
            reading.decoded(bundles.OPERATIONS, listed, list[reading.Operation]),
            reading.decoded(bundles.DEVICES, base.encode(devices), list[reading.Device]),
            read=wires.__getitem__,
            order_id=task.id,
        )
    except Altered as altered:
        said = altered.words
        raise OrderAltered(found_en=said.en, found_zh=said.zh) from altered
    return standings


def _devices(session: Session, told: about.About) -> list[bundles.Device]:
    ids = {receipt.device_id for receipt, _ in told.receipts}
    ids.update(each.device_id for each in told.kept_out)
    return [_device(session, told, device_id) for device_id in sorted(ids)]


def _device(session: Session, told: about.About, device_id: str) -> bundles.Device:
    try:
        device = crews.get_device(session, device_id=device_id)
    except NotFound:  # without its key nothing shows what it signed
        return bundles.Device(id=device_id, person_id=None, keys=[], signed=[])
    signed = [
        bundles.Signed(
            head=each.head,
            before=[bundles.Link(n=link.n, sha256=link.sha256) for link in each.before],
        )
        for each in told.signed.get(device_id, ())
    ]
    keys_had = [base.decode(text, DeviceKey) for text in crews.keys_of(session, device=device)]
    return bundles.Device(id=device_id, person_id=device.person_id, keys=keys_had, signed=signed)


def _order(
    session: Session, *, act: Act, task: Task, lines: bytes, devices: Sequence[bundles.Device]
) -> bundles.Order:
    holders = [
        shapes.Held(
            crew_id=row.crew_id,
            person_id=row.person_id,
            held_from=row.held_from,
            received_at=row.received_at,
        )
        for row in tasks.list_holders(session, district_id=task.district_id, task_id=task.id)
    ]
    wanted = promises.Wanted(subject_id=task.id)
    hands = {row.person_id for row in holders} | {each.person_id for each in devices}
    hands |= {each.person_id for each in _moments(lines)}
    return bundles.Order(
        task=task.wire(),
        zone=sites.get_district(session, district_id=task.district_id).zone,
        timeline=_end(task),
        holders=holders,
        check_ins=[row.wire() for row in checkins.list_of_task(session, act=act, task_id=task.id)],
        clocks=promises.list_clocks(session, act=act, wanted=wanted, after=None, limit=CLOCKS_MAX),
        people=_named(crews.names_of(session, ids=sorted(each for each in hands if each))),
        crews=_named(
            {
                crew_id: crews.get_crew(session, district_id=task.district_id, crew_id=crew_id).name
                for crew_id in {row.crew_id for row in holders if row.crew_id}
            }
        ),
    )


class _Who(msgspec.Struct, frozen=True):
    person_id: str


class _Said(msgspec.Struct, frozen=True):
    moment: _Who


def _moments(lines: bytes) -> Iterable[_Who]:
    """Tell who is named by the moments of a timeline; an altered one names nobody."""
    for line in lines.splitlines():
        try:
            yield msgspec.json.decode(line, type=_Said).moment
        except base.UNREADABLE:
            continue


def _named(names: Mapping[str, str]) -> list[bundles.Named]:
    return [bundles.Named(id=each, name=name) for each, name in sorted(names.items())]


def _end(task: Task) -> bundles.TimelineEnd:
    return bundles.TimelineEnd(count=task.timeline_count, hash=task.timeline_hash)
