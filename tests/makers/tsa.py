"""A time-stamp authority for tests: RFC 3161 over HTTP, by a certificate of its own making.

Its tokens are written here byte by byte, so that a story can have them wrong in any one way.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.makers import listening

_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_POLICY: Final = "1.3.6.1.4.1.99999.1"
_GRANTED: Final = 0
_YEAR: Final = dt.timedelta(days=365)

Answer = tuple[int, bytes]
Handler = Callable[[bytes], Answer]


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _set(*parts: bytes) -> bytes:
    return _der(0x31, *sorted(parts))


def _octets(content: bytes) -> bytes:
    return _der(0x04, content)


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return _der(0x06, content)


def _read(der: bytes) -> tuple[int, bytes, bytes]:
    """Split off the first value: its tag, its content, and what follows it."""
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start])
    return der[0], der[start : start + length], der[start + length :]


def _items(content: bytes) -> list[tuple[int, bytes]]:
    items = []
    while content:
        tag, inner, content = _read(content)
        items.append((tag, inner))
    return items


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks to be stamped: the bytes of its message imprint, and its nonce."""

    imprint: bytes
    hashed: bytes
    nonce: int


def read_request(body: bytes) -> Asked:
    """Read a request, as far as our client fills it."""
    _, content, _ = _read(body)
    _version, (_, imprint), *rest = _items(content)
    _, (_, hashed) = _items(imprint)
    (nonce,) = [int.from_bytes(inner, signed=True) for tag, inner in rest if tag == 0x02]
    return Asked(_sequence(imprint), hashed, nonce)


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """Who stamps: a root that is trusted, and a certificate that it gave for stamping."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write_root(self, path: pathlib.Path) -> pathlib.Path:
        """Write the certificate that an operator trusts."""
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    def answer(
        self,
        asked: Asked,
        *,
        at: dt.datetime,
        nonce: int | None = None,
        hashed: bytes | None = None,
        status: int = _GRANTED,
        signed: Callable[[bytes], bytes] = lambda signature: signature,
    ) -> bytes:
        """Stamp what was asked, or something else.

        Args:
            asked: the request.
            at: the instant of the stamp.
            nonce: another nonce than was asked with.
            hashed: another hash than was asked for.
            status: another status than that it is granted.
            signed: makes another signature of the right one.
        """
        if status != _GRANTED:
            return _sequence(_sequence(_integer(status)))
        imprint = asked.imprint
        if hashed is not None:
            imprint = imprint.replace(asked.hashed, hashed)
        info = _sequence(
            _integer(1),
            _oid(_POLICY),
            imprint,
            _integer(7),
            _der(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
            _integer(asked.nonce if nonce is None else nonce),
        )
        token = _sequence(_oid(_SIGNED_DATA), _der(0xA0, self._signed_data(info, signed)))
        return _sequence(_sequence(_integer(_GRANTED)), token)

    def _signed_data(self, info: bytes, signed: Callable[[bytes], bytes]) -> bytes:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        algorithm = _sequence(_oid(_SHA256))
        attributes = sorted(
            (
                _attribute(_CONTENT_TYPE, _oid(_TST_INFO)),
                _attribute(_MESSAGE_DIGEST, _octets(hashlib.sha256(info).digest())),
                _attribute(
                    _SIGNING_CERTIFICATE_V2,
                    _sequence(_sequence(_sequence(_octets(hashlib.sha256(der).digest())))),
                ),
            )
        )
        signature = self.key.sign(_set(*attributes), ec.ECDSA(hashes.SHA256()))
        signer = _sequence(
            _integer(1),
            _sequence(
                self.certificate.issuer.public_bytes(), _integer(self.certificate.serial_number)
            ),
            algorithm,
            _der(0xA0, *attributes),
            _sequence(_oid(_ECDSA_SHA256)),
            _octets(signed(signature)),
        )
        return _sequence(
            _integer(3),
            _set(algorithm),
            _sequence(_oid(_TST_INFO), _der(0xA0, _octets(info))),
            _der(0xA0, der),
            _set(signer),
        )


def authority(
    *,
    since: dt.datetime,
    life: dt.timedelta = _YEAR,
    usages: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.TIME_STAMPING,),
) -> Authority:
    """Make an authority: a root, and a certificate for stamping (or for something else)."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("Root of a test")
    root = (
        _certificate(root_name, root_name, root_key, since=since, life=10 * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate(_name("Clock of a test"), root_name, key, since=since, life=life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return Authority(root, certificate, key)


@contextlib.contextmanager
def serving(handler: Handler) -> Iterator[str]:
    """Answer what is posted by a function of the body; gives the address."""

    def take(_path: str, headers: Mapping[str, str], body: bytes) -> listening.Answer:
        assert headers["content-type"] == "application/timestamp-query"
        status, told = handler(body)
        return listening.Answer(status, {"Content-Type": "application/timestamp-reply"}, told)

    with listening.serving(take) as url:
        yield f"{url}/tsr"


def _attribute(name: str, value: bytes) -> bytes:
    return _sequence(_oid(name), _set(value))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    since: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
