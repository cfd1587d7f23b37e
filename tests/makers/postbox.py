"""A real mail server for tests: it takes mail by SMTP, or says why it does not."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import email
import email.message
import email.policy
import ipaddress
import pathlib
import ssl
import tempfile
from collections.abc import Iterator
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER: Final = "lamps"
PASSWORD: Final = "s3cret/of @lamps"
_HOST: Final = "127.0.0.1"


@dataclasses.dataclass
class PostBox:
    """What came, and what is answered to the next of each step; 250 after those.

    `url` is its address as the settings name it, `trusted` whom its certificate comes from.
    """

    url: str = ""
    trusted: ssl.SSLContext = dataclasses.field(default_factory=ssl.create_default_context)
    mails: list[email.message.EmailMessage] = dataclasses.field(default_factory=list)
    to_recipients: list[str] = dataclasses.field(default_factory=list)
    to_mails: list[str] = dataclasses.field(default_factory=list)

    def clear(self) -> None:
        """Forget what came, and what is to be answered."""
        self.mails.clear()
        self.to_recipients.clear()
        self.to_mails.clear()

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Take a recipient."""
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        if self.to_mails:
            return self.to_mails.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        assert isinstance(mail, email.message.EmailMessage)
        assert envelope.rcpt_tos == [mail["To"]]
        self.mails.append(mail)
        return "250 OK"


def text_of(mail: email.message.EmailMessage) -> str:
    """Read the text of a mail."""
    body = mail.get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


class _AtAnyPort(Controller):
    """A controller that knows which free port it was given before it looks whether it answers."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library is typed in part


@contextlib.contextmanager
def serving() -> Iterator[PostBox]:
    """Open a mail server on this machine that wants STARTTLS and a password."""
    box = PostBox()
    ours, box.trusted = _certified()
    controller = _AtAnyPort(
        box,
        hostname=_HOST,
        port=0,
        tls_context=ours,
        require_starttls=True,
        auth_required=True,
        authenticator=_is_ours,
    )
    controller.start()
    try:
        box.url = f"smtp://{USER}:s3cret%2Fof%20%40lamps@{_HOST}:{controller.port}"
        yield box
    finally:
        controller.stop()


def _is_ours(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth: object
) -> AuthResult:
    assert isinstance(auth, LoginPassword)
    known = (auth.login, auth.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


def _certified() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for this machine; gives the server's context, and one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(_HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "server.pem"
        file.write_bytes(private + pem)
        ours.load_cert_chain(file)
    return ours, ssl.create_default_context(cadata=pem.decode())
