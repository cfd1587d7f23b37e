"""Access tokens: only those of our own keys, of our own kind, for as long as we say."""

from __future__ import annotations

import base64
import datetime as dt
import json

import hypothesis
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from api import errors
from api.crews.identity import keys, tokens

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
POLICY = tokens.Policy(issuer="lamplighter", life_s=900)
PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = keys.Key("k1", PRIVATE, PRIVATE.public_key(), None, NOW)
CLAIMS = tokens.Claims(
    person_id="li",
    family_id="f1",
    token_id="t1",
    issued_at=NOW,
    expires_at=NOW + dt.timedelta(seconds=900),
)
IAT = int(NOW.timestamp())
BODY: dict[str, object] = {
    "iss": "lamplighter",
    "aud": "lamplighter",
    "sub": "li",
    "sid": "f1",
    "jti": "t1",
    "iat": IAT,
    "exp": IAT + 900,
}
HEADER: dict[str, object] = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}


def _find_key(kid: str) -> keys.Key | None:
    return KEY if kid == "k1" else None


def _read(token: str, *, now: dt.datetime = NOW) -> tokens.Claims:
    return tokens.read(token, find_key=_find_key, policy=POLICY, now=now)


def _signed(body: dict[str, object], header: dict[str, object] | None = None) -> str:
    """Sign whatever a hostile holder of our key could sign."""
    spoken = {**HEADER, **(header or {})}
    first = ".".join(_part(json.dumps(each).encode()) for each in (spoken, body))
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(
        first.encode(), PRIVATE
    )
    return f"{first}.{_part(signature)}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _without(name: str) -> dict[str, object]:
    return {key: value for key, value in BODY.items() if key != name}


def test_a_token_says_what_was_signed() -> None:
    assert _read(tokens.sign(CLAIMS, key=KEY, policy=POLICY)) == CLAIMS
    assert _read(_signed(BODY)) == CLAIMS


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"kid": "k2"},
        {"kid": ""},
        {"kid": 7},
        {"kid": ["k1"]},
        {"kid": "k1" * 100},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"crit": ["exp"]},
        {"b64": False},
        {"jku": "https://example.org/keys"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5u": "https://example.org/cert"},
    ],
)
def test_a_header_that_ours_never_have_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(errors.NotSignedIn):
        _read(_signed(BODY, header))


@pytest.mark.parametrize(
    "body",
    [
        *(_without(name) for name in BODY),
        {**BODY, "iss": "another"},
        {**BODY, "aud": "another"},
        {**BODY, "sub": ""},
        {**BODY, "sub": 7},
        {**BODY, "sub": "a\0b"},
        {**BODY, "sub": "x" * 65},
        {**BODY, "sid": None},
        {**BODY, "exp": IAT},
        {**BODY, "exp": IAT + 901},
        {**BODY, "exp": True},
        {**BODY, "exp": "soon"},
        {**BODY, "exp": float("inf")},
        {**BODY, "exp": float("nan")},
        {**BODY, "exp": 10**400},
        {**BODY, "exp": 1e300},
        {**BODY, "iat": -(10**30)},
        {**BODY, "iat": IAT + 61, "exp": IAT + 900},
        {**BODY, "iat": [IAT]},
    ],
)
def test_claims_that_we_never_make_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(errors.NotSignedIn):
        _read(_signed(body))


def test_a_token_is_good_until_its_end_and_no_longer() -> None:
    token = _signed(BODY)
    assert _read(token, now=NOW + dt.timedelta(seconds=899)) == CLAIMS
    with pytest.raises(errors.NotSignedIn):
        _read(token, now=NOW + dt.timedelta(seconds=900))


def test_a_public_key_is_no_shared_secret() -> None:
    pem = PRIVATE.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for alg in ("HS256", "ES256"):
        spoken = {**HEADER, "alg": alg}
        first = ".".join(_part(json.dumps(each).encode()) for each in (spoken, BODY))
        with pytest.raises(errors.NotSignedIn):
            _read(f"{first}.{_part(signer.sign(first.encode(), pem))}")


def test_a_strangers_key_signs_nothing_for_us() -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = jwt.encode(BODY, stranger, algorithm="ES256", headers={"kid": "k1", "typ": "at+jwt"})
    with pytest.raises(errors.NotSignedIn):
        _read(forged)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "x" * 5_000,
        "é.é.é",
        _part(b"[" * 2_000) + ".e30.AA",
        "\0",
        "e30.e30.",
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(errors.NotSignedIn):
        _read(token)


@hypothesis.given(at=st.integers(min_value=0), byte=st.integers(0, 127))
def test_a_changed_character_makes_a_token_worthless(at: int, byte: int) -> None:
    token = _signed(BODY)
    place = at % (len(token) - 1)  # the last character holds bits that say nothing
    changed = token[:place] + chr(byte) + token[place + 1 :]
    hypothesis.assume(changed != token)
    with pytest.raises(errors.NotSignedIn):
        _read(changed)


@hypothesis.given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    with pytest.raises(errors.NotSignedIn):
        _read(text)


@hypothesis.given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted(BODY)),
)
def test_no_value_of_a_claim_makes_the_reader_fail_otherwise(value: object, name: str) -> None:
    hypothesis.assume(BODY[name] != value)
    try:
        claims = _read(_signed({**BODY, name: value}))
    except errors.NotSignedIn:
        return
    life_s = (claims.expires_at - claims.issued_at).total_seconds()
    assert 0 < life_s <= POLICY.life_s
    assert claims.issued_at <= NOW + dt.timedelta(seconds=tokens.AHEAD_S)
    assert claims.expires_at > NOW
    assert claims.person_id
    assert claims.family_id
