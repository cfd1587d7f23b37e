"""Tokens that are bound to a key: without a proof by it they open nothing (RFC 9449)."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

import flask
import msgspec
import pytest
from werkzeug.test import TestResponse

from api import db
from api.app import equip
from api.crews.models import UsedProof
from api.settings import Settings
from field_sync.keys import FileKeys, Signer
from schemas.crews import Role
from schemas.rules import proofs
from tests.conftest import HandClock
from tests.makers import crews as make
from tests.makers.proving import GivenKey, ProvingClient

Json = dict[str, object]
THIEF = GivenKey(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    },
    private="870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
)
"""The key of RFC 7517, appendix A.2."""
ACK = "/v1/sync/ack"


@dataclasses.dataclass
class Held:
    """A phone's token and the key that it is bound to."""

    client: ProvingClient
    clock: HandClock
    keys: Signer
    tokens: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.tokens["access_token"]

    def proof(self, **changed: object) -> str:
        """Sign a proof for the door of `ACK`, with some of it otherwise."""
        keys = changed.pop("keys", self.keys)
        header = changed.pop("header", {})
        assert isinstance(keys, FileKeys | GivenKey)
        assert isinstance(header, dict)
        said = {
            "jti": base64.urlsafe_b64encode(str(next(IDS)).zfill(16).encode()).decode(),
            "htm": "GET",
            "htu": f"https://lamplighter.example{ACK}",
            "iat": int(self.clock.now().timestamp()),
            "ath": proofs.token_hash(self.token),
            **changed,
        }
        claims = {name: value for name, value in said.items() if value is not None}
        shown = {"typ": "dpop+jwt", "alg": "ES256", "jwk": keys.find(), **header}
        text = proofs.signing_input(msgspec.json.encode(shown), msgspec.json.encode(claims))
        return f"{text}.{keys.sign(text.encode())}"

    def ask(self, proof: str | None, *, scheme: str = "DPoP") -> tuple[int, str, TestResponse]:
        """Ask at the door, and tell the status and the code of the refusal."""
        headers = {"Authorization": f"{scheme} {self.token}"}
        if proof is not None:
            headers["DPoP"] = proof
        answer = self.client.get(ACK, headers=headers)
        body = answer.get_json()
        return answer.status_code, body.get("code", ""), answer


IDS = iter(range(1_000_000))


@pytest.fixture
def held(client: ProvingClient, database: db.Database, clock: HandClock) -> Held:
    keys = GivenKey(make.KEY, private=make.PRIVATE)
    with database.unit_of_work() as session:
        make.person(session, password=make.PASSWORD)
        make.device(session, person_id="li", device_id="phone-7", key=keys.find())
    asked = {"login": "li", "password": make.PASSWORD, "device_id": "phone-7"}
    tokens = client.post("/v1/sessions", json=asked).get_json()
    assert tokens["token_type"] == "DPoP"
    return Held(client, clock, keys, tokens)


def test_a_proof_by_the_devices_key_opens_the_door(held: Held) -> None:
    assert held.ask(held.proof())[:2] == (200, "")


@pytest.mark.rule("S44")
def test_a_token_without_its_key_is_useless(held: Held) -> None:
    for scheme in ("Bearer", "DPoP"):
        status, code, answer = held.ask(None, scheme=scheme)
        assert (status, code) == (401, "proof-needed")
        assert 'DPoP algs="ES256"' in answer.headers["WWW-Authenticate"]
    assert held.ask(held.proof(keys=THIEF))[:2] == (401, "proof-wrong")


@pytest.mark.rule("S44")
@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "POST"},
        {"htu": "https://lamplighter.example/v1/units"},
        {"htu": "https://["},
        {"ath": proofs.token_hash("another")},
        {"ath": None},
        {"jti": None},
        {"jti": "short"},
        {"jti": 12345678},
        {"iat": None},
        {"iat": "now"},
        {"htu": None},
        {"htm": ["GET"]},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"crit": ["exp"]}},
        {"header": {"kid": "ours"}},
        {"header": {"jwk": {**make.KEY, "d": make.PRIVATE}}},
        {"header": {"jwk": {**make.KEY, "y": make.KEY["x"]}}},
        {"header": {"jwk": {**make.KEY, "crv": "P-384"}}},
        {"header": {"jwk": THIEF.find()}},
        {"header": {"jwk": None}},
        {"header": {"jku": "https://thief.example/keys"}},
    ],
    ids=str,
)
def test_a_proof_of_something_else_proves_nothing(held: Held, changed: Json) -> None:
    assert held.ask(held.proof(**changed))[:2] == (401, "proof-wrong")


