"""Refresh tokens: each is spent once, and all that come of one sign-in are a family.

A token's successor is computed from it and a secret of its family.
So the same successor can be given again after a lost answer, though only hashes are kept; when a
spent token comes whose successor is spent too, somebody has copied it and the family is ended.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import hmac
from typing import Final, Protocol

import structlog
from sqlalchemy.orm import Session

from api import errors
from api.crews import store
from api.crews.models import Person, RefreshToken, TokenFamily
from api.crews.service import device_keys, devices
from schemas.crews import Refresh
from schemas.errors import Refused
from schemas.rules import proofs

SECRET_BYTES: Final = 32
_log = structlog.get_logger()


class TokenReused(Refused):
    """A spent refresh token came again: somebody may have copied it. Sign in with the password."""

    code = "token-reused"
    status = 401
    en = "This refresh token was used before; everything signed in with it has been ended."
    zh = "此刷新令牌已被使用过，相关登录均已失效，请重新登录。"


class Hold(Protocol):
    """Holds whoever asks to a key."""

    def __call__(self, *, jkt: str | None) -> None:
        """Refuse whoever does not prove to hold the key; None asks for no proof."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """A refresh token, to whom it is given, and until when it may be exchanged."""

    person: Person
    family: TokenFamily
    device_key: str | None
    refresh_token: str
    expires_at: dt.datetime


def begin(
    session: Session,
    *,
    person: Person,
    device_id: str | None,
    family_id: str,
    secrets: tuple[bytes, bytes],
    life: dt.timedelta,
    now: dt.datetime,
    jkt: str | None = None,
) -> Grant:
    """Begin a family.

    Args:
        session: the unit of work.
        person: whose it is.
        device_id: the device that it is bound to, if any.
        family_id: its new id.
        secrets: two random texts of `SECRET_BYTES`: the family's secret, the first token.
        life: how long a refresh token may be exchanged.
        now: the present instant.
        jkt: the thumbprint of the key that it is bound to, where no device is named.
    """
    device = None if device_id is None else devices.get_device(session, device_id=device_id)
    family = TokenFamily(
        id=family_id,
        person_id=person.id,
        device_id=device_id,
        secret=secrets[0],
        begun_at=now,
        revoked_at=None,
        jkt=None if device else jkt,
    )
    session.add(family)
    session.flush()
    token = proofs.segment(secrets[1])
    row = _enter(session, token=token, family=family, expires_at=now + life)
    return Grant(person, family, device.key if device else None, token, row.expires_at)


def exchange(
    session: Session, *, asked: Refresh, life: dt.timedelta, now: dt.datetime, hold: Hold
) -> Grant | TokenReused:
    """Spend a refresh token for its successor; a refusal that is returned has ended the family.

    Args:
        session: the unit of work.
        asked: the token, and the device that shows it.
        life: how long its successor may be exchanged.
        now: the present instant.
        hold: holds whoever asks to the key that the family is bound to, or refuses them.

    Raises:
        NotSignedIn: the token is unknown, too old or ended, or its person has left.
        DeviceRevoked: its device was revoked, or the one that asks with an unknown token.
    """
    token = asked.refresh_token
    row = store.sessions.find_refresh_token(session, sha256=_sha256(token))
    if row is None:
        raise _unknown(session, device_id=asked.device_id)
    bearer = store.sessions.find_bearer(session, family_id=row.family_id)
    assert bearer is not None, "a foreign key holds it"
    check_standing(bearer.standing)  # first: a lost device must hear of it
    if now >= row.expires_at:
        raise errors.NotSignedIn
    family = bearer.family
    key = bearer.device.key if bearer.device else None
    hold(jkt=bound_to(key, family_jkt=family.jkt))
    successor = _successor(token, secret=family.secret)
    if row.used_at is None:
        row.used_at = now
        following = _enter(session, token=successor, family=family, expires_at=now + life)
        return Grant(bearer.person, family, key, successor, following.expires_at)
    known = store.sessions.find_refresh_token(session, sha256=_sha256(successor))
    if known is None or known.used_at is not None:
        family.revoked_at = now
        _log.warning("refresh_token.reused", family_id=family.id)
        return TokenReused()
    return Grant(bearer.person, family, key, successor, known.expires_at)


def bound_to(device_key: str | None, *, family_jkt: str | None) -> str | None:
    """Tell the thumbprint of the key that a family's tokens are bound to, now.

    A device enrolled before there were keys has none, and its tokens are bound to none.
    """
    return family_jkt if device_key is None else device_keys.thumbprint(device_key)


def _unknown(session: Session, *, device_id: str | None) -> Refused:
    """Refuse a token that was swept, or is of after the backup; a lost device must hear of that."""
    device = None if device_id is None else store.devices.find_device(session, device_id=device_id)
    if device is not None and device.revoked_at is not None:
        return devices.DeviceRevoked(device_id=device.id)
    return errors.NotSignedIn()


def check_standing(standing: store.sessions.Standing) -> None:
    """Refuse whoever has left, and tell a revoked device that it is.

    Raises:
        DeviceRevoked: the device was revoked.
        NotSignedIn: the person has left, or the family of tokens was ended.
    """
    if standing.device_revoked_at is not None:
        raise devices.DeviceRevoked(device_id=standing.device_id)
    if standing.left_at is not None or standing.ended_at is not None:
        raise errors.NotSignedIn


def _enter(
    session: Session, *, token: str, family: TokenFamily, expires_at: dt.datetime
) -> RefreshToken:
    """Enter a refresh token by its hash."""
    row = RefreshToken(
        sha256=_sha256(token), family_id=family.id, expires_at=expires_at, used_at=None
    )
    session.add(row)
    return row


def _successor(token: str, *, secret: bytes) -> str:
    """Compute the one refresh token that follows another in its family."""
    return proofs.segment(hmac.digest(secret, token.encode(), "sha256"))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
