"""The phone app's types are what the server's description says."""

from __future__ import annotations

from tests.docs import wire


def test_the_types_of_the_phone_app_are_what_the_server_describes() -> None:
    written = wire.FILE.read_text(encoding="utf-8")
    assert written == wire.page(), "run `python -m tests.docs.wire`"