SPOILT: Mapping[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "no parts": lambda _: "x",
    "empty parts": lambda _: "..",
    "a part too many": lambda text: text + ".",
    "signature cut": lambda text: text[:-2],
    "signature gone": lambda text: text.rpartition(".")[0] + ".",
    "padded": lambda text: text.replace(".", "=.", 1),
    "no ASCII": lambda text: "\u00e9" + text,
    "long": lambda text: text + "A" * 5_000,
    "header no JSON": lambda text: "bm90IGpzb24." + text.partition(".")[2],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_proof_proves_nothing(held: Held, spoil: Callable[[str], str]) -> None:
    headers = {"Authorization": f"DPoP {held.token}", "DPoP": spoil(held.proof())}
    answer = held.client.get(ACK, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "proof-wrong")


@pytest.mark.rule("S44")
def test_a_proof_is_taken_once(held: Held) -> None:
    proof = held.proof()
    assert held.ask(proof)[0] == 200
    assert held.ask(proof)[:2] == (401, "proof-used")
    again = held.proof(jti="the same id twice")
    assert held.ask(again)[0] == 200
    assert (
        held.ask(held.proof(jti="the same id twice", htu=f"https://else{ACK}"))[1] == "proof-used"
    )


def test_a_proof_is_not_taken_again_while_it_is_fresh(held: Held, clock: HandClock) -> None:
    later = int(clock.now().timestamp()) + proofs.FRESH_S
    proof = held.proof(iat=later)
    assert held.ask(proof)[0] == 200
    for _ in range(12):
        clock.advance(seconds=10)
        assert held.ask(held.proof())[0] == 200
        assert held.ask(proof)[:2] == (401, "proof-used")
    clock.advance(seconds=1)
    assert held.ask(proof)[:2] == (401, "proof-stale")


@pytest.mark.rule("S45")
@pytest.mark.parametrize("off_s", [-61, 61, 63_072_000, -(10**12), 1e300])
def test_a_clock_that_is_off_gets_a_nonce_and_works_with_it(held: Held, off_s: float) -> None:
    wall_s = held.clock.now().timestamp() + off_s
    status, code, answer = held.ask(held.proof(iat=wall_s))
    assert (status, code) == (401, "proof-stale")
    assert 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]
    nonce = answer.headers["DPoP-Nonce"]
    assert held.ask(held.proof(iat=wall_s, nonce=nonce))[0] == 200
    used = held.proof(iat=wall_s, nonce=nonce)
    assert held.ask(used)[0] == 200
    held.clock.advance(seconds=proofs.NONCE_LIFE_S)
    assert held.ask(used)[:2] == (401, "proof-used")
    assert held.ask(held.proof(iat=wall_s, nonce=nonce))[0] == 200
    held.clock.advance(seconds=1)
    assert held.ask(held.proof(iat=wall_s, nonce=nonce))[:2] == (401, "proof-stale")


