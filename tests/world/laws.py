"""What must be true when a world has come to rest, whatever happened in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy import select

from api.checkins.models import CheckIn
from api.custody import proving
from api.custody.models import CustodyFinding
from api.evidence.models import EvidenceFile
from api.readings.models import Reading, Skip
from api.sync.models import Quarantined, Receipt
from api.tasks import service as orders
from api.tasks.models import TaskEvent
from field_sync import errors, view
from field_sync.keys import FileKeys
from field_sync.proofs import Prover
from field_sync.store import outbox, records, settings, uploads
from field_sync.store.settings import Name
from schemas import readings, sync, tasks
from schemas.base import decode
from schemas.quarantine import State
from schemas.rules import event_time
from tests.makers.crews import DISTRICT
from tests.world import copies, promises
from tests.world.handset import Handset
from tests.world.world import World

_EFFECTS: Final[Mapping[str, type[CheckIn | EvidenceFile | Reading | Skip]]] = {
    "checkin.record": CheckIn,
    "evidence.declare": EvidenceFile,
    "reading.take": Reading,
    "reading.skip": Skip,
}
"""Where an operation's effect is a row of its own, by the operation's id."""
_DONE: Final = frozenset({sync.Status.APPLIED, sync.Status.MERGED})


def check(world: World) -> None:
    """Hold a settled world against every law.

    Raises:
        AssertionError: a law is broken; the message says where.
    """
    receipts, kept_out = list_receipts(world), list_quarantined(world)
    every_act_is_known_once(world, receipts, kept_out)
    every_act_has_one_effect(world, receipts, kept_out)
    every_phone_knows_what_became_of_its_acts(world, receipts, kept_out)
    every_act_happened_when_it_happened(world, receipts, kept_out)
    timelines_are_whole(world)
    checkpoints_hold(world)
    promises.check_at_rest(world)
    for phone in world.list_in_use():
        if world.stands(phone):
            a_phone_holds_what_a_new_one_would_get(phone)
            the_view_is_the_record(phone)
        else:
            a_revoked_phone_holds_nothing(phone)


def what_is_shown_is_durable(world: World) -> None:
    """Hold what handhelds show as settled against what a server has after it died."""
    if world.server.restored:
        return  # an older backup knows less, until the handhelds have told it again
    kept = {each.operation_id for each in list_receipts(world)}
    kept |= {each.operation_id for each in list_quarantined(world)}
    for phone in world.list_in_use():
        for entry in outbox.list_kept(phone.store):
            if entry.status is not None:
                assert entry.id in kept, (phone.person_id, entry.n)


def list_receipts(world: World) -> list[Receipt]:
    """List the first receipt of every operation that the server has."""
    with world.server.database.reading() as session:
        question = select(Receipt).order_by(Receipt.device_id, Receipt.n)
        receipts = list(session.scalars(question))
    return [each for each in receipts if each.status != sync.Status.DUPLICATE]


def list_quarantined(world: World) -> list[Quarantined]:
    """List every operation that was ever kept out."""
    with world.server.database.reading() as session:
        return list(session.scalars(select(Quarantined).order_by(Quarantined.id)))


def every_act_is_known_once(
    world: World, receipts: list[Receipt], kept_out: list[Quarantined]
) -> None:
    """Nothing is lost, nothing is doubled, nothing is made up; all that was kept out is decided."""
    said = {done.entry.id for phone in world.phones for done in phone.done}
    settled = [each.operation_id for each in receipts]
    assert len(settled) == len(set(settled))
    known = {*settled, *(each.operation_id for each in kept_out)}
    assert known <= said
    assert said - known <= world.lost, said - known - world.lost
    waiting = {each.operation_id for each in kept_out if each.state == State.WAITING}
    assert waiting <= set(settled), waiting - set(settled)


def every_act_has_one_effect(
    world: World, receipts: list[Receipt], kept_out: list[Quarantined]
) -> None:
    """What was applied, or let in, has done its work once; what was not has done none."""
    applied = [(each.operation_id, each.type) for each in receipts if each.status in _DONE]
    let_in = [(each.operation_id, each.type) for each in kept_out if each.outcome in _DONE]
    done = dict([*applied, *let_in])
    assert len(done) == len(applied) + len(let_in), "one came by itself and was let in as well"
    heard = {each.operation_id for each in receipts} | {each.operation_id for each in kept_out}
    with world.server.database.reading() as session:
        for kind, model in _EFFECTS.items():
            kept = set(session.scalars(select(model.id)))
            due = {id_ for id_, type_ in done.items() if type_ == kind}
            others = heard - due
            assert due <= kept, (kind, due - kept)
            assert not kept & others, (kind, kept & others)
        moments = [decode(body, tasks.Moment) for body in session.scalars(select(TaskEvent.body))]
    of_phones = sorted(each.id for each in moments if each.device_id is not None)
    assert len(of_phones) == len(set(of_phones))
    moving = {id_ for id_, type_ in done.items() if type_.startswith(("task.", "repair."))}
    assert moving <= set(of_phones), moving - set(of_phones)


def every_phone_knows_what_became_of_its_acts(
    world: World, receipts: list[Receipt], kept_out: list[Quarantined]
) -> None:
    """A crew is told of each of its acts that was not simply applied.

    A restored server judges anew what it had forgotten; of two copies of a handheld, the one that
    does not bring it again has only the first answer, and its chain is the server's all the same.
    """
    settled = {each.operation_id: (sync.Status(each.status), each.code) for each in receipts}
    settled |= {
        each.operation_id: (sync.Status(each.outcome), each.code or "")
        for each in kept_out
        if each.outcome is not None
    }
    for phone in world.list_standing():
        if world.server.restored and phone.device_id == world.cloned_id:
            continue
        for entry in outbox.list_kept(phone.store):
            if entry.status is not sync.Status.APPLIED:
                assert (entry.status, entry.code) == settled[entry.id], (phone.person_id, entry.n)
            elif not (phone.lost or world.server.restored or world.cloned_id):
                assert settled[entry.id][0] is sync.Status.APPLIED, (phone.person_id, entry.n)


def every_act_happened_when_it_happened(
    world: World, receipts: list[Receipt], kept_out: list[Quarantined]
) -> None:
    """The derived time of an act holds the true one within its error, or says that it may not.

    A copy that nobody knows of yet may have a clock of its own; one that differs by less than what
    counts as set is seen by nobody.
    """
    true = {done.entry.id: done for phone in world.phones for done in phone.done}
    told: list[Receipt | Quarantined] = [*receipts, *kept_out]
    boots = copies.Boots(world)
    for each in told:
        done = true[each.operation_id]
        if each.clock_suspect or not boots.can_know(done, received_at=each.received_at):
            continue
        wrong_s = (each.happened_at - done.at).total_seconds()
        copied = each.device_id == world.cloned_id
        allowed_s = each.error_s + (event_time.JUMP_S if copied else 0.0)
        assert abs(wrong_s) <= allowed_s, (each.device_id, each.n, wrong_s, each.error_s)


def timelines_are_whole(world: World) -> None:
    """No moment of an order was changed, and none is missing."""
    with world.server.database.reading() as session:
        broken = list(orders.list_broken(session, district_id=DISTRICT))
    assert not broken, broken


def checkpoints_hold(world: World) -> None:
    """Every chain passes through what was signed of it, and no phone saw anything else.

    A server that was put back from a backup has fewer checkpoints than phones have seen.
    """
    walked: list[int] = []
    with world.server.database.reading() as session:
        broken = proving.find_broken(
            session,
            district_id=DISTRICT,
            own=world.server.checkpoint_key,
            told=lambda number, _: walked.append(number),
        )
        findings = list(session.scalars(select(CustodyFinding)))
    assert broken is None, (broken, walked)
    assert world.server.restored or not findings, findings


def a_phone_holds_what_a_new_one_would_get(phone: Handset) -> None:
    """A handheld's records equal a fresh snapshot."""
    try:
        snapshot = _snapshot(phone)
    except errors.TokenRefused:  # a copy of it has spent the token that both had
        phone.sign_in()
        snapshot = _snapshot(phone)
    assert not snapshot.more
    told = {
        (each.audience, change.entity, change.id): None if change.gone else change.put
        for each in snapshot.feeds
        for change in each.changes
    }
    fresh = {key: bytes(put) for key, put in told.items() if isinstance(put, msgspec.Raw)}
    rows = phone.store.connection.execute("SELECT audience, entity, id, body FROM records")
    held = {tuple(row[:3]): row[3] for row in rows}
    differ = {key: (held.get(key), fresh.get(key)) for key in {*held, *fresh}}
    differ = {key: both for key, both in differ.items() if both[0] != both[1]}
    assert not differ, (phone.home.name, differ)


