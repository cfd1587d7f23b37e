"""Our own set of signing keys: parsed once, made when there is none, rotated."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api import ids
from api.crews import store
from api.crews.models import SigningKey

FRESH_S: Final = 60
"""How long a worker may not notice that another one retired a key."""


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """A parsed key; `retired_at` is when it stopped signing."""

    kid: str
    private: ec.EllipticCurvePrivateKey
    public: ec.EllipticCurvePublicKey = dataclasses.field(compare=False)
    retired_at: dt.datetime | None
    looked_at: dt.datetime = dataclasses.field(compare=False)


class KeyRing:
    """The keys of the database, kept parsed (parsing costs more than verifying)."""

    def __init__(self, *, token_life_s: int, new_id: ids.IdMaker) -> None:
        """Start with no key parsed.

        Args:
            token_life_s: how long an access token lives, and so how long a retired key verifies.
            new_id: makes key ids.
        """
        self._token_life = dt.timedelta(seconds=token_life_s)
        self._new_id = new_id
        self._parsed: dict[str, Key] = {}

    def signing(self, session: Session, *, now: dt.datetime) -> Key:
        """Give the key that signs, made now if there is none yet."""
        row = store.sessions.find_signing_key(session) or self._make(session, now=now)
        return self._keep(row, now=now)

    def find_verifying(self, session: Session, kid: str, *, now: dt.datetime) -> Key | None:
        """Find a key of our own set by its id, unless its last token has died."""
        key = self._parsed.get(kid)
        if key is None or (now - key.looked_at).total_seconds() > FRESH_S:
            row = store.sessions.find_key(session, kid=kid)
            if row is None:
                self._parsed.pop(kid, None)
                return None
            key = self._keep(row, now=now)
        dead = key.retired_at is not None and now > key.retired_at + self._token_life
        return None if dead else key

    def rotate(self, session: Session, *, now: dt.datetime) -> str:
        """Sign with a new key from now on; the old ones verify until their tokens have died."""
        for row in store.sessions.list_live_keys(session):
            row.retired_at = now
            self._keep(row, now=now)
        store.sessions.forget_keys_retired_before(session, instant=now - self._token_life)
        return self._make(session, now=now).kid

    def _make(self, session: Session, *, now: dt.datetime) -> SigningKey:
        """Make a key and enter it in the set."""
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        row = SigningKey(kid=self._new_id(), private_pem=pem, made_at=now, retired_at=None)
        session.add(row)
        session.flush()
        return row

    def _keep(self, row: SigningKey, *, now: dt.datetime) -> Key:
        """Remember a row's key, parsing it only the first time."""
        known = self._parsed.get(row.kid)
        private = known.private if known is not None else _parse(row.private_pem)
        key = Key(row.kid, private, private.public_key(), row.retired_at, now)
        self._parsed[row.kid] = key
        return key


def _parse(pem: bytes) -> ec.EllipticCurvePrivateKey:
    private = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private
