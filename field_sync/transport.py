"""The wire: one HTTP request and its answer, within time and size, or a refusal that says why.

It knows addresses, headers, compression and statuses, and nothing of the store.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import sys
import zlib
from typing import Final, Self

import httpx

from field_sync import errors
from field_sync.proofs import Prover
from field_sync.wire import decode
from schemas import base
from schemas.base import ShapeT, encode
from schemas.crews import Enrolled, Enrolment, Refresh, SignIn, Tokens
from schemas.errors import Problem, Refused
from schemas.sync import Acknowledged, LastWords, LastWordsHeard, SyncAnswer, SyncRequest

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two branches runs
    from compression import zstd
else:
    from backports import zstd

TIMEOUTS: Final = httpx.Timeout(connect=10.0, read=30.0, write=30.0, pool=5.0)
"""Seconds; a dead line is noticed before the crew's patience ends."""
ANSWER_BYTES_MAX: Final = 64_000_000
FRAMES_MAX: Final = 1_000
"""Frames of one answer; a server lays a few hundred at the most."""
ZIPPED_FROM_BYTES: Final = 1_000
_GZIP_WINDOW_BITS: Final = 31
_GZIP_LEVEL: Final = 6
_WAIT_STATUSES: Final = frozenset({408, 425, 429})
_UNAUTHORIZED: Final = 401
_RETRY_AFTER_DIGITS_MAX: Final = 9
_SERVER_FAULTS_FROM: Final = 500
_REVOKED: Final = "device-revoked"
_AGAIN: Final = frozenset({"proof-used", "proof-stale"})
"""The request came twice, or too late: what became of it must be asked for, as after silence."""
_NONCE_HEADER: Final = "DPoP-Nonce"
_NONCE_CHARS_MAX: Final = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came: status, headers, and the body inflated."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the server did it."""
        return httpx.codes.is_success(self.status)


@dataclasses.dataclass(slots=True)
class _Nonce:
    """What the server gave last for proofs of a clock that it cannot go by."""

    text: str | None = None


class Transport:
    """A line to one server."""

    def __init__(
        self, http: httpx.Client, *, prover: Prover | None = None, nonce: _Nonce | None = None
    ) -> None:
        """Speak through an HTTP client that knows the server's address; see `connect`."""
        self._http = http
        self._prover = prover
        self._nonce = nonce or _Nonce()

    def proving(self, prover: Prover) -> Transport:
        """Give the same line, on which each request proves that it holds the device's key."""
        return Transport(self._http, prover=prover, nonce=self._nonce)

    def sign_in(self, ask: SignIn) -> Tokens:
        """Sign a person in.

        Raises:
            ServerRefused: login or password is wrong, or the device is not theirs.
            NoSignal: no answer came.
        """
        return self._json("POST", "/v1/sessions", Tokens, content=encode(ask), proves=True)

    def enrol(self, ask: Enrolment, *, token: str) -> Enrolled:
        """Enrol a device; the same id again gives the same device.

        Raises:
            ServerRefused: the person may not, or the id is taken.
            NoSignal: no answer came.
        """
        return self._json("POST", "/v1/devices", Enrolled, content=encode(ask), token=token)

    def refresh(self, ask: Refresh) -> Tokens:
        """Exchange a refresh token.

        Raises:
            ServerRefused: it is not valid any more.
            Revoked: the device is not, either.
            NoSignal: no answer came.
        """
        return self._json("POST", "/v1/sessions/refresh", Tokens, content=encode(ask), proves=True)

    def sync(self, ask: SyncRequest, *, token: str) -> SyncAnswer:
        """Have one exchange.

        Raises:
            TokenRefused: the access token has expired.
            Revoked: the office has revoked the device.
            ServerRefused: the request is not valid.
            NoSignal: no answer came; what was sent may have arrived.
            AnswerCut: a part of the answer came.
        """
        return self._json("POST", "/v1/sync", SyncAnswer, content=encode(ask), token=token)

    def acknowledged(self, *, after: int, token: str) -> Acknowledged:
        """Ask how far the server has settled.

        Args:
            after: the highest operation that is known here to be settled.
            token: the access token.

        Raises:
            TokenRefused: the access token has expired.
            Revoked: the office has revoked the device.
            NoSignal: no answer came.
        """
        return self._json("GET", f"/v1/sync/ack?after={after}", Acknowledged, token=token)

    def last_words(self, words: LastWords) -> LastWordsHeard:
        """Say what a revoked device had not sent; its key has signed it.

        Raises:
            ServerRefused: the server does not know the key, or the device stands.
            NoSignal: no answer came; what was said may have been heard.
        """
        return self._json("POST", "/v1/sync/last-words", LastWordsHeard, content=encode(words))

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        content: bytes = b"",
        proves: bool = False,
    ) -> Heard:
        """Send one request and hear its answer, whatever its status.

        A server that does not go by our clock refuses the proof and gives a nonce for another one.

        Args:
            method: the request's method.
            path: its path, and a query.
            token: the token to show; with it goes a proof of the device's key.
            headers: what else it says.
            content: its body.
            proves: whether a proof goes with it though no token does.

        Raises:
            NoSignal: no answer came.
            AnswerCut: a part of it came.
            AnswerUnreadable: it is too large, or not what its encoding says.
            KeyUnreadable: the device has a key, and it cannot be read.
        """
        request = self._http.build_request(
            method,
            path,
            headers={"Accept-Encoding": "zstd, gzip", **(headers or {})},
            content=content,
        )
        heard = self._sent(request, token=token, proves=proves)
        nonce = heard.headers.get(_NONCE_HEADER)
        if nonce is None:
            return heard
        self._nonce.text = nonce[:_NONCE_CHARS_MAX]
        return self._sent(request, token=token, proves=proves)

    def _sent(self, request: httpx.Request, *, token: str | None, proves: bool) -> Heard:
        """Send a request with its token and a proof of its own."""
        proof = None
        if self._prover is not None and (proves or token is not None):
            url = str(request.url.copy_with(query=None, fragment=None))
            proof = self._prover.prove(
                method=request.method, url=url, token=token, nonce=self._nonce.text
            )
        if proof is not None:
            request.headers["DPoP"] = proof
        if token is not None:
            request.headers["Authorization"] = f"{'DPoP' if proof else 'Bearer'} {token}"
        try:
            with contextlib.closing(self._http.send(request, stream=True)) as response:
                return Heard(response.status_code, response.headers, _body(response))
        except httpx.TransportError as error:
            raise errors.NoSignal from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _json(
        self,
        method: str,
        path: str,
        shape: type[ShapeT],
        *,
        content: bytes = b"",
        token: str | None = None,
        proves: bool = False,
    ) -> ShapeT:
        headers = {"Content-Type": "application/json"} if content else {}
        if len(content) >= ZIPPED_FROM_BYTES:
            content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        heard = self.send(
            method, path, token=token, headers=headers, content=content, proves=proves
        )
        if not heard.ok:
            raise refusal(heard, signed=token is not None)
        try:
            return decode(heard.body, shape)
        except base.UNREADABLE as error:
            raise errors.AnswerUnreadable(reason=str(error)[:200]) from error