def a_revoked_phone_holds_nothing(phone: Handset) -> None:
    """A handheld that was revoked has said everything, and keeps nothing of the district's."""
    (kept,) = phone.store.connection.execute("SELECT count(*) FROM records").fetchone()
    assert not kept, phone.home.name
    assert not outbox.count_waiting(phone.store), phone.home.name
    assert not uploads.count_waiting(phone.store), phone.home.name
    for name in (Name.ACCESS_TOKEN, Name.REFRESH_TOKEN):
        assert settings.find(phone.store, name) is None, (phone.home.name, name)


def the_view_is_the_record(phone: Handset) -> None:
    """With nothing left to send, a crew sees what the server says, and over it what is held."""
    held = {
        entry.entity_id
        for entry in outbox.list_exceptions(phone.store)
        if entry.status is sync.Status.HELD
    }
    for work in view.list_work(phone.store):
        body = records.find(phone.store, entity=view.TASK, id=work.task.id)
        assert body is not None
        assert work.unsent == 0
        assert work.task == decode(body, tasks.Task) or work.task.id in held, phone.person_id
        for stop in view.list_stops(phone.store, route_id=work.task.id):
            kept = records.find(phone.store, entity=view.STOP, id=stop.id)
            assert kept is not None
            assert stop == decode(kept, readings.Stop) or stop.id in held, phone.person_id


def _snapshot(phone: Handset) -> sync.SyncAnswer:
    """Ask for everything, as a handheld does that holds nothing."""
    token = settings.find(phone.store, Name.ACCESS_TOKEN)
    assert token is not None
    moment = phone.edge.moment()
    contact = sync.Contact(device_at=moment.wall, mono_ms=moment.mono_ms, boot=moment.boot)
    line = phone.line.proving(Prover(FileKeys(phone.home), phone.edge))
    return line.sync(sync.SyncRequest(contact=contact, changes_max=20_000), token=token)
