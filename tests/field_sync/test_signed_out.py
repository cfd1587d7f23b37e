"""A handheld whose session has ended still hears that the office has revoked it."""

from __future__ import annotations

import pytest

from field_sync import client, enrolment, errors, fieldwork
from field_sync.store import outbox, records, settings
from field_sync.store.connection import Store
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.testing.server import LOGIN, PASSWORD, FakeServer
from field_sync.transport import Transport


@pytest.mark.rule("H11")
def test_a_signed_out_handheld_hears_that_it_is_revoked(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    """World seed 20152: it was lost after its session had ended, and kept the district's work."""
    server.closed = True
    client.sync_now(phone, line, edge)
    fieldwork.accept(phone, edge, task_id="t1")
    server.revoked = True

    ended = client.sync_now(phone, line, edge)
    assert isinstance(ended.refused, errors.Wiped)
    assert records.count(phone) == 0


@pytest.mark.rule("H11")
def test_who_signs_in_on_a_revoked_handheld_wipes_it(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    """World seed 23072: a restored server did not know its last token, but that it was lost."""
    fieldwork.accept(phone, edge, task_id="t1")
    server.revoked = True
    with pytest.raises(errors.Wiped):
        enrolment.sign_in(phone, line, edge, login=enrolment.Login(LOGIN, PASSWORD))
    assert (records.count(phone), outbox.count_waiting(phone)) == (0, 1)
    assert settings.find(phone, Name.REFRESH_TOKEN) is None
