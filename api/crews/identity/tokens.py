"""Access tokens: JWTs of one pinned kind, and our own checks besides the library's.

RFC 9068 (`at+jwt`) after RFC 8725: one algorithm, our issuer and audience, a key id of our own set
and nothing else in the header, a life no longer than we give.
PyJWT's own look at the clock is off, since time is an argument here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

import jwt

from api import errors
from api.crews.identity.keys import Key
from schemas import crews as shapes

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
UPLOAD_TYPE: Final = "upload+jwt"
"""Goes on with the uploads of one revoked device; its `sid` is the device's id."""
AHEAD_S: Final = 60
"""How far another worker's clock may be ahead of ours."""
KEPT_MAX: Final = 4_096
"""Tokens whose signature was right, kept so that it is not computed at every request (2 MB)."""
_HEADER: Final = frozenset({"alg", "kid", "typ"})
_REQUIRED: Final = ["aud", "exp", "iat", "iss", "jti", "sid", "sub"]
_ID: Final = re.compile(r"[!-~]{1,64}")
"""What ids of ours are made of; the database is asked for nothing else."""
_ODD: Final = (
    jwt.PyJWTError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a hostile token has made PyJWT raise, over the years."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; the database says what it is worth."""

    person_id: str
    family_id: str
    token_id: str
    issued_at: dt.datetime
    expires_at: dt.datetime
    jkt: str | None = None
    """The thumbprint of the key that it is bound to (RFC 9449, section 6)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What we give and take: who issues, and how long a token lives."""

    issuer: str
    life_s: int


def sign(claims: Claims, *, key: Key, policy: Policy, kind: str = TYPE) -> str:
    """Write a token of a kind."""
    body: dict[str, object] = {
        "iss": policy.issuer,
        "aud": policy.issuer,
        "sub": claims.person_id,
        "sid": claims.family_id,
        "jti": claims.token_id,
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    if claims.jkt is not None:
        body["cnf"] = {"jkt": claims.jkt}
    headers = {"typ": kind, "kid": key.kid}
    return jwt.encode(body, key.private, algorithm=ALGORITHM, headers=headers)


def read(
    token: str,
    *,
    find_key: Callable[[str], Key | None],
    policy: Policy,
    now: dt.datetime,
    kind: str = TYPE,
) -> Claims:
    """Check a token and tell what it says.

    Args:
        token: the token's text.
        find_key: finds a key of our own set by its id.
        policy: what we give and take.
        now: the present instant.
        kind: the one kind of token that is taken.

    Raises:
        NotSignedIn: it is not a token of ours, or not any more.
    """
    if len(token) > shapes.TOKEN_CHARS_MAX:
        raise errors.NotSignedIn
    key = find_key(_kid(token, kind))
    if key is None:
        raise errors.NotSignedIn
    claims = _said(token, key, policy)
    life_s = (claims.expires_at - claims.issued_at).total_seconds()
    ahead_s = (claims.issued_at - now).total_seconds()
    if not 0 < life_s <= policy.life_s or ahead_s > AHEAD_S or now >= claims.expires_at:
        raise errors.NotSignedIn
    return claims


@functools.lru_cache(maxsize=KEPT_MAX)
def _said(token: str, key: Key, policy: Policy) -> Claims:
    """Tell what a token says that the key has signed; a phone shows the same one for an hour."""
    try:
        return _claims(_verified(token, key=key, policy=policy))
    except _ODD as error:
        raise errors.NotSignedIn from error


@functools.lru_cache(maxsize=KEPT_MAX)
def _kid(token: str, kind: str) -> str:
    """Read the key id from a header that says what ours say and nothing else."""
    try:
        header = jwt.get_unverified_header(token)
    except _ODD as error:
        raise errors.NotSignedIn from error
    kid = header.get("kid")
    ours = header.keys() == _HEADER and header["alg"] == ALGORITHM and header["typ"] == kind
    if not ours or not isinstance(kid, str) or not _ID.fullmatch(kid):
        raise errors.NotSignedIn
    return kid


def _verified(token: str, *, key: Key, policy: Policy) -> Mapping[str, object]:
    """Check signature, issuer, audience and that every claim is there."""
    verified: Mapping[str, object] = jwt.decode(
        token,
        key.public,
        algorithms=[ALGORITHM],
        issuer=policy.issuer,
        audience=policy.issuer,
        options={
            "require": _REQUIRED,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )
    return verified


def _claims(body: Mapping[str, object]) -> Claims:
    """Take the claims that we go by, each of the kind it must be."""
    if "nbf" in body:
        message = "ours begin when they are issued"
        raise ValueError(message)
    return Claims(
        person_id=_text(body["sub"]),
        family_id=_text(body["sid"]),
        token_id=_text(body["jti"]),
        issued_at=_instant(body["iat"]),
        expires_at=_instant(body["exp"]),
        jkt=_bound_to(body.get("cnf")),
    )


def _bound_to(confirmation: object) -> str | None:
    if confirmation is None:
        return None
    if not isinstance(confirmation, dict) or confirmation.keys() != {"jkt"}:
        message = "a confirmation is not by a key's thumbprint"
        raise ValueError(message)
    return _text(confirmation["jkt"])


def _text(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        message = "a claim is not an id"
        raise ValueError(message)
    return value


def _instant(value: object) -> dt.datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        message = "a claim is not an instant"
        raise ValueError(message)
    return dt.datetime.fromtimestamp(value, tz=dt.UTC)
