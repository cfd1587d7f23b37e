"""Whose signature it is; numbers in comments are sections of RFC 8725."""

from __future__ import annotations

import base64
import hmac
import itertools
import json
import socket

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient as Client

from api import db
from api.crews.identity import Identity, keys
from api.crews.models import SigningKey
from api.settings import Settings
from tests.api.crews.rfc8725.showing import DOORS, assert_refused, knock
from tests.conftest import HandClock
from tests.makers import crews as make
from tests.makers.forging import ABSENT, Json, Mint, part

STRANGER = ec.generate_private_key(ec.SECP256R1())


def test_what_the_mint_writes_unchanged_is_let_in(client: Client, token: str, mint: Mint) -> None:
    assert knock(client, token)[0] == knock(client, mint.token())[0] == 200


# 3.1 and 2.1: the algorithm is ours to say, not the token's


_ALGORITHMS = [
    "none", "None", "nOnE", "NONE", "", " none", None, ABSENT, 0, ["ES256"], {"ES256": 1},
     "HS256", "HS512", "RS256", "PS256", "ES384", "ES512", "ES256K", "EdDSA", "es256", "ES256 ",
]  # fmt: skip


def test_no_other_algorithm_is_taken_however_it_is_signed(client: Client, mint: Mint) -> None:
    for alg in _ALGORITHMS:
        well = mint.token(header={"alg": alg})
        unsigned = well.rpartition(".")[0]
        for forged in (well, f"{unsigned}.", unsigned):
            assert_refused(client, forged, why=alg)


_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512", "ES256": "sha256"}


def test_the_public_key_is_no_shared_secret(client: Client, mint: Mint) -> None:
    public = mint.private.public_key()
    numbers = public.public_numbers()
    point = {"x": part(numbers.x.to_bytes(32, "big")), "y": part(numbers.y.to_bytes(32, "big"))}
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = {
        "pem": mint.pem,
        "pem-stripped": mint.pem.strip(),
        "der": public.public_bytes(serialization.Encoding.DER, form),
        "jwk": json.dumps({"kty": "EC", "crv": "P-256", **point}).encode(),
        "kid": str(mint.header["kid"]).encode(),
        "empty": b"",
    }
    for (alg, digest), (name, secret) in itertools.product(_DIGESTS.items(), secrets.items()):
        first = mint.token(header={"alg": alg}).rpartition(".")[0]
        mac = hmac.digest(secret, first.encode(), digest)
        assert_refused(client, f"{first}.{part(mac)}", why=(alg, name))


def test_a_signature_of_nothing_signs_nothing(client: Client, mint: Mint) -> None:
    first = mint.token().rpartition(".")[0]
    for raw in (b"", b"\0" * 64, b"\xff" * 64, b"\0" * 32, b"\x30\x06\x02\x01\x00"):
        assert_refused(client, f"{first}.{part(raw)}", why=raw)


def test_a_signature_in_another_form_is_none(client: Client, mint: Mint) -> None:
    first = mint.token().rpartition(".")[0]
    der = mint.private.sign(first.encode(), ec.ECDSA(hashes.SHA256()))
    assert_refused(client, f"{first}.{part(der)}")


# 2.6 and 3.10: the key is one of our own set, and nothing in the header can bring another


_KEY_IDS = [
    "", " ", "none", "../../../../dev/null", "/dev/null", "file:///dev/null",
     "' OR '1'='1", "x' UNION SELECT 'AA==", "a\0b", "é", "\ud800", "k" * 65, "k" * 3_000,
     None, 0, True, 1.5, ["{kid}"], {"kid": "{kid}"}, "{kid} ", " {kid}", "{kid}\0", "{KID}",
]  # fmt: skip
"""`{kid}` is one of ours, `{KID}` the same in capitals."""


def test_a_key_id_that_is_not_of_our_set_is_refused(client: Client, mint: Mint) -> None:
    ours = str(mint.header["kid"])
    assert_refused(client, mint.token(header={"kid": ABSENT}))
    for kid in _KEY_IDS:
        written = json.dumps(kid).replace("{kid}", ours).replace("{KID}", ours.upper())
        assert_refused(client, mint.token(header={"kid": json.loads(written)}), why=kid)


def test_anothers_key_under_our_key_id_signs_nothing(client: Client, mint: Mint) -> None:
    assert_refused(client, mint.token(key=STRANGER))


def test_a_key_of_ours_signs_under_no_other_of_our_ids(
    client: Client, settings: Settings, mint: Mint, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        newer = Identity(settings).rotate_keys(session, now=clock.now())
    assert knock(client, mint.token())[0] == 200
    assert_refused(client, mint.token(header={"kid": newer}))


def test_a_header_brings_no_key_and_no_rule_of_its_own(client: Client, mint: Mint) -> None:
    numbers = STRANGER.public_key().public_numbers()
    point = {"x": part(numbers.x.to_bytes(32, "big")), "y": part(numbers.y.to_bytes(32, "big"))}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/keys.json"
        values: Json = {
            "jku": address,
            "x5u": address,
            "jwk": {"kty": "EC", "crv": "P-256", **point, "kid": mint.header["kid"]},
            "x5c": [base64.b64encode(mint.pem).decode()],
            "x5t": "AAAA",
            "crit": ["exp"],
            "b64": False,
            "cty": "JWT",
            "zip": "DEF",
            "p2c": 2_000_000_000,
        }
        for (name, value), key in itertools.product(values.items(), (None, STRANGER)):
            assert_refused(client, mint.token(header={name: value}, key=key), why=name)
        with pytest.raises(BlockingIOError):  # nobody came to fetch anything
            listening.accept()


@pytest.mark.parametrize("how", ["retired", "forgotten"])
def test_a_key_that_is_no_more_signs_no_more(
    client: Client,
    settings: Settings,
    mint: Mint,
    database: db.Database,
    clock: HandClock,
    how: str,
) -> None:
    assert knock(client, mint.token())[0] == 200
    with database.unit_of_work() as session:
        if how == "retired":
            Identity(settings).rotate_keys(session, now=clock.now())
        else:
            session.query(SigningKey).delete()
    clock.advance(seconds=settings.access_token_s + keys.FRESH_S + 1)
    iat = int(clock.now().timestamp())
    fresh = mint.token(body={"iat": iat, "exp": iat + settings.access_token_s})
    assert_refused(client, fresh)


# 3.8 and 3.9: whose it is, and whom it is for


_OTHERS = ["another", "", "Lamplighter", "lamplighter/", None, ABSENT, 0, [], ["another"], {}]
_NOBODY = ["", None, ABSENT, 0, True, [], {}, "x" * 65, "a\0b", "\ud800"]


def test_another_issuer_or_audience_is_refused(client: Client, mint: Mint) -> None:
    for name, value in itertools.product(("iss", "aud"), _OTHERS):
        assert_refused(client, mint.token(body={name: value}), why=(name, value))


def test_a_claim_that_names_nobody_is_refused(client: Client, mint: Mint) -> None:
    for name, value in itertools.product(("sub", "sid", "jti"), _NOBODY):
        assert_refused(client, mint.token(body={name: value}), why=(name, value))


def test_somebody_elses_name_in_ones_own_sign_in_is_refused(
    client: Client, mint: Mint, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session, person_id="wu")
    for name in ("sub", "sid"):
        forged = mint.token(body={name: "wu"})
        for door in DOORS[:3]:  # signing out ends a sign-in, whoever is named
            assert knock(client, forged, door=door)[0] == 401, (name, door)
