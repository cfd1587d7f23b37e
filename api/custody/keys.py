"""The key that signs checkpoints: a file beside the database, never in it.

Who has the database's password can write any row, so what shall bear witness against them is kept
where they cannot read it. The public halves are listed in the database, so that what an older key
has signed can be checked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import pathlib
import stat
import tempfile
from collections.abc import Iterator
from typing import Final

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api.custody import store
from api.settings import Settings
from schemas import base, custody, signatures
from schemas.crews import DeviceKey

FILE_NAME: Final = "checkpoint-key.pem"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_log = structlog.get_logger()


class KeyUnreadableError(Exception):
    """There is a key file, and no key can be read from it; the message says what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """A key pair on P-256; `kid` is the thumbprint of its public half."""

    kid: str
    public: DeviceKey
    private: ec.EllipticCurvePrivateKey = dataclasses.field(repr=False, compare=False)

    def sign(self, statement: bytes) -> str:
        """Sign by ES256: r and s in base64url."""
        return signatures.sign(self.private, statement)


def path_of(settings: Settings) -> pathlib.Path:
    """Tell where the key's file is, or will be."""
    named = settings.checkpoint_key
    return pathlib.Path(named) if named else settings.data_dir / FILE_NAME


def find(settings: Settings) -> Key | None:
    """Find the key, if there is one.

    Raises:
        KeyUnreadableError: there is a file, and it holds no such key.
    """
    path = path_of(settings)
    try:
        pem = path.read_bytes()
        others = path.stat().st_mode & _OTHERS
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyUnreadableError(_advice(path, str(error))) from error
    if others:
        _log.warning("checkpoint_key.open_to_others", path=str(path))
    return _read(path, pem)


def opened(settings: Settings) -> Key:
    """Give the key, made now if there is none yet; of several that make one at once, one counts.

    Raises:
        KeyUnreadableError: there is a file, and it holds no such key.
    """
    key = find(settings)
    if key is not None:
        return key
    path = path_of(settings)
    with _written_beside(path, drawn()) as beside, contextlib.suppress(FileExistsError):
        os.link(beside, path)  # unlike a rename, it takes no name that is taken
    _flush_folder(path.parent)
    made = find(settings)
    assert made is not None, "it was linked, by us or by another"
    _log.info("checkpoint_key.made", kid=made.kid)
    return made


def drawn() -> Key:
    """Draw a new key."""
    return of(ec.generate_private_key(ec.SECP256R1()))


def replace(settings: Settings, key: Key) -> None:
    """Put another key in the place of the one that there is; enter it (`succeed`) before."""
    path = path_of(settings)
    with _written_beside(path, key) as beside:
        beside.replace(path)
    _flush_folder(path.parent)


def enter(session: Session, key: Key, *, now: dt.datetime) -> None:
    """List the public half of a key that signs, if it is not listed yet."""
    _add(session, key, since=now, follows=None, named_by=None)


def succeed(session: Session, *, old: Key, new: Key, now: dt.datetime) -> None:
    """List a key's successor, named by its signature."""
    enter(session, old, now=now)
    statement = custody.succession(kid=old.kid, successor=new.kid)
    _add(session, new, since=now, follows=old.kid, named_by=old.sign(statement))


def list_public(session: Session) -> list[custody.PublicKey]:
    """List every key that ever signed checkpoints, the first one first."""
    return [
        custody.PublicKey(
            kid=row.kid,
            key=base.decode(row.public, DeviceKey),
            since=row.since,
            follows=row.follows,
            named_by=row.named_by,
        )
        for row in store.list_keys(session)
    ]


def get_public(session: Session, *, kid: str) -> DeviceKey:
    """Get the public half of a key that has signed."""
    return base.decode(store.get_key(session, kid=kid).public, DeviceKey)


def _add(
    session: Session, key: Key, *, since: dt.datetime, follows: str | None, named_by: str | None
) -> None:
    row = {
        "kid": key.kid,
        "public": base.encode(key.public).decode(),
        "since": since,
        "follows": follows,
        "named_by": named_by,
    }
    store.add_key(session, row=row)


def _read(path: pathlib.Path, pem: bytes) -> Key:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:  # TypeError: it has a pass phrase
        raise KeyUnreadableError(_advice(path, "it is no PEM file of a private key")) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise KeyUnreadableError(_advice(path, "its key is not on P-256"))
    return of(private)


def _advice(path: pathlib.Path, why: str) -> str:
    return (
        f"The key of checkpoints in {path} cannot be read: {why}. "
        "Put the right file there, or move this one away and a new key begins."
    )


def of(private: ec.EllipticCurvePrivateKey) -> Key:
    """Name a key pair by the thumbprint of its public half."""
    public = signatures.written(private.public_key())
    return Key(signatures.thumbprint(public), public, private)


@contextlib.contextmanager
def _written_beside(path: pathlib.Path, key: Key) -> Iterator[pathlib.Path]:
    """Write a key into a file of its own, on the disk and readable to its owner only."""
    pem = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = pathlib.Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _flush_folder(folder: pathlib.Path) -> None:
    """Put a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
