"""Time stamps (RFC 3161): a third party's word that a checkpoint was there at an instant.

A log that is written anew, even with the stolen key, gets its stamps anew, and they tell when.
What a time-stamp authority answers is a stranger's: it is bounded in size and time, and believed
only where its signature, our hash, our nonce and the time hold.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import pathlib
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

import httpx
import rfc3161_client as tsp
from cryptography import x509

from api.settings import Settings

ANSWER_BYTES_MAX: Final = 100_000
ASKING_MAX_S: Final = 15.0
SLACK: Final = dt.timedelta(minutes=5)
"""How far the authority's clock and ours may be apart."""
_TIMEOUTS: Final = httpx.Timeout(10.0)
_HEADERS: Final = {"Content-Type": "application/timestamp-query"}


class StampRefusedError(Exception):
    """No stamp came, or what came is none; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's answer that was believed, and the instant that it tells."""

    answer: bytes
    at: dt.datetime


def list_roots(settings: Settings) -> list[x509.Certificate]:
    """List the certificates that stamps must come from; none where none are named.

    Raises:
        StampRefusedError: the file cannot be read, or holds no certificate.
    """
    if not settings.tsa_certificates:
        return []
    path = pathlib.Path(settings.tsa_certificates)
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"no certificates in {path}: {error}"
        raise StampRefusedError(message) from error


def ask(url: str, *, message: bytes, roots: Sequence[x509.Certificate], now: dt.datetime) -> Stamp:
    """Ask an authority to stamp a message.

    Args:
        url: the authority's address.
        message: what is stamped; only its hash goes out.
        roots: the certificates that its own must come from.
        now: the present instant.

    Raises:
        StampRefusedError: it did not answer in time, or not with a stamp that holds.
    """
    builder = tsp.TimestampRequestBuilder().data(message).hash_algorithm(tsp.HashAlgorithm.SHA256)
    request = builder.build()
    answer = _within(ASKING_MAX_S, lambda: _post(url, request.as_bytes()))
    stamp = check(answer, message=message, roots=roots, nonce=request.nonce)
    if abs(stamp.at - now) > SLACK:
        told = f"it says that it is {stamp.at:%Y-%m-%d %H:%M:%S}, and here it is {now:%H:%M:%S}"
        raise StampRefusedError(told)
    return stamp


def check(
    answer: bytes,
    *,
    message: bytes,
    roots: Sequence[x509.Certificate],
    nonce: int | None = None,
) -> Stamp:
    """Hold an answer against what was asked.

    Args:
        answer: the authority's answer.
        message: what was to be stamped.
        roots: the certificates that its own must come from.
        nonce: what it was asked with; once it was believed, nobody asks again.

    Raises:
        StampRefusedError: it is no stamp, not of this message, or not by one of the roots.
    """
    verifier = tsp.VerifierBuilder(roots=list(roots), nonce=nonce).build()
    try:
        response = tsp.decode_timestamp_response(answer)
        if response.status != tsp.PKIStatus.GRANTED:
            refusal = f"it was not granted (status {response.status})"
            raise StampRefusedError(refusal)
        verifier.verify_message(response, message)
        return Stamp(answer, response.tst_info.gen_time)
    except (tsp.VerificationError, ValueError) as error:
        refusal = f"the answer is no stamp that holds: {error}"
        raise StampRefusedError(refusal) from error


def _post(url: str, body: bytes) -> bytes:
    """Send a request; no redirect is followed, and no more is read than an answer can have."""
    read = bytearray()
    try:
        with httpx.stream("POST", url, content=body, headers=_HEADERS, timeout=_TIMEOUTS) as answer:
            if answer.status_code != HTTPStatus.OK:
                refusal = f"the authority answered {answer.status_code}"
                raise StampRefusedError(refusal)
            for piece in answer.iter_raw():
                read += piece
                if len(read) > ANSWER_BYTES_MAX:
                    refusal = f"the authority answered more than {ANSWER_BYTES_MAX} bytes"
                    raise StampRefusedError(refusal)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        refusal = f"the authority was not reached: {type(error).__name__}: {error}"
        raise StampRefusedError(refusal) from error
    return bytes(read)


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Do something for so long at most; what goes on after it is left to itself.

    A line that gives a byte now and then keeps within every timeout of its reads.
    """
    done: concurrent.futures.Future[bytes] = concurrent.futures.Future()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits raises it
            done.set_exception(error)

    threading.Thread(target=run, name="time-stamp", daemon=True).start()
    try:
        return done.result(timeout=seconds)
    except concurrent.futures.TimeoutError as error:
        refusal = f"the authority took more than {seconds:g} s"
        raise StampRefusedError(refusal) from error
