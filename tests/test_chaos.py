"""A short storm of real kills loses nothing, and its proof sees what would be lost."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import random
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator

import msgspec
import pytest

from schemas import sync
from tests.chaos import proof, proxy, server
from tests.day import ledger
from tests.test_day import found, operation, phone, receipt

ROOT = pathlib.Path(__file__).parents[1]
TIMEOUT_S = 600
ECHO_BYTES = 200_000
LINES = 90
"""So many that it does not hang on their order whether ten are cut at different bytes."""


@pytest.mark.slow
def test_a_short_storm_loses_nothing_and_nothing_happens_twice(database_kind: str) -> None:
    storm = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--minutes", "0.4", "--database", database_kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert "Nothing was lost, nothing happened twice." in storm.stdout


def hash_of(n: int) -> str:
    return hashlib.sha256(operation(n).wire).hexdigest()


def line(n: int, *, sha256: str | None = None) -> ledger.Line:
    kept = operation(n)
    return ledger.Line(
        n=n, id=kept.id, type=kept.type, hash=hash_of(n), wire=kept.wire, sha256=sha256
    )


def witness(*lines: ledger.Line, kept: int) -> proof.Witness:
    return proof.Witness(
        phone=phone(*(operation(n) for n in range(1, kept + 1))), ledger=list(lines)
    )


def test_what_a_ledger_and_the_server_agree_on_holds() -> None:
    witnesses = [witness(line(1), kept=2)]

    assert proof.kept(witnesses).holds
    assert proof.acknowledged(witnesses, found(receipt(1), receipt(2))).holds


def test_an_operation_that_the_outbox_forgot_is_seen() -> None:
    assert not proof.kept([witness(line(1), line(2), kept=1)]).holds


@pytest.mark.parametrize("times", [0, 2])
def test_a_ledger_line_without_its_one_receipt_is_seen(times: int) -> None:
    check = proof.acknowledged([witness(line(1), kept=1)], found(*[receipt(1)] * times))

    assert not check.holds


def test_a_receipt_with_other_content_than_the_ledger_is_seen() -> None:
    other = msgspec.structs.replace(receipt(1), operation={"id": "op-1", "n": 1})

    assert not proof.acknowledged([witness(line(1), kept=1)], found(other)).holds


def test_a_photo_of_a_ledger_that_never_came_is_seen() -> None:
    assert not proof.photos_arrived([witness(line(1, sha256="ab" * 32), kept=1)], found()).holds


def chained(n: int, *, prev: str) -> sync.KeptReceipt:
    kept = receipt(n)
    return msgspec.structs.replace(kept, operation={**kept.operation, "prev": prev})


def test_a_chain_that_names_each_operation_before_is_whole() -> None:
    receipts = chained(1, prev=""), chained(2, prev=hash_of(1))

    assert proof.chains_whole([witness(kept=2)], found(*receipts)).holds


@pytest.mark.parametrize("prev", ["", "ab" * 32])
def test_a_chain_that_names_another_operation_is_seen(prev: str) -> None:
    receipts = chained(1, prev=""), chained(2, prev=prev)

    assert not proof.chains_whole([witness(kept=2)], found(*receipts)).holds


def test_a_chain_with_a_hole_is_seen() -> None:
    assert not proof.chains_whole([witness(kept=2)], found(chained(2, prev=hash_of(1)))).holds


def test_half_a_line_in_a_ledger_was_never_promised(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(msgspec.json.encode(line(1)) + b'\n{"n":2,"id":')
    ledger.Ledger(path)  # the process that comes after ends the half line

    assert [each.n for each in ledger.read(path)] == [1]
    assert path.read_bytes().endswith(b"\n")


@pytest.fixture
def echo_port() -> Iterator[int]:
    class Echo(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):  # the proxy cut this line
                while data := self.request.recv(65_536):
                    self.request.sendall(data)

    with socketserver.ThreadingTCPServer((proxy.HOST, 0), Echo) as echo:
        serving = threading.Thread(target=echo.serve_forever)
        serving.start()
        yield echo.server_address[1]
        echo.shutdown()
        serving.join()


def echoed(port: int) -> bytes:
    """Send bytes and hear what comes back until all of them did, or the line is cut."""
    sent = random.Random(1).randbytes(ECHO_BYTES)
    heard = bytearray()
    with (
        contextlib.suppress(OSError),
        socket.create_connection((proxy.HOST, port), timeout=20) as line,
    ):
        sending = threading.Thread(target=send, args=(line, sent))
        sending.start()
        while len(heard) < len(sent) and (data := line.recv(65_536)):
            heard += data
        line.close()
        sending.join()
    assert sent.startswith(heard), "what passes a cut line is a beginning of what was sent"
    return bytes(heard)


def send(line: socket.socket, sent: bytes) -> None:
    with contextlib.suppress(OSError):
        line.sendall(sent)


def test_in_calm_weather_every_byte_passes(echo_port: int) -> None:
    with contextlib.closing(proxy.Proxy(upstream_port=echo_port, seed=1)) as lines:
        assert len(echoed(lines.port)) == ECHO_BYTES


@pytest.mark.slow
def test_in_a_storm_lines_are_cut_at_many_places(echo_port: int) -> None:
    with contextlib.closing(proxy.Proxy(upstream_port=echo_port, seed=1)) as lines:
        lines.is_calm = False
        with concurrent.futures.ThreadPoolExecutor(LINES // 3) as pool:
            lengths = {len(heard) for heard in pool.map(echoed, [lines.port] * LINES)}

    assert ECHO_BYTES in lengths
    assert len(lengths) >= 10


def test_a_command_ends_with_whoever_holds_its_leash() -> None:
    leash = subprocess.Popen(
        [sys.executable, "-P", server.LEASH, sys.executable, "-c", "import time; time.sleep(60)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    out, _ = leash.communicate(timeout=20)

    with pytest.raises(ProcessLookupError):
        os.kill(int(out), 0)
