"""The last words of a handheld that the office has revoked: what it had not sent, by its key."""

from __future__ import annotations

import msgspec

from field_sync import exchange
from field_sync.clock import Edge, Moment
from field_sync.conversation import Work
from field_sync.keys import KeyStore, signed_head
from field_sync.store import chain, outbox, settings, uploads
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from field_sync.transport import Transport
from schemas import sync
from schemas.rules.operation_chain import Head


def say(store: Store, line: Transport, edge: Edge, *, keys: KeyStore) -> tuple[str | None, Work]:
    """Say what was not sent before the office revoked the device, and forget what is safe there.

    Args:
        store: the handheld's store.
        line: the wire to the server.
        edge: the handheld's clocks.
        keys: where the device's key lives.

    Returns:
        The token for the files that are left, and what is left; without a key, or with nothing to
        say, there is no token and nothing to do.

    Raises:
        KeyUnreadable: there is a key, and it cannot be read.
        ServerRefused: the server does not hear it.
        NoSignal: no answer came.
    """
    left = exchange.work(store)
    said = exchange.batch(store)
    words = _last_words(store, said=said, sent=edge.moment(), keys=keys)
    if words is None or not (left.operations or left.files):
        return None, Work()
    heard = line.last_words(words)
    with store.writing():
        _hand_over(store, said=said, heard=heard)
    return heard.upload_token, exchange.allowed(store)


def _last_words(
    store: Store, *, said: list[outbox.Entry], sent: Moment, keys: KeyStore
) -> sync.LastWords | None:
    device_id = settings.find(store, Name.DEVICE)
    assert device_id is not None, "only an enrolled handheld is ever revoked"
    last = Head(said[-1].n, said[-1].hash) if said else chain.last(store)
    head = signed_head(keys, device_id=device_id, n=last.n, sha256=last.sha256) if last.n else None
    if head is None:
        return None
    return sync.LastWords(
        device_id=device_id,
        contact=sync.Contact(device_at=sent.wall, mono_ms=sent.mono_ms, boot=sent.boot),
        head=head,
        operations=[msgspec.Raw(entry.wire) for entry in said],
    )


def _hand_over(store: Store, *, said: list[outbox.Entry], heard: sync.LastWordsHeard) -> None:
    """Forget what is safe with the office, in the caller's transaction; files go on."""
    outbox.hand_over(store, through=min(heard.safe_through, said[-1].n if said else 0))
    if not outbox.count_waiting(store):
        places = {file.sha256: file.upload for file in heard.missing if file.upload}
        uploads.expect(store, places=places, more=heard.more)