FORGED: Mapping[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "cut": lambda nonce: nonce[:-1],
    "a part too many": lambda nonce: nonce + ".",
    "another instant": lambda nonce: nonce.replace(".", ".9", 1),
    "another key": lambda nonce: "another" + nonce,
    "no ASCII": lambda nonce: nonce.rpartition(".")[0] + ".\u00e9",
    "no instant": lambda nonce: nonce.split(".")[0] + ".x." + nonce.split(".")[2],
    "far instant": lambda nonce: nonce.split(".")[0] + "." + "9" * 50 + "." + nonce.split(".")[2],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_nonce_that_is_not_ours_is_stale(held: Held, forge: Callable[[str], str]) -> None:
    nonce = held.ask(held.proof(iat=0))[2].headers["DPoP-Nonce"]
    assert held.ask(held.proof(nonce=forge(nonce)))[:2] == (401, "proof-stale")


@pytest.mark.rule("S44")
def test_another_worker_takes_a_nonce_and_no_proof_that_wrote(
    held: Held, app: flask.Flask, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    nonce = held.ask(held.proof(iat=0))[2].headers["DPoP-Nonce"]
    headers = {
        "Authorization": f"DPoP {held.token}",
        "DPoP": held.proof(htm="POST", htu="https://lamplighter.example/v1/devices"),
    }
    asked = {"id": "phone-8", "name": "second", "app": "test", "key": make.KEY}
    assert held.client.post("/v1/devices", json=asked, headers=headers).status_code == 201
    equip(app, settings, database=database, clock=clock)
    assert held.ask(held.proof(iat=0, nonce=nonce))[0] == 200
    again = held.client.post("/v1/devices", json=asked, headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (401, "proof-used")
    with database.reading() as session:
        (used,) = session.query(UsedProof).all()
    assert used.until == clock.now() + dt.timedelta(seconds=proofs.NONCE_LIFE_S)


@pytest.mark.rule("S44")
def test_a_refresh_token_without_its_key_is_useless_and_is_not_spent(held: Held) -> None:
    def refresh(keys: Signer | None) -> tuple[int, Json]:
        headers = {}
        if keys is not None:
            path = "/v1/sessions/refresh"
            headers["DPoP"] = held.client.prove(keys, method="POST", path=path, token=None)
        body = {"refresh_token": held.tokens["refresh_token"]}
        answer = held.client.post("/v1/sessions/refresh", json=body, headers=headers)
        return answer.status_code, answer.get_json()

    for _ in range(3):
        assert refresh(None)[1]["code"] == "proof-needed"
        assert refresh(THIEF)[1]["code"] == "proof-wrong"
    assert refresh(held.keys)[0] == 201


def test_signing_out_asks_for_the_proof_too(held: Held) -> None:
    headers = {"Authorization": f"DPoP {held.token}"}
    refused = held.client.delete("/v1/sessions/current", headers=headers)
    assert refused.get_json()["code"] == "proof-needed"
    proof = held.proof(htm="DELETE", htu="https://x.example/v1/sessions/current")
    ended = held.client.delete("/v1/sessions/current", headers={**headers, "DPoP": proof})
    assert ended.status_code == 204
    assert held.ask(held.proof())[:2] == (401, "not-signed-in")


def test_whoever_proves_a_key_at_sign_in_has_tokens_bound_to_it(
    client: ProvingClient, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session, roles=[Role.DISPATCHER], password=make.PASSWORD)
    asked = {"login": "li", "password": make.PASSWORD}
    proof = client.prove(THIEF, method="POST", path="/v1/sessions", token=None)
    tokens = client.post("/v1/sessions", json=asked, headers={"DPoP": proof}).get_json()
    assert tokens["token_type"] == "DPoP"
    headers = make.bearer(tokens)
    assert client.get("/v1/units", headers=headers).get_json()["code"] == "proof-needed"
    client.hold(headers, THIEF)
    assert client.get("/v1/units", headers=headers).status_code == 200


def test_a_proof_at_sign_in_that_proves_nothing_is_refused(
    client: ProvingClient, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session, password=make.PASSWORD)
    asked = {"login": "li", "password": make.PASSWORD}
    proof = client.prove(THIEF, method="POST", path="/v1/devices", token=None)
    refused = client.post("/v1/sessions", json=asked, headers={"DPoP": proof})
    assert (refused.status_code, refused.get_json()["code"]) == (401, "proof-wrong")


def test_a_token_from_before_its_device_had_a_key_is_dead(
    client: ProvingClient, database: db.Database, sign_in: make.SignIn
) -> None:
    headers = sign_in(Role.LINEMAN, person_id="li", device_id="old-phone")
    assert client.get("/v1/units", headers=headers).status_code == 200
    with database.unit_of_work() as session:
        keyed = make.device(session, person_id="li", device_id="old-phone")
        keyed.key = msgspec.json.encode(make.KEY).decode()
    assert client.get("/v1/units", headers=headers).get_json()["code"] == "not-signed-in"


def test_a_proof_with_a_token_that_asks_for_none_is_not_looked_at(
    client: ProvingClient, sign_in: make.SignIn
) -> None:
    headers = {**sign_in(Role.DISPATCHER), "DPoP": "nonsense"}
    assert client.get("/v1/units", headers=headers).status_code == 200


@pytest.mark.rule("S44")
def test_an_import_marks_its_proof_for_every_worker(
    client: ProvingClient,
    app: flask.Flask,
    settings: Settings,
    database: db.Database,
    clock: HandClock,
) -> None:
    with database.unit_of_work() as session:
        make.person(session, roles=[Role.ADMINISTRATOR], password=make.PASSWORD)
    asked = {"login": "li", "password": make.PASSWORD}
    proof = client.prove(THIEF, method="POST", path="/v1/sessions", token=None)
    tokens = client.post("/v1/sessions", json=asked, headers={"DPoP": proof}).get_json()
    token = tokens["access_token"]
    headers = {
        "Authorization": f"DPoP {token}",
        "DPoP": client.prove(THIEF, method="POST", path="/v1/imports/meters", token=token),
    }
    codes = []
    for _ in range(2):
        codes.append(client.post("/v1/imports/meters", headers=headers).get_json()["code"])
        equip(app, settings, database=database, clock=clock)
    assert codes[0] not in {"proof-used", "not-signed-in"}
    assert codes[1] == "proof-used"
