"""Every request that shows a token proves that the handheld holds its key (RFC 9449)."""

from __future__ import annotations

import base64
import pathlib
from typing import Any

import httpx
import msgspec
import pytest

from field_sync import errors
from field_sync.keys import FILE_NAME, FileKeys
from field_sync.proofs import Prover
from field_sync.testing.edge import START, HandEdge
from field_sync.transport import Transport
from schemas import sync
from schemas.base import encode
from schemas.crews import Refresh, SignIn
from schemas.errors import Problem, Words
from schemas.rules import proofs

ADDRESS = "http://127.0.0.1:1/base"
ACK = encode(sync.Acknowledged(server_at=START, acked_through=3, chain="c" * 64))
Json = dict[str, Any]


class Door:
    """Keeps what was asked, and answers what it is told to in turn."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = iter(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers)
        self.asked.append(sent)
        return next(self.answers)


def answer(status: int = 200, body: bytes = ACK, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


def refused(code: str, **headers: str) -> httpx.Response:
    words = Words(en="No.", zh="不。")
    body = Problem(type="t", title="t", status=401, code=code, detail=words)
    return answer(401, encode(body), **headers)


def line(door: Door, home: pathlib.Path, *, made: bool = True) -> Transport:
    """Open a line of a handheld to a door."""
    keys, edge = FileKeys(home), HandEdge()
    if made:
        keys.make(edge)
    http = httpx.Client(transport=httpx.MockTransport(door), base_url=ADDRESS)
    return Transport(http).proving(Prover(keys, edge))


def said(request: httpx.Request) -> tuple[Json, Json]:
    """Read header and claims of the proof that came with a request."""
    header, claims, _ = request.headers["DPoP"].split(".")
    read = [msgspec.json.decode(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
    return read[0], read[1]


@pytest.mark.rule("H28")
def test_a_request_proves_the_key_for_itself_and_its_token(tmp_path: pathlib.Path) -> None:
    door = Door(answer(), answer())
    handheld = line(door, tmp_path)
    for _ in range(2):
        handheld.acknowledged(after=2, token="a token")
    first, second = (said(request) for request in door.asked)
    assert door.asked[0].headers["Authorization"] == "DPoP a token"
    public = FileKeys(tmp_path).find()
    assert public is not None
    assert first[0] == {
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": {"kty": "EC", "crv": "P-256", "x": public.x, "y": public.y},
    }
    assert first[1] == {
        "jti": first[1]["jti"],
        "htm": "GET",
        "htu": f"{ADDRESS}/v1/sync/ack",
        "iat": int(START.timestamp()),
        "ath": proofs.token_hash("a token"),
    }
    assert first[1]["jti"] != second[1]["jti"]


def test_signing_in_and_renewing_prove_the_key_without_a_token(tmp_path: pathlib.Path) -> None:
    door = Door(*(refused("wrong-password") for _ in range(2)))
    handheld = line(door, tmp_path)
    with pytest.raises(errors.ServerRefused):
        handheld.sign_in(SignIn(login="li", password="p"))
    with pytest.raises(errors.ServerRefused):
        handheld.refresh(Refresh(refresh_token="r"))
    for request in door.asked:
        assert "Authorization" not in request.headers
        assert "ath" not in said(request)[1]


def test_a_handheld_without_a_key_shows_its_token_as_it_is(tmp_path: pathlib.Path) -> None:
    door = Door(answer())
    line(door, tmp_path, made=False).acknowledged(after=0, token="t")
    assert door.asked[0].headers["Authorization"] == "Bearer t"
    assert "DPoP" not in door.asked[0].headers


def test_a_key_that_cannot_be_read_is_said_and_nothing_is_sent(tmp_path: pathlib.Path) -> None:
    (tmp_path / FILE_NAME).write_text("nonsense")
    door = Door(answer())
    with pytest.raises(errors.KeyUnreadable):
        line(door, tmp_path, made=False).acknowledged(after=0, token="t")
    assert door.asked == []


@pytest.mark.rule("H28")
def test_a_nonce_is_put_into_another_proof_and_kept_for_the_next(tmp_path: pathlib.Path) -> None:
    door = Door(refused("proof-stale", DPoP_Nonce="n-1"), answer(), answer())
    handheld = line(door, tmp_path)
    assert handheld.acknowledged(after=0, token="t").acked_through == 3
    keys = Prover(FileKeys(tmp_path), HandEdge(seed=1))
    handheld.proving(keys).acknowledged(after=0, token="t")
    assert [said(request)[1].get("nonce") for request in door.asked] == [None, "n-1", "n-1"]


@pytest.mark.rule("H28")
def test_a_server_that_is_never_content_with_a_proof_is_no_signal(tmp_path: pathlib.Path) -> None:
    door = Door(*(refused("proof-stale", DPoP_Nonce=f"n-{count}") for count in range(9)))
    with pytest.raises(errors.NoSignal):
        line(door, tmp_path).acknowledged(after=0, token="t")
    assert len(door.asked) == 2


@pytest.mark.rule("H28")
def test_a_request_that_came_twice_is_asked_after_as_after_silence(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.NoSignal):
        line(Door(refused("proof-used")), tmp_path).acknowledged(after=0, token="t")


def test_a_token_that_is_bound_to_another_key_is_renewed(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.TokenRefused):
        line(Door(refused("proof-wrong")), tmp_path).acknowledged(after=0, token="t")
