"""The server's settings, read once at start and checked whole.

Every setting comes from the environment as `LAMPLIGHTER_<NAME>`; docs/reference/settings.md lists
them, and a test keeps that list true.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from api import gateways, pmtiles, setting_values
from schemas.evidence import FILE_BYTES_MAX

PREFIX: Final = "LAMPLIGHTER_"
_APP_FOLDER: Final = pathlib.Path(__file__).parents[1] / "field_sync" / "pwa" / "dist"


class SettingsError(Exception):
    """One or more settings are wrong; each has a sentence in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences."""
        self.problems = problems
        super().__init__("\n".join(problems))


def _described(text: str, default: Any, parse: Callable[[str], Any]) -> Any:
    return dataclasses.field(default=default, metadata={"text": text, "parse": parse})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that an operator can set; times in seconds, sizes in bytes.

    Some of it is secret, so none of it is shown by `repr`.
    """

    data_dir: pathlib.Path = _described(
        "Folder of the embedded database and of evidence files.",
        pathlib.Path("data"),
        lambda raw: pathlib.Path(setting_values.text(raw)),
    )
    database_url: str = _described(
        "SQLAlchemy URL; empty means SQLite in the data folder.", "", setting_values.url
    )
    evidence_url: str = _described(
        "Where evidence files lie: `s3://bucket/prefix`; empty means the data folder.",
        "",
        setting_values.bucket_url,
    )
    evidence_endpoint: str = _described(
        "Address of the S3 store, where it is not Amazon's.", "", setting_values.http_url
    )
    evidence_redirect_s: int = _described(
        "Life of the link to a file in S3 that a reader is sent to; 0 streams it through.",
        0,
        setting_values.whole(0, 3_600),
    )
    checkpoint_key: str = _described(
        "PEM file of the key that signs checkpoints; empty means `checkpoint-key.pem` in the data"
        " folder.",
        "",
        setting_values.text,
    )
    tsa_url: str = _described(
        "Address of the authority that stamps checkpoints (RFC 3161); empty means none.",
        "",
        setting_values.http_url,
    )
    tsa_certificates: str = _described(
        "PEM file of the root certificates that its stamps must come from.", "", setting_values.text
    )
    orphan_days: int = _described(
        "Days after which the bytes of a file that nobody declared are deleted.",
        30,
        setting_values.whole(1, 3_650),
    )
    policies_dir: str = _described(
        "Folder of policy sets of your own; empty means only those that came with this server.",
        "",
        setting_values.text,
    )
    app_dir: str = _described(
        "Folder of the built phone app; empty means the one that came with this server.",
        "",
        setting_values.text,
    )
    basemap: str = _described(
        "PMTiles archive of pictures (png, jpeg or webp) that phones may keep as the ground of "
        "their map; empty means none.",
        "",
        setting_values.text,
    )
    public_url: str = _described(
        "Address at which phones reach this server, as `https://office.example`; empty means the "
        "one that the request was sent to.",
        "",
        setting_values.public_url,
    )
    push_contact: str = _described(
        "Address of whoever runs this server, as `mailto:it@utility.example`, by which push "
        "services can reach them; empty means that no notice goes to sleeping phones.",
        "",
        setting_values.contact,
    )
    smtp_url: str = _described(
        "Server that takes mail for the office, as `smtp://user:password@host:587` (STARTTLS), "
        "`smtps://` (TLS from the start) or `smtp+plain://` (none); empty means that none is sent.",
        "",
        setting_values.smtp_url,
    )
    smtp_from: str = _described(
        "Mailbox that this server's mails come from.", "", setting_values.mailbox
    )
    sms_url: str = _described(
        "Address of the gateway that takes text messages to customers, with places as `{number}`; "
        "empty means that none goes out.",
        "",
        setting_values.secret,
    )
    sms_method: str = _described(
        "Method of its requests.", "POST", setting_values.one_of(*gateways.METHODS)
    )
    sms_headers: str = _described(
        "Headers of its requests, as a JSON object.", "", setting_values.secret
    )
    sms_body: str = _described(
        "Body of its requests with places: a JSON document, or a form as `to={number}&say={text}`.",
        "",
        setting_values.secret,
    )
    sms_sender: str = _described("What fills the place `{sender}`.", "", setting_values.text)
    sms_home: str = _described(
        "The country's code that the place `{local}` goes without.", "86", setting_values.text
    )
    sms_success: str = _described(
        "Field of the gateway's JSON answer and its values that mean success, as `code=0`; empty "
        "means that the status says all.",
        "",
        setting_values.text,
    )
    sms_again: str = _described(
        "Likewise, the values that mean that it is tried another time, as `code=1005,1006`.",
        "",
        setting_values.text,
    )
    private_receivers: bool = _described(
        "Let notices go to private addresses, on any port and over plain http: for receivers of "
        "your own.",
        False,
        setting_values.flag,
    )
    host: str = _described("Address to listen on.", "127.0.0.1", setting_values.text)
    port: int = _described(
        "Port to listen on; 0 picks a free one.", 8000, setting_values.whole(0, 65_535)
    )
    threads: int = _described("Request threads of one worker.", 64, setting_values.whole(2, 512))
    workers: int = _described(
        "Worker processes; more than one needs PostgreSQL.", 1, setting_values.whole(1, 64)
    )
    scheduler: bool = _described(
        "Run the scheduled jobs in this server.", True, setting_values.flag
    )
    log_level: str = _described(
        "How much is logged.", "info", setting_values.one_of("debug", "info", "warning", "error")
    )
    issuer: str = _described(
        "Issuer and audience of access tokens.", "lamplighter", setting_values.text
    )
    access_token_s: int = _described(
        "Life of an access token.", 900, setting_values.whole(30, 86_400)
    )
    refresh_token_s: int = _described(
        "Life of a refresh token; long, because phones sleep.",
        7_776_000,
        setting_values.whole(60, 31_536_000),
    )
    sign_ins_per_minute: int = _described(
        "Failed sign-ins allowed per login and minute.", 10, setting_values.whole(1, 10_000)
    )
    sign_ins_per_quarter_hour: int = _described(
        "Failed sign-ins allowed from one address in a quarter of an hour; a device that its "
        "person has enrolled is not held up by it.",
        100,
        setting_values.whole(1, 1_000_000),
    )
    trusted_proxies: int = _described(
        "Proxies in front that append to X-Forwarded-For; with 0 nobody is believed what it says.",
        0,
        setting_values.whole(0, 10),
    )
    syncs_per_minute: int = _described(
        "Sync exchanges allowed per device and minute, by each worker.",
        240,
        setting_values.whole(1, 100_000),
    )
    requests_per_minute: int = _described(
        "Requests that a person may make in a minute, by each worker; syncs and uploads are "
        "counted apart.",
        1_200,
        setting_values.whole(10, 1_000_000),
    )
    searches_per_minute: int = _described(
        "Searches for customers and meters that a person may make in a minute.",
        120,
        setting_values.whole(1, 100_000),
    )
    views_per_hour: int = _described(
        "Photos and originals that a person may open in an hour.",
        2_000,
        setting_values.whole(1, 1_000_000),
    )
    imports_per_hour: int = _described(
        "Files of other systems that a person may import in an hour.",
        60,
        setting_values.whole(1, 100_000),
    )
    exports_per_hour: int = _described(
        "Things that a person may have drawn or walked whole in an hour.",
        300,
        setting_values.whole(1, 100_000),
    )
    integration_times: int = _described(
        "How many times as much of these an integration may ask for.",
        10,
        setting_values.whole(1, 1_000),
    )
    body_bytes_max: int = _described(
        "Largest request body except uploads.", 4_000_000, setting_values.whole(10_000, 100_000_000)
    )
    reader_file_bytes_max: int = _described(
        "Largest file that a meter reader may send; 0 lets none send.",
        FILE_BYTES_MAX,
        setting_values.whole(0, FILE_BYTES_MAX),
    )
    lineman_file_bytes_max: int = _described(
        "Largest file that a lineman may send; 0 lets none send.",
        FILE_BYTES_MAX,
        setting_values.whole(0, FILE_BYTES_MAX),
    )
    office_file_bytes_max: int = _described(
        "Largest file that the office or an integration may send; 0 lets none send.",
        FILE_BYTES_MAX,
        setting_values.whole(0, FILE_BYTES_MAX),
    )
    upload_bytes_per_hour: int = _described(
        "Bytes of uploads that a device, or a person without one, may begin in an hour.",
        2_000_000_000,
        setting_values.whole(FILE_BYTES_MAX, 1_000_000_000_000),
    )
    stop_grace_s: int = _described(
        "Seconds that running requests and jobs get to finish.", 20, setting_values.whole(1, 600)
    )

    @property
    def url(self) -> str:
        """The database's URL, the embedded default included."""
        return self.database_url or f"sqlite:///{self.data_dir / 'lamplighter.db'}"

    @property
    def sms_gateway(self) -> gateways.Gateway | None:
        """The gateway of text messages; None where none is named.

        Raises:
            GatewayError: its description is wrong; `from_environment` has looked at it.
        """
        if not self.sms_url:
            return None
        return gateways.read(
            url=self.sms_url,
            method=self.sms_method,
            headers=self.sms_headers,
            body=self.sms_body,
            sender=self.sms_sender,
            home=self.sms_home,
            success=self.sms_success,
            again=self.sms_again,
        )

    @property
    def app_folder(self) -> pathlib.Path:
        """The built phone app's folder, the default included: it lies beside this package."""
        return pathlib.Path(self.app_dir) if self.app_dir else _APP_FOLDER


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read and check every setting.

    Raises:
        SettingsError: at least one is wrong or unknown; every problem is told at once.
    """
    known = {PREFIX + field.name.upper(): field for field in dataclasses.fields(Settings)}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name in sorted(key for key in environment if key.startswith(PREFIX)):
        field = known.get(name)
        if field is None:
            problems.append(f"{name} is no setting; see docs/reference/settings.md.")
            continue
        try:
            values[field.name] = field.metadata["parse"](environment[name])
        except setting_values.Unshown as error:
            problems.append(f"{name} {error}.")
        except ValueError as error:
            problems.append(f"{name} {error}; it is {environment[name]!r}.")
    settings = Settings(**values)
    problems.extend(_contradictions(settings))
    if problems:
        raise SettingsError(problems)
    return settings


def _contradictions(settings: Settings) -> Iterator[str]:
    """Name settings that are right alone and wrong together, or want what is not installed."""
    if settings.workers > 1 and settings.url.startswith("sqlite"):
        yield (
            "LAMPLIGHTER_WORKERS is more than 1 with SQLite, which has one writer; "
            "set LAMPLIGHTER_DATABASE_URL to a PostgreSQL database."
        )
    if settings.evidence_url and not _is_installed("boto3"):
        yield (
            "LAMPLIGHTER_EVIDENCE_URL names an S3 store, and the package for it is missing; "
            "install the extra s3: pip install 'lamplighter[server,s3]'."
        )
    if settings.tsa_url and not settings.tsa_certificates:
        yield (
            "LAMPLIGHTER_TSA_URL needs LAMPLIGHTER_TSA_CERTIFICATES, a PEM file of the root "
            "certificates that its stamps must come from."
        )
    if settings.smtp_url and not settings.smtp_from:
        yield "LAMPLIGHTER_SMTP_URL needs LAMPLIGHTER_SMTP_FROM, the mailbox that mails come from."
    try:
        _ = settings.sms_gateway
    except gateways.GatewayError as error:
        yield f"LAMPLIGHTER_SMS_*, the gateway of text messages: {error}."
    if settings.basemap and (why := _unfit(settings.basemap)):
        yield f"LAMPLIGHTER_BASEMAP names {settings.basemap!r}, and phones cannot draw it: {why}."
    if not settings.evidence_url and (settings.evidence_endpoint or settings.evidence_redirect_s):
        yield (
            "LAMPLIGHTER_EVIDENCE_ENDPOINT and LAMPLIGHTER_EVIDENCE_REDIRECT_S need "
            "LAMPLIGHTER_EVIDENCE_URL, which names the bucket."
        )


def _unfit(path: str) -> str:
    """Tell why a file is no basemap; empty where it is one."""
    try:
        with pathlib.Path(path).open("rb") as archive:
            pmtiles.read(archive)
    except pmtiles.Unfit as error:
        return str(error)
    except OSError as error:
        return error.strerror or "it cannot be read"
    return ""


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # it is marked as absent
        return False
