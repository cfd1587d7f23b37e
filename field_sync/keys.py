"""The device's key pair on P-256: made at enrolment, signs the head of every push, never leaves.

The toolkit keeps it in a file that only its owner can read.
A phone gives another `KeyStore`, whose private key never leaves its secure hardware.
"""

from __future__ import annotations

import os
import pathlib
from typing import Final, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from field_sync import errors
from field_sync.clock import Edge
from schemas import signatures
from schemas.crews import DeviceKey
from schemas.rules import operation_chain
from schemas.sync import Head

FILE_NAME: Final = "device-key.pem"
NEXT_FILE_NAME: Final = "device-key-next.pem"
_SEED_BYTES: Final = 48
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (SP 800-186, section 3.2.1.3)."""


class Signer(Protocol):
    """A key pair, if there is one, and what it signs."""

    def find(self) -> DeviceKey | None:
        """Give the public key; None where there is no key.

        Raises:
            KeyUnreadable: there is one, and it cannot be read.
        """
        ...

    def sign(self, statement: bytes) -> str | None:
        """Sign by ES256: r and s in base64url; None where there is no key.

        Raises:
            KeyUnreadable: there is one, and it cannot be read.
        """
        ...


class KeyStore(Signer, Protocol):
    """Where a device's key pair lives."""

    def make(self, edge: Edge) -> DeviceKey:
        """Give the public key, of a pair made now if there is none yet.

        Raises:
            DiskFull: it could not be kept.
            KeyUnreadable: there is one, and it cannot be read.
        """
        ...

    @property
    def is_changing(self) -> bool:
        """Whether a next pair was begun and has not taken this one's place."""
        ...

    def next(self, edge: Edge) -> KeyStore:
        """Give the pair that is to take this one's place, the same until it has.

        Raises:
            DiskFull: it could not be kept.
            KeyUnreadable: there is one, and it cannot be read.
        """
        ...

    def change(self) -> None:
        """Put the next pair in this one's place; once more changes nothing."""
        ...


class FileKeys:
    """A key pair in a file of the handheld's folder, readable to its owner only."""

    def __init__(self, home: pathlib.Path, *, file_name: str = FILE_NAME) -> None:
        """Look into a handheld's folder."""
        self._path = home / file_name
        self._next_path = home / NEXT_FILE_NAME

    def make(self, edge: Edge) -> DeviceKey:
        """Give the public key, of a pair made now if there is none yet."""
        private = self._find()
        if private is None:
            private = _drawn(edge)
            self._keep(private)
        return signatures.written(private.public_key())

    def find(self) -> DeviceKey | None:
        """Give the public key; None where there is no key."""
        private = self._find()
        return None if private is None else signatures.written(private.public_key())

    def sign(self, statement: bytes) -> str | None:
        """Sign by ES256; None where there is no key."""
        private = self._find()
        if private is None:
            return None
        return signatures.sign(private, statement)

    @property
    def is_changing(self) -> bool:
        """Whether a next pair was begun and has not taken this one's place."""
        return self._next_path.exists()

    def next(self, edge: Edge) -> FileKeys:
        """Give the pair that is to take this one's place, the same until it has."""
        following = FileKeys(self._next_path.parent, file_name=NEXT_FILE_NAME)
        following.make(edge)
        return following

    def change(self) -> None:
        """Put the next pair in this one's place; once more changes nothing."""
        if self.is_changing:
            self._next_path.replace(self._path)

    def _find(self) -> ec.EllipticCurvePrivateKey | None:
        try:
            private = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise errors.KeyUnreadable(path=str(self._path)) from error
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise errors.KeyUnreadable(path=str(self._path))
        return private

    def _keep(self, private: ec.EllipticCurvePrivateKey) -> None:
        """Write beside the file, flush to the disk, then take its name: whole or not there."""
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        beside = self._path.with_suffix(".part")
        try:
            beside.unlink(missing_ok=True)
            with open(beside, "xb", opener=_private) as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise errors.DiskFull from error


def signed_head(keys: Signer, *, device_id: str, n: int, sha256: str) -> Head | None:
    """Sign the last operation of a push; None on a device without a key.

    Args:
        keys: where the device's key lives.
        device_id: the device.
        n: the operation's number.
        sha256: the hash of its exact bytes.

    Raises:
        KeyUnreadable: there is a key, and it cannot be read.
    """
    statement = operation_chain.statement(device_id, operation_chain.Head(n, sha256))
    signature = keys.sign(statement)
    return None if signature is None else Head(n=n, sha256=sha256, signature=signature)


def _drawn(edge: Edge) -> ec.EllipticCurvePrivateKey:
    """Draw a private key with 128 bits more than its order has (FIPS 186-5, appendix A.2.1)."""
    secret = int.from_bytes(edge.entropy(_SEED_BYTES)) % (_ORDER - 1) + 1
    return ec.derive_private_key(secret, ec.SECP256R1())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
