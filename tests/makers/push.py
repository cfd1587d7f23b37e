"""A push service and browsers for tests: RFC 8030 over real HTTP, opened by the browser's own key.

The opening is written here anew, from the browser's side, so that what is sealed is held against
the standard and not against itself.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas import base, notices
from tests.makers import listening

_POINT_BYTES: Final = 65


def b64(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclasses.dataclass(frozen=True, slots=True)
class Browser:
    """A browser that has subscribed somewhere: its key pair and its secret."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey
    auth: bytes

    @property
    def point(self) -> bytes:
        """Its public key."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def subscription(self, lang: str = "zh") -> dict[str, str]:
        """Write what its phone tells the server."""
        return {
            "endpoint": self.endpoint,
            "p256dh": b64(self.point),
            "auth": b64(self.auth),
            "lang": lang,
        }

    def open(self, body: bytes) -> bytes:
        """Open what was sealed for it (RFC 8291, section 3; RFC 8188, section 2)."""
        salt, record_bytes, id_bytes = body[:16], int.from_bytes(body[16:20]), body[20]
        assert id_bytes == _POINT_BYTES
        sender, sealed = body[21 : 21 + id_bytes], body[21 + id_bytes :]
        assert len(sealed) <= record_bytes
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), public)
        key = _hkdf(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        content_key = _hkdf(key, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(key, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, sealed, None)
        plain, mark, _ = padded.rstrip(b"\0").rpartition(b"\x02")
        assert mark, "the last record ends with 2"
        return plain


def browser(endpoint: str) -> Browser:
    """Subscribe a new browser somewhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Browser(endpoint, key, b"sixteen bytes it")


@dataclasses.dataclass(frozen=True, slots=True)
class Heard:
    """A push that came: whose it is, its headers, its sealed body, what it was answered."""

    name: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class PushService:
    """Where browsers are subscribed.

    Attributes:
        url: where it is, while it is open.
        heard: every request that came, in order.
    """

    def __init__(self) -> None:
        """Have heard nothing, and know no browser."""
        self.url = ""
        self.heard: list[Heard] = []
        self._browsers: dict[str, Browser] = {}
        self._answers: dict[str, collections.deque[tuple[int, Mapping[str, str]]]] = {}

    def subscribe(self, name: str) -> Browser:
        """Subscribe somebody's browser."""
        self._browsers[name] = browser(f"{self.url}/p/{name}")
        return self._browsers[name]

    def answer(self, name: str, *statuses: int, **headers: str) -> None:
        """Say what the next pushes to somebody are answered; 201 after those."""
        told = self._answers.setdefault(name, collections.deque())
        told.extend((status, headers) for status in statuses)

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> listening.Answer:
        """Take a request; an unknown browser is gone."""
        name = path.rpartition("/")[2]
        waiting = self._answers.get(name)
        status, more = waiting.popleft() if waiting else (201, {})
        if name not in self._browsers:
            status = 410
        self.heard.append(Heard(name, headers, body, status))
        return listening.Answer(status, more)

    def messages(self, name: str) -> list[notices.PushMessage]:
        """Read what somebody's browser was given: what was answered with success."""
        own = self._browsers[name]
        return [
            base.decode(own.open(each.body), notices.PushMessage)
            for each in self.heard
            if each.name == name and 200 <= each.status < 300
        ]

    def kinds(self, name: str) -> list[str]:
        """List what somebody's browser was told, in order."""
        return [str(message.kind) for message in self.messages(name)]


def claims_of(heard: Heard) -> tuple[dict[str, Any], str]:
    """Verify who sent a push (RFC 8292); gives the claims and the key that it names."""
    scheme, _, rest = heard.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    fields = dict(each.strip().split("=", 1) for each in rest.split(","))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(fields["k"]))
    options = {"verify_exp": False, "verify_aud": False}
    claims = jwt.decode(fields["t"], public, algorithms=["ES256"], options=options)  # type: ignore[arg-type]  # PyJWT's options are partial
    return claims, fields["k"]


@contextlib.contextmanager
def serving() -> Iterator[PushService]:
    """Open a push service on this machine."""
    service = PushService()
    with listening.serving(service.take) as service.url:
        yield service


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
