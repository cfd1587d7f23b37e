"""A handheld keeps the newest checkpoint that it was ever shown, and says it at each contact."""

from __future__ import annotations

import msgspec
import pytest

from field_sync import client
from field_sync.store import settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import FakeServer
from field_sync.transport import Transport
from schemas.sync import CheckpointMark

FIRST = CheckpointMark(number=1, sha256="1" * 64)
SECOND = CheckpointMark(number=2, sha256="2" * 64)
OTHER = CheckpointMark(number=2, sha256="e" * 64)


@pytest.mark.rule("H30")
def test_it_says_the_newest_checkpoint_that_it_was_shown(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    for shown in (FIRST, SECOND):
        server.checkpoint = shown
        client.sync_now(phone, line, edge)
    client.sync_now(phone, line, edge)
    assert server.seen == SECOND


@pytest.mark.rule("H30")
@pytest.mark.parametrize("taken_back", [FIRST, OTHER, msgspec.UNSET])
def test_a_server_cannot_take_back_what_it_has_shown(
    taken_back: CheckpointMark | msgspec.UnsetType,
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
) -> None:
    server.checkpoint = SECOND
    client.sync_now(phone, line, edge)
    server.checkpoint = taken_back
    for _ in range(2):
        client.sync_now(phone, line, edge)
        assert server.seen == SECOND


@pytest.mark.rule("H30")
def test_a_server_that_never_showed_one_is_told_of_none(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    client.sync_now(phone, line, edge)
    assert server.seen is msgspec.UNSET


def test_an_answer_that_is_lost_has_shown_nothing(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    server.checkpoint = FIRST
    network.fault = lambda _: Fault.ANSWER_LOST
    client.sync_now(phone, line, edge)
    assert settings.find(phone, Name.CHECKPOINT) is None
