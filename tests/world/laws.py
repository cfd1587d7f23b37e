"""What must be true when a world has come to rest, whatever happened in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy import select

from api.checkins.models import CheckIn
from api.evidence.models import EvidenceFile
from api.readings.models import Reading, Skip
from api.sync.models import Receipt
from api.tasks import service as orders
from api.tasks.models import TaskEvent
from field_sync import errors, view
from field_sync.store import outbox, records, settings
from field_sync.store.settings import Name
from schemas import readings, sync, tasks
from schemas.base import decode
from tests.makers.crews import DISTRICT
from tests.world.handset import Handset
from tests.world.workshop import PEOPLE
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
    receipts = list_receipts(world)
    every_act_has_one_receipt(world, receipts)
    every_act_has_one_effect(world, receipts)
    every_phone_knows_what_became_of_its_acts(world, receipts)
    every_act_happened_when_it_happened(world, receipts)
    timelines_are_whole(world)
    for phone in world.phones:
        a_phone_holds_what_a_new_one_would_get(phone)
        the_view_is_the_record(phone)


def what_is_shown_is_durable(world: World) -> None:
    """Hold what handhelds show as settled against what a server has after it died."""
    if world.server.restored:
        return  # an older backup knows less, until the handhelds have told it again
    kept = {each.operation_id for each in list_receipts(world)}
    for phone in world.phones:
        for entry in outbox.list_kept(phone.store):
            if entry.status is not None:
                assert entry.id in kept, (phone.person_id, entry.n)


def list_receipts(world: World) -> list[Receipt]:
    """List the first receipt of every operation that the server has."""
    with world.server.database.reading() as session:
        question = select(Receipt).order_by(Receipt.device_id, Receipt.n)
        receipts = list(session.scalars(question))
    return [each for each in receipts if each.status != sync.Status.DUPLICATE]


def every_act_has_one_receipt(world: World, receipts: list[Receipt]) -> None:
    """Nothing is lost, nothing is doubled, nothing is made up."""
    said = {done.entry.id for phone in world.phones for done in phone.done}
    lost = {id_ for phone in world.phones for id_ in phone.lost}
    kept = [each.operation_id for each in receipts]
    assert len(kept) == len(set(kept))
    assert set(kept) <= said
    assert said - set(kept) <= lost, said - set(kept) - lost


def every_act_has_one_effect(world: World, receipts: list[Receipt]) -> None:
    """What was applied has done its work once; what was not has done none."""
    done = {each.operation_id: each.type for each in receipts if each.status in _DONE}
    with world.server.database.reading() as session:
        for kind, model in _EFFECTS.items():
            kept = set(session.scalars(select(model.id)))
            due = {id_ for id_, type_ in done.items() if type_ == kind}
            others = {each.operation_id for each in receipts} - due
            assert due <= kept, (kind, due - kept)
            assert not kept & others, (kind, kept & others)
        moments = [decode(body, tasks.Moment) for body in session.scalars(select(TaskEvent.body))]
    of_phones = sorted(each.id for each in moments if each.device_id is not None)
    assert len(of_phones) == len(set(of_phones))
    moving = {id_ for id_, type_ in done.items() if type_.startswith(("task.", "repair."))}
    assert moving <= set(of_phones), moving - set(of_phones)


def every_phone_knows_what_became_of_its_acts(world: World, receipts: list[Receipt]) -> None:
    """A crew is told of each of its acts that was not simply applied."""
    settled = {each.operation_id: (sync.Status(each.status), each.code) for each in receipts}
    for phone in world.phones:
        for entry in outbox.list_kept(phone.store):
            if entry.status is not sync.Status.APPLIED:
                assert (entry.status, entry.code) == settled[entry.id], (phone.person_id, entry.n)
            elif not (phone.lost or world.server.restored or len(world.phones) > len(PEOPLE)):
                assert settled[entry.id][0] is sync.Status.APPLIED, (phone.person_id, entry.n)


def every_act_happened_when_it_happened(world: World, receipts: list[Receipt]) -> None:
    """The derived time of an act holds the true one within its error, or says that it may not."""
    true = {done.entry.id: done.at for phone in world.phones for done in phone.done}
    for receipt in receipts:
        if not receipt.clock_suspect:
            wrong_s = (receipt.happened_at - true[receipt.operation_id]).total_seconds()
            assert abs(wrong_s) <= receipt.error_s, (receipt.device_id, receipt.n, wrong_s)


def timelines_are_whole(world: World) -> None:
    """No moment of an order was changed, and none is missing."""
    with world.server.database.reading() as session:
        broken = list(orders.list_broken(session, district_id=DISTRICT))
    assert not broken, broken


def a_phone_holds_what_a_new_one_would_get(phone: Handset) -> None:
    """A handheld's records equal a fresh snapshot."""
    try:
        snapshot = _snapshot(phone)
    except errors.TokenRefused:  # a copy of it has spent the token that both had
        phone.sign_in()
        snapshot = _snapshot(phone)
    assert not snapshot.more
    fresh = {
        (each.audience, change.entity, change.id): bytes(change.put)
        for each in snapshot.feeds
        for change in each.changes
        if isinstance(change.put, msgspec.Raw)
    }
    rows = phone.store.connection.execute("SELECT audience, entity, id, body FROM records")
    assert {tuple(row[:3]): row[3] for row in rows} == fresh, phone.person_id


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
    return phone.line.sync(sync.SyncRequest(contact=contact, changes_max=20_000), token=token)