def connect(server: str) -> Transport:
    """Open a line to the server at an address like `https://lamplighter.example`."""
    return Transport(httpx.Client(base_url=server, timeout=TIMEOUTS))


def refusal(heard: Heard, *, signed: bool) -> Refused:
    """Say what an answer that is no success means.

    Args:
        heard: the answer.
        signed: whether the request carried an access token.
    """
    if heard.status in _WAIT_STATUSES or heard.status >= _SERVER_FAULTS_FROM:
        return errors.NoSignal(retry_after_s=_retry_after_s(heard))
    unsigned = heard.status == _UNAUTHORIZED and signed
    try:
        problem = decode(heard.body, Problem)
    except base.UNREADABLE:
        said = errors.AnswerUnreadable(reason=f"HTTP {heard.status}")
        return errors.TokenRefused() if unsigned else said
    if problem.code in _AGAIN:
        return errors.NoSignal()
    if problem.code == _REVOKED:
        return errors.Revoked(notice_en=problem.detail.en, notice_zh=problem.detail.zh)
    return errors.TokenRefused() if unsigned else errors.ServerRefused.saying(problem)


def _retry_after_s(heard: Heard) -> int | None:
    raw = heard.headers.get("Retry-After", "")
    known = raw.isascii() and raw.isdigit() and len(raw) <= _RETRY_AFTER_DIGITS_MAX
    return int(raw) if known else None


def _body(response: httpx.Response) -> bytes:
    """Read a body within the limit and inflate it within the same limit."""
    raw = bytearray()
    try:
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > ANSWER_BYTES_MAX:
                raise errors.AnswerUnreadable(reason=f"more than {ANSWER_BYTES_MAX} bytes")
    except httpx.TransportError as error:
        raise errors.AnswerCut from error
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    try:
        body, whole = _inflate(bytes(raw), encoding)
    except (zlib.error, zstd.ZstdError) as error:
        raise errors.AnswerUnreadable(reason=f"not {encoding}") from error
    if not whole:
        raise errors.AnswerUnreadable(reason=f"cut, or more than {ANSWER_BYTES_MAX} bytes")
    return body


def _inflate(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    """Inflate up to the limit, and tell whether that was all of it."""
    match encoding:
        case _ if not raw:
            return b"", True
        case "gzip":
            gunzip = zlib.decompressobj(_GZIP_WINDOW_BITS)
            return gunzip.decompress(raw, ANSWER_BYTES_MAX), gunzip.eof
        case "zstd":
            return _unzstd(raw)
        case _:
            return raw, True


def _unzstd(raw: bytes) -> tuple[bytes, bool]:
    """Inflate frame after frame: the server lays pages that it keeps compressed side by side."""
    rest = memoryview(raw)
    frames: list[bytes] = []
    left_bytes = ANSWER_BYTES_MAX
    for _ in range(FRAMES_MAX):
        unzstd = zstd.ZstdDecompressor()
        frames.append(unzstd.decompress(rest, max_length=left_bytes))
        left_bytes -= len(frames[-1])
        if not unzstd.eof:
            return b"", False
        if not unzstd.unused_data:
            return b"".join(frames), True
        rest = rest[len(rest) - len(unzstd.unused_data) :]
    return b"", False
