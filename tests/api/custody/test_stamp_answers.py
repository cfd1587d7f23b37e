"""An authority's answer is a stranger's: it is believed only where everything of it holds.

The authority is a stand-in on this machine, with a certificate of its own making; `openssl ts
-verify` takes its stamps for what they are.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import pathlib
import socket
import threading
from collections.abc import Callable
from typing import Final

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from api.custody import stamps
from api.settings import Settings
from tests.api.custody.conftest import Clerk
from tests.conftest import NOW
from tests.makers import tsa

MESSAGE: Final = b"so it stands"


def ask(settings: Settings, *, now: dt.datetime = NOW) -> stamps.Stamp:
    return stamps.ask(settings.tsa_url, message=MESSAGE, roots=stamps.list_roots(settings), now=now)


def test_what_openssl_would_believe_is_believed(stamping: Settings) -> None:
    stamp = ask(stamping)
    assert stamp.at == NOW
    again = stamps.check(stamp.answer, message=MESSAGE, roots=stamps.list_roots(stamping))
    assert again == stamp


def _other_hash(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW, hashed=hashlib.sha256(b"another").digest())


def _other_nonce(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW, nonce=asked.nonce + 1)


def _other_root(asked: tsa.Asked, _: tsa.Authority) -> bytes:
    return tsa.authority(since=NOW - dt.timedelta(days=1)).answer(asked, at=NOW)


def _forged(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    other = tsa.authority(since=NOW - dt.timedelta(days=1))
    return dataclasses.replace(authority, key=other.key).answer(asked, at=NOW)


def _flipped(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(
        asked, at=NOW, signed=lambda signature: signature[:-1] + bytes([signature[-1] ^ 1])
    )


def _early(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW - dt.timedelta(minutes=6))


def _late(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW + dt.timedelta(minutes=6))


def _refused(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW, status=2)


def _cut(asked: tsa.Asked, authority: tsa.Authority) -> bytes:
    return authority.answer(asked, at=NOW)[:-1]


def _page(_asked: tsa.Asked, _authority: tsa.Authority) -> bytes:
    return b"<html>It works!</html>"


def _nothing(_asked: tsa.Asked, _authority: tsa.Authority) -> bytes:
    return b""


def _flood(_asked: tsa.Asked, _authority: tsa.Authority) -> bytes:
    return b"0" * (stamps.ANSWER_BYTES_MAX + 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_other_hash, "Mismatch between messages"),
        (_other_nonce, "Nonce mismatch"),
        (_other_root, "verifying certificates"),
        (_forged, "verifying certificates"),
        (_flipped, "no stamp that holds"),
        (_early, "it says that it is 2026-11-22 23:54:00"),
        (_late, "it says that it is 2026-11-23 00:06:00"),
        (_refused, "not granted"),
        (_cut, "no stamp that holds"),
        (_page, "no stamp that holds"),
        (_nothing, "no stamp that holds"),
        (_flood, "more than 100000 bytes"),
    ],
)
def test_a_hostile_answer_is_refused(
    wrong: Callable[[tsa.Asked, tsa.Authority], bytes],
    said: str,
    stamping: Settings,
    clerk: Clerk,
    authority: tsa.Authority,
) -> None:
    clerk.reply = lambda asked: (200, wrong(asked, authority))
    with pytest.raises(stamps.StampRefusedError, match=said):
        ask(stamping)


@pytest.mark.parametrize(
    "usage", [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
)
def test_a_certificate_for_something_else_stamps_nothing(
    usage: x509.ObjectIdentifier, clerk: Clerk, settings: Settings, tmp_path: pathlib.Path
) -> None:
    other = tsa.authority(since=NOW - dt.timedelta(days=1), usages=[usage])
    clerk.reply = lambda asked: (200, other.answer(asked, at=NOW))
    roots = other.write_root(tmp_path / "other.pem")
    with tsa.serving(clerk) as url, pytest.raises(stamps.StampRefusedError, match="that holds"):
        ask(dataclasses.replace(settings, tsa_url=url, tsa_certificates=str(roots)))


def test_a_certificate_that_had_ended_stamps_nothing(
    clerk: Clerk, settings: Settings, tmp_path: pathlib.Path
) -> None:
    old = tsa.authority(since=NOW - dt.timedelta(days=9), life=dt.timedelta(days=8))
    clerk.reply = lambda asked: (200, old.answer(asked, at=NOW))
    roots = old.write_root(tmp_path / "old.pem")
    with tsa.serving(clerk) as url, pytest.raises(stamps.StampRefusedError, match="certificates"):
        ask(dataclasses.replace(settings, tsa_url=url, tsa_certificates=str(roots)))


def test_a_redirect_is_not_followed(stamping: Settings, clerk: Clerk) -> None:
    clerk.reply = lambda _: (302, b"")
    with pytest.raises(stamps.StampRefusedError, match="answered 302"):
        ask(stamping)
    assert clerk.asked == 1


def test_an_authority_that_is_not_there_is_said(stamping: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(stamps.StampRefusedError, match="was not reached"):
        ask(dataclasses.replace(stamping, tsa_url=url))
    with pytest.raises(stamps.StampRefusedError, match="was not reached"):
        ask(dataclasses.replace(stamping, tsa_url="http://["))


def test_a_line_that_drips_for_ever_is_left(
    stamping: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "ASKING_MAX_S", 0.5)
    stopped = threading.Event()

    def drip(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            line, _ = listening.accept()
            with line:
                line.sendall(b"HTTP/1.1 200 OK\r\nX-Wait: ")
                while not stopped.wait(0.05):
                    line.sendall(b".")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            with pytest.raises(stamps.StampRefusedError, match=r"took more than 0\.5 s"):
                ask(dataclasses.replace(stamping, tsa_url=url))
        finally:
            stopped.set()
            thread.join()
