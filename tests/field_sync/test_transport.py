"""The wire: what each answer means, what is believed of it, and how much of it is read."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import msgspec
import pytest
from backports import zstd

from field_sync import errors, transport
from field_sync.testing.edge import START
from field_sync.transport import Transport
from schemas import sync
from schemas.base import encode
from schemas.errors import Problem, Refused, Words

ACK = encode(sync.Acknowledged(server_at=START, acked_through=3, chain="c" * 64))
ASK = sync.SyncRequest(contact=sync.Contact(device_at=START, mono_ms=0, boot="b"))


PACK: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}


SPOIL: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda packed: packed[:-9],
    "something else": lambda _: b"not packed at all",
}


def line(answer: Callable[[httpx.Request], httpx.Response]) -> Transport:
    return Transport(
        httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1/base")
    )


def saying(status: int, body: bytes = b"", **headers: str) -> Transport:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return line(lambda _: httpx.Response(status, headers=named, stream=httpx.ByteStream(body)))


def problem(code: str, status: int) -> bytes:
    detail = Words(en="No.", zh="不。")
    return encode(Problem(type="t", title="t", status=status, code=code, detail=detail))


@pytest.mark.parametrize("encoding", PACK)
def test_an_answer_is_read_in_each_encoding(encoding: str) -> None:
    pack = PACK[encoding]
    told = saying(200, pack(ACK), Content_Encoding=encoding).acknowledged(after=0, token="t")
    assert told.acked_through == 3


MEANINGS: dict[str, tuple[int, bytes, type[Refused]]] = {
    "an expired token": (401, problem("not-signed-in", 401), errors.TokenRefused),
    "a proxy's 401": (401, b"<html>", errors.TokenRefused),
    "a revoked device": (401, problem("device-revoked", 401), errors.Revoked),
    "a closed door": (403, problem("not-allowed", 403), errors.ServerRefused),
    "a bad request": (422, problem("invalid", 422), errors.ServerRefused),
    "too many requests": (429, problem("too-many", 429), errors.NoSignal),
    "a busy server": (503, b"", errors.NoSignal),
    "a bug of the server": (500, problem("bug", 500), errors.NoSignal),
    "a redirect": (302, b"", errors.AnswerUnreadable),
    "another server's 404": (404, b"<html>", errors.AnswerUnreadable),
    "a captive portal": (200, b"<html>pay for this network</html>", errors.AnswerUnreadable),
    "another shape": (200, b'{"acked_through": "x"}', errors.AnswerUnreadable),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_each_answer_means_one_thing(name: str) -> None:
    status, body, refusal = MEANINGS[name]
    with pytest.raises(refusal):
        saying(status, body).acknowledged(after=0, token="t")


def test_the_servers_own_words_are_carried() -> None:
    with pytest.raises(errors.ServerRefused) as refused:
        saying(422, problem("invalid", 422)).sync(ASK, token="t")
    assert refused.value.words.zh == "服务器拒绝（invalid）：不。"


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("soon", None)])
def test_a_busy_server_says_how_long_to_wait(header: str, wait_s: float | None) -> None:
    with pytest.raises(errors.NoSignal) as refused:
        saying(503, Retry_After=header).acknowledged(after=0, token="t")
    assert refused.value.retry_after_s == wait_s


@pytest.mark.rule("H19")
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("how", SPOIL)
def test_a_spoilt_answer_is_not_believed(encoding: str, how: str) -> None:
    packed = PACK[encoding](ACK)
    with pytest.raises(errors.AnswerUnreadable):
        saying(200, SPOIL[how](packed), Content_Encoding=encoding).acknowledged(after=0, token="t")


@pytest.mark.rule("H19")
@pytest.mark.parametrize("encoding", PACK)
def test_an_answer_that_never_ends_is_not_read_to_its_end(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES_MAX", 10_000)
    pack = PACK[encoding]
    with pytest.raises(errors.AnswerUnreadable):
        saying(200, pack(b" " * 20_000), Content_Encoding=encoding).acknowledged(after=0, token="t")


def test_a_large_request_goes_compressed_and_a_small_one_as_it_is() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(503, stream=httpx.ByteStream(b""))

    speaking = line(answer)
    operation = msgspec.Raw(b'{"note":"%s"}' % (b"x" * 2_000))
    for ask in (ASK, sync.SyncRequest(contact=ASK.contact, operations=[operation])):
        with pytest.raises(errors.NoSignal):
            speaking.sync(ask, token="t")
    small, large = seen
    assert "Content-Encoding" not in small.headers
    assert large.headers["Content-Encoding"] == "gzip"
    assert len(large.content) < 500
    assert gzip.decompress(large.content).startswith(b'{"protocol":1,')
    assert str(large.url) == "http://127.0.0.1:1/base/v1/sync"
    assert large.headers["Authorization"] == "Bearer t"
