"""One exchange with the server: what the handheld says, and how it takes the answer in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Final

import msgspec

from field_sync.clock import Moment
from field_sync.conversation import Fork, Work
from field_sync.keys import KeyStore, signed_head
from field_sync.store import chain, contacts, outbox, records, settings, uploads
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from field_sync.wire import decode
from schemas import sync
from schemas.base import encode, rfc3339
from schemas.crews import Tokens
from schemas.places import Fix
from schemas.rules import event_time, pacing
from schemas.rules.operation_chain import Head

BATCH_BYTES_MAX: Final = 2_000_000
"""Operations of one push; half of what the server takes."""
_UNSETTLED_CODES: Final = frozenset({"sequence-fork", "sequence-gap"})
"""What the server says of an operation that does not follow the last one it has of us."""
APP: Final = "field-sync"
CHANGES_WANTED_MAX: Final = 2_000
"""Changes asked for at once on a good line; about 80 kB on the wire."""
CHANGES_WANTED_MIN: Final = 50
"""Fewer than so many are not worth a round trip, however bad the line is."""
OUTCOME: Final = "outcome"


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """What an answer changed.

    Attributes:
        moved: whether an operation was settled or the cursor went on.
        diverged: whether the server's chain of our operations is not ours.
    """

    moved: bool
    diverged: bool


def work(store: Store) -> Work:
    """Tell what lies ready to be sent; a revoked device has nothing to wait for any more."""
    through = settings.find_number(store, Name.SETTLED_THROUGH)
    revoked = settings.find(store, Name.WIPED) is not None
    return Work(
        operations=outbox.count_waiting(store),
        files=uploads.count_waiting(store)
        if revoked
        else uploads.count_sendable(store, through=through),
    )


def allowed(store: Store) -> Work:
    """Tell what may be sent now; a revoked device may send only the files that were named."""
    if settings.find(store, Name.WIPED) is None:
        return work(store)
    operations = outbox.count_waiting(store)
    return Work(operations=operations, files=uploads.count_expected(store))


def next_file(store: Store) -> uploads.Upload | None:
    """Choose the file to send next; a revoked device sends what the server still expects of it."""
    if settings.find(store, Name.WIPED) is not None:
        return uploads.find_expected(store)
    through = settings.find_number(store, Name.SETTLED_THROUGH)
    return uploads.find_next(store, through=through)


def batch(store: Store) -> list[outbox.Entry]:
    """Choose the oldest operations that fit into one push, as many as went well before."""
    chosen: list[outbox.Entry] = []
    size_bytes = 0
    for entry in outbox.list_waiting(store, limit=_batch_max(store)):
        size_bytes += len(entry.wire)
        if chosen and size_bytes > BATCH_BYTES_MAX:
            break
        chosen.append(entry)
    return chosen


def request(
    store: Store,
    *,
    pushed: list[outbox.Entry],
    sent: Moment,
    fix: Fix | None,
    keys: KeyStore,
) -> sync.SyncRequest:
    """Say what the handheld has to say.

    Args:
        store: the handheld's store.
        pushed: the operations that go with it.
        sent: the handheld's clocks.
        fix: where it is, if the office may know.
        keys: where the device's key lives; it signs the last operation.

    Raises:
        KeyUnreadable: there is a key, and it cannot be read.
    """
    last = contacts.find_last(store)
    files, files_bytes = uploads.weigh_waiting(store)
    left = outbox.list_waiting(store, limit=1, after=pushed[-1].n if pushed else 0)
    return sync.SyncRequest(
        contact=sync.Contact(
            device_at=sent.wall,
            mono_ms=sent.mono_ms,
            boot=sent.boot,
            measured=_measured(last) if last else None,
        ),
        status=sync.DeviceStatus(
            queued=outbox.count_waiting(store) - len(pushed),
            unsent_since=left[0].made_at if left else None,
            files_queued=files,
            files_bytes=files_bytes,
            fix=fix,
            accuracy_m=fix.accuracy_m if fix else None,
            app=APP,
        ),
        cursor=records.cursor(store),
        operations=[msgspec.Raw(entry.wire) for entry in pushed],
        changes_max=_changes_wanted(store),
        head=_head(store, keys, last=pushed[-1]) if pushed else None,
        seen=_seen(store) or msgspec.UNSET,
    )


def adapt_batch(store: Store, *, sent: int, took_s: float) -> None:
    """Let the next push have as much as the server and the line can do in good time.

    Args:
        store: the handheld's store, in a transaction.
        sent: operations of the push that was answered, at least 1.
        took_s: from sending it to its answer.
    """
    batch_max = _batch_max(store)
    wanted = pacing.next_batch(
        sent=sent,
        took_s=took_s,
        batch=batch_max,
        batch_max=settings.find_number(store, Name.BATCH_MAX) or sync.OPERATIONS_MAX,
    )
    if wanted != batch_max:
        settings.put(store, Name.BATCH, wanted)


def after_silence(store: Store, *, sent: int, took_s: float) -> None:
    """Let the next push have less where the last one waited long and got no answer."""
    wanted = pacing.batch_after_silence(sent=sent, took_s=took_s, batch=_batch_max(store))
    settings.put(store, Name.BATCH, wanted)


def after_too_large(store: Store, *, sent: int) -> None:
    """Let no push have so much again: this server takes smaller bodies than others."""
    wanted = pacing.batch_after_too_large(sent=sent)
    settings.put(store, Name.BATCH, wanted)
    settings.put(store, Name.BATCH_MAX, wanted)


def _batch_max(store: Store) -> int:
    """Tell the most operations of the next push."""
    return settings.find_number(store, Name.BATCH) or sync.OPERATIONS_MAX


def ask_less(store: Store) -> None:
    """Ask for half as much from now on, in the caller's transaction: the line broke off."""
    wanted = max(_changes_wanted(store) // 2, CHANGES_WANTED_MIN)
    settings.put(store, Name.CHANGES_WANTED, wanted)


def _changes_wanted(store: Store) -> int:
    return settings.find_number(store, Name.CHANGES_WANTED) or CHANGES_WANTED_MAX


def _ask_more(store: Store) -> None:
    """Ask for twice as much again: the line carried what we wanted."""
    wanted = _changes_wanted(store)
    if wanted < CHANGES_WANTED_MAX:
        settings.put(store, Name.CHANGES_WANTED, min(wanted * 2, CHANGES_WANTED_MAX))


def _head(store: Store, keys: KeyStore, *, last: outbox.Entry) -> sync.Head | None:
    """Sign a push by its last operation, which names the hash of the one before it, and so on."""
    device_id = settings.find(store, Name.DEVICE)
    assert device_id is not None, "only an enrolled handheld has anything to say"
    return signed_head(keys, device_id=device_id, n=last.n, sha256=last.hash)


def _seen(store: Store) -> sync.CheckpointMark | None:
    """Find the newest checkpoint that we were ever shown."""
    kept = settings.find(store, Name.CHECKPOINT)
    return None if kept is None else decode(kept.encode(), sync.CheckpointMark)


def _keep_seen(store: Store, shown: sync.CheckpointMark | msgspec.UnsetType) -> None:
    """Keep a checkpoint that is newer than any before, so that a server cannot take it back."""
    seen = _seen(store)
    if isinstance(shown, sync.CheckpointMark) and (seen is None or shown.number > seen.number):
        settings.put(store, Name.CHECKPOINT, encode(shown).decode())


def _measured(contact: event_time.Contact) -> sync.Exchange:
    """Tell the server how long the last answered exchange took."""
    return sync.Exchange(
        mono_ms=contact.monotonic_ms, boot=contact.boot_id, round_trip_s=contact.round_trip_s
    )


def wipe(store: Store, *, notice: str) -> None:
    """Forget what the server said, in the caller's transaction; what the crew did stays."""
    records.wipe(store)
    settings.put(store, Name.WIPED, notice)
    settings.drop(store, Name.ACCESS_TOKEN)
    settings.drop(store, Name.REFRESH_TOKEN)


def keep_tokens(store: Store, tokens: Tokens) -> None:
    """Keep new tokens, in the caller's transaction."""
    settings.put(store, Name.ACCESS_TOKEN, tokens.access_token)
    settings.put(store, Name.REFRESH_TOKEN, tokens.refresh_token)
    settings.put(store, Name.PERSON, tokens.name)
    settings.drop(store, Name.SIGNED_OUT)


def take_in(
    store: Store,
    *,
    asked: sync.SyncRequest,
    pushed: list[outbox.Entry],
    answer: sync.SyncAnswer,
    sent: Moment,
    heard: Moment,
) -> Taken:
    """Take an answer in, in the caller's transaction; tell what it changed.

    Args:
        store: the handheld's store.
        asked: what was said.
        pushed: the operations that went with it.
        answer: what the server answered.
        sent: the handheld's clocks when it asked.
        heard: the handheld's clocks when it had the answer.
    """
    known = settings.find_number(store, Name.SETTLED_THROUGH)
    parted = _diverged(store, answer=answer, known=known)
    through = _settled_through(pushed, answer=answer, known=known)
    if through > known:
        outbox.settle(store, through=through, outcomes=answer.outcomes)
    shown = records.apply_page(
        store,
        feeds=answer.feeds,
        dropped=answer.dropped,
        cursor=answer.cursor,
        more=answer.more,
    )
    outbox.conclude(store, outcomes=_late_outcomes(store, shown))
    outbox.lift(store, keys=shown)
    if not parted:  # else the server may lack what we would let go of
        outbox.prune(store)
    uploads.ask_again(store, missing=[file.sha256 for file in answer.missing])
    contacts.add(
        store,
        sent=sent,
        server_at=answer.server_at,
        round_trip_s=max(heard.mono_ms - sent.mono_ms, 0) / 1000,
    )
    if pushed:
        adapt_batch(store, sent=len(pushed), took_s=max(heard.mono_ms - sent.mono_ms, 0) / 1000)
    _ask_more(store)
    _keep_seen(store, answer.checkpoint)
    settings.put(store, Name.SYNCED_AT, rfc3339(answer.server_at))
    return Taken(moved=through > known or answer.cursor != asked.cursor, diverged=parted)


def compare(store: Store, *, asked_after: int, told: sync.Acknowledged) -> Fork | None:
    """Enter how far the server has settled where its chain is ours, and tell where it is not.

    Args:
        store: the handheld's store, in a transaction.
        asked_after: the number through which we held everything for settled.
        told: what the server said.
    """
    head = Head(told.acked_through, told.chain)
    if chain.hash_of(store, n=head.n) == head.sha256:
        through, follows = _told_through(told), chain.follows(store, head=head)
        if through >= asked_after:
            outbox.settle(store, through=through, outcomes=told.outcomes)
        elif follows:
            # A server put back from a backup is told the rest again.
            outbox.unsettle(store, after=through)
        return None if follows else Fork(head.n, head.sha256, after=through)
    # Within one lineage a server forgets nothing. One that was put back from a backup may have
    # forgotten what it had told us, and another copy may have gone on from there.
    has_ours = head.n >= asked_after and chain.hash_of(store, n=asked_after) == told.known
    return Fork(head.n, head.sha256, after=asked_after if has_ours else 0)


def _late_outcomes(store: Store, shown: Iterable[records.Key]) -> list[sync.Outcome]:
    """List the final outcomes of held operations that the records tell newly."""
    bodies = (
        records.find(store, entity=entity, id=row_id)
        for entity, row_id in shown
        if entity == OUTCOME
    )
    return [decode(body, sync.Outcome) for body in bodies if body is not None]


def _told_through(told: sync.Acknowledged) -> int:
    """Tell how far the outcomes are all there: an answer holds a limited number of them."""
    if len(told.outcomes) < sync.OPERATIONS_MAX:
        return told.acked_through
    return told.outcomes[-1].n


def _settled_through(pushed: list[outbox.Entry], *, answer: sync.SyncAnswer, known: int) -> int:
    """Tell how far an answer settles what is ours.

    A copy of this handheld may have pushed farther under the same numbers: what we have not sent
    ourselves is not settled, whatever the server has.
    """
    ours = max(pushed[-1].n if pushed else 0, known)
    turned_away = [outcome.n for outcome in answer.outcomes if outcome.code in _UNSETTLED_CODES]
    return min([answer.acked_through, ours, *(n - 1 for n in turned_away)])


def _diverged(store: Store, *, answer: sync.SyncAnswer, known: int) -> bool:
    """Tell whether an answer shows that the server's chain of our operations is not ours.

    It knows less than it did, more than we ever made, does not see our operations follow, or has
    something else under our last number: a copy of this handheld was first after a backup.
    """
    ours = chain.hash_of(store, n=answer.acked_through)
    if answer.chain is not None and ours is not None and ours != answer.chain:
        return True
    return not known <= answer.acked_through <= chain.last(store).n or any(
        outcome.code in _UNSETTLED_CODES for outcome in answer.outcomes
    )
