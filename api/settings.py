"""The server's settings, read once at start and checked whole.

Every setting comes from the environment as `LAMPLIGHTER_<NAME>`; docs/reference/settings.md lists
them, and a test keeps that list true.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import pathlib
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from api import pmtiles
from schemas.evidence import FILE_BYTES_MAX

PREFIX: Final = "LAMPLIGHTER_"
_APP_FOLDER: Final = pathlib.Path(__file__).parents[1] / "field_sync" / "pwa" / "dist"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class SettingsError(Exception):
    """One or more settings are wrong; each has a sentence in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences."""
        self.problems = problems
        super().__init__("\n".join(problems))


class _Unshown(ValueError):  # noqa: N818 - a sentence, like that of ValueError
    """A value that may hold a secret, so the problem does not repeat it."""


def _described(text: str, default: Any, parse: Callable[[str], Any]) -> Any:
    return dataclasses.field(default=default, metadata={"text": text, "parse": parse})


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            message = f"must be a whole number from {low} to {high}"
            raise ValueError(message)
        return int(raw)

    return parse


def _flag(raw: str) -> bool:
    if raw.lower() not in _TRUE | _FALSE:
        message = "must be true or false"
        raise ValueError(message)
    return raw.lower() in _TRUE


def _url(raw: str) -> str:
    if not raw.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        message = "must start with sqlite:/// or postgresql://"
        raise ValueError(message)
    return raw


def _bucket_url(raw: str) -> str:
    place = urllib.parse.urlsplit(raw)
    if "@" in raw or place.query or place.fragment:
        message = "must hold nothing but s3://bucket/prefix; keys come from AWS_ACCESS_KEY_ID"
        raise _Unshown(message)
    if place.scheme != "s3" or not place.netloc:
        message = "must be s3://bucket or s3://bucket/prefix"
        raise ValueError(message)
    return raw


def _http_url(raw: str) -> str:
    if "@" in raw:
        message = "must hold no credentials"
        raise _Unshown(message)
    if not raw.startswith(("http://", "https://")):
        message = "must start with http:// or https://"
        raise ValueError(message)
    return raw


def _public_url(raw: str) -> str:
    place = urllib.parse.urlsplit(_http_url(raw))
    if not place.netloc or place.query or place.fragment or place.path.strip("/"):
        message = "must be the scheme and the host alone, as https://office.example"
        raise ValueError(message)
    return f"{place.scheme}://{place.netloc}"


def _contact(raw: str) -> str:
    if not raw.startswith(("mailto:", "https://")) or " " in raw:
        message = "must start with mailto: or https://"
        raise ValueError(message)
    return raw


def _text(raw: str) -> str:
    if not raw.strip():
        message = "must not be empty"
        raise ValueError(message)
    return raw


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in choices:
            message = f"must be one of {', '.join(choices)}"
            raise ValueError(message)
        return raw

    return parse


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator can set; times in seconds, sizes in bytes."""

    data_dir: pathlib.Path = _described(
        "Folder of the embedded database and of evidence files.",
        pathlib.Path("data"),
        lambda raw: pathlib.Path(_text(raw)),
    )
    database_url: str = _described(
        "SQLAlchemy URL; empty means SQLite in the data folder.", "", _url
    )
    evidence_url: str = _described(
        "Where evidence files lie: `s3://bucket/prefix`; empty means the data folder.",
        "",
        _bucket_url,
    )
    evidence_endpoint: str = _described(
        "Address of the S3 store, where it is not Amazon's.", "", _http_url
    )
    evidence_redirect_s: int = _described(
        "Life of the link to a file in S3 that a reader is sent to; 0 streams it through.",
        0,
        _whole(0, 3_600),
    )
    checkpoint_key: str = _described(
        "PEM file of the key that signs checkpoints; empty means `checkpoint-key.pem` in the data"
        " folder.",
        "",
        _text,
    )
    tsa_url: str = _described(
        "Address of the authority that stamps checkpoints (RFC 3161); empty means none.",
        "",
        _http_url,
    )
    tsa_certificates: str = _described(
        "PEM file of the root certificates that its stamps must come from.", "", _text
    )
    orphan_days: int = _described(
        "Days after which the bytes of a file that nobody declared are deleted.",
        30,
        _whole(1, 3_650),
    )
    app_dir: str = _described(
        "Folder of the built phone app; empty means the one that came with this server.", "", _text
    )
    basemap: str = _described(
        "PMTiles archive of pictures (png, jpeg or webp) that phones may keep as the ground of "
        "their map; empty means none.",
        "",
        _text,
    )
    public_url: str = _described(
        "Address at which phones reach this server, as `https://office.example`; empty means the "
        "one that the request was sent to.",
        "",
        _public_url,
    )
    push_contact: str = _described(
        "Address of whoever runs this server, as `mailto:it@utility.example`, by which push "
        "services can reach them; empty means that no notice goes to sleeping phones.",
        "",
        _contact,
    )
    private_receivers: bool = _described(
        "Let notices go to private addresses, on any port and over plain http: for receivers of "
        "your own.",
        False,
        _flag,
    )
    host: str = _described("Address to listen on.", "127.0.0.1", _text)
    port: int = _described("Port to listen on; 0 picks a free one.", 8000, _whole(0, 65_535))
    threads: int = _described("Request threads of one worker.", 64, _whole(2, 512))
    workers: int = _described("Worker processes; more than one needs PostgreSQL.", 1, _whole(1, 64))
    scheduler: bool = _described("Run the scheduled jobs in this server.", True, _flag)
    log_level: str = _described(
        "How much is logged.", "info", _one_of("debug", "info", "warning", "error")
    )
    issuer: str = _described("Issuer and audience of access tokens.", "lamplighter", _text)
    access_token_s: int = _described("Life of an access token.", 900, _whole(30, 86_400))
    refresh_token_s: int = _described(
        "Life of a refresh token; long, because phones sleep.", 7_776_000, _whole(60, 31_536_000)
    )
    sign_ins_per_minute: int = _described(
        "Failed sign-ins allowed per login and minute.", 10, _whole(1, 10_000)
    )
    sign_ins_per_quarter_hour: int = _described(
        "Failed sign-ins allowed from one address in a quarter of an hour; a device that its "
        "person has enrolled is not held up by it.",
        100,
        _whole(1, 1_000_000),
    )
    trusted_proxies: int = _described(
        "Proxies in front that append to X-Forwarded-For; with 0 nobody is believed what it says.",
        0,
        _whole(0, 10),
    )
    syncs_per_minute: int = _described(
        "Sync exchanges allowed per device and minute, by each worker.", 240, _whole(1, 100_000)
    )
    requests_per_minute: int = _described(
        "Requests that a person may make in a minute, by each worker; syncs and uploads are "
        "counted apart.",
        1_200,
        _whole(10, 1_000_000),
    )
    searches_per_minute: int = _described(
        "Searches for customers and meters that a person may make in a minute.",
        120,
        _whole(1, 100_000),
    )
    views_per_hour: int = _described(
        "Photos and originals that a person may open in an hour.", 2_000, _whole(1, 1_000_000)
    )
    imports_per_hour: int = _described(
        "Files of other systems that a person may import in an hour.", 60, _whole(1, 100_000)
    )
    exports_per_hour: int = _described(
        "Things that a person may have drawn or walked whole in an hour.",
        300,
        _whole(1, 100_000),
    )
    integration_times: int = _described(
        "How many times as much of these an integration may ask for.", 10, _whole(1, 1_000)
    )
    body_bytes_max: int = _described(
        "Largest request body except uploads.", 4_000_000, _whole(10_000, 100_000_000)
    )
    reader_file_bytes_max: int = _described(
        "Largest file that a meter reader may send; 0 lets none send.",
        FILE_BYTES_MAX,
        _whole(0, FILE_BYTES_MAX),
    )
    lineman_file_bytes_max: int = _described(
        "Largest file that a lineman may send; 0 lets none send.",
        FILE_BYTES_MAX,
        _whole(0, FILE_BYTES_MAX),
    )
    office_file_bytes_max: int = _described(
        "Largest file that the office or an integration may send; 0 lets none send.",
        FILE_BYTES_MAX,
        _whole(0, FILE_BYTES_MAX),
    )
    upload_bytes_per_hour: int = _described(
        "Bytes of uploads that a device, or a person without one, may begin in an hour.",
        2_000_000_000,
        _whole(FILE_BYTES_MAX, 1_000_000_000_000),
    )
    stop_grace_s: int = _described(
        "Seconds that running requests and jobs get to finish.", 20, _whole(1, 600)
    )

    @property
    def url(self) -> str:
        """The database's URL, the embedded default included."""
        return self.database_url or f"sqlite:///{self.data_dir / 'lamplighter.db'}"

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
        except _Unshown as error:
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
