"""What tus 1.0.0 says in headers, read strictly: lengths, offsets, checksums, metadata."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import flask
from werkzeug.http import http_date

from api.evidence import depot
from schemas.errors import Refused
from schemas.evidence import UploadKind

VERSION: Final = "1.0.0"
EXTENSIONS: Final = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "expiration",
    "checksum",
    "termination",
    "concatenation",
)
CHECKSUMS: Final = ("sha1", "sha256")
MEDIA_TYPE: Final = "application/offset+octet-stream"
PARTS_MAX: Final = 100
"""The most partial uploads that one file is joined of."""
DEFERRED: Final = "1"
OVERRIDE: Final = "X-HTTP-Method-Override"
_DIGITS_MAX: Final = 15
_METADATA_CHARS_MAX: Final = 4_000
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_PRINTABLE: Final = re.compile(r"[ -~]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class UploadVersionUnknown(Refused):
    """The request names no version of tus that the server speaks. Send Tus-Resumable: 1.0.0."""

    code = "upload-version-unknown"
    status = 412
    en = "Uploads speak tus 1.0.0; say so in Tus-Resumable."
    zh = "上传使用 tus 1.0.0 协议；请在 Tus-Resumable 头中注明。"


class UploadHeaderWrong(Refused):
    """A header of the upload is missing or makes no sense. Mend the one that is named."""

    code = "upload-header-wrong"
    status = 400
    en = "The header {header} is missing or wrong: {reason}."
    zh = "请求头 {header} 缺失或有误：{reason}。"


class UploadTypeWrong(Refused):
    """Bytes of an upload have their own media type. Send application/offset+octet-stream."""

    code = "upload-type-wrong"
    status = 415
    en = "Send the bytes as application/offset+octet-stream."
    zh = "请以 application/offset+octet-stream 类型发送数据。"


class UploadTooLarge(Refused):
    """The file is larger than any file may be. Make a smaller picture of it."""

    code = "upload-too-large"
    status = 413
    en = "A file may have {bytes_max} bytes at most."
    zh = "单个文件最大为 {bytes_max} 字节。"


@dataclasses.dataclass(frozen=True, slots=True)
class Creation:
    """What a client says of an upload that it begins.

    `described` is its Upload-Metadata, word for word; `sha256` is None where it names no hash, and
    `size_bytes` where it defers the length; `joins` names the uploads that a final one joins.
    """

    sha256: str | None
    size_bytes: int | None
    described: str
    kind: UploadKind
    joins: tuple[str, ...]


def check_version(request: flask.Request) -> None:
    """Let pass who speaks our version.

    Raises:
        UploadVersionUnknown: it names another, or none.
    """
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UploadVersionUnknown


def has_bytes(request: flask.Request) -> bool:
    """Tell whether a request brings bytes of an upload."""
    return request.mimetype == MEDIA_TYPE


def check_type(request: flask.Request) -> None:
    """Let pass bytes of an upload.

    Raises:
        UploadTypeWrong: the body says to be something else.
    """
    if not has_bytes(request):
        raise UploadTypeWrong


def creation(request: flask.Request, *, bytes_max: int) -> Creation:
    """Read what a client says of an upload that it begins.

    Args:
        request: the request.
        bytes_max: the most that a file of this client may have.

    Raises:
        UploadHeaderWrong: a header is missing or malformed, or two contradict each other.
        UploadTooLarge: the file is too long.
    """
    described = request.headers.get("Upload-Metadata", "")
    sha256 = _metadata(described).get("sha256")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise UploadHeaderWrong(header="Upload-Metadata", reason="sha256 in lower-case hex")
    kind, joins = _concat(request)
    if kind is UploadKind.FINAL:
        if has_bytes(request) or "Upload-Length" in request.headers:
            raise UploadHeaderWrong(header="Upload-Concat", reason="a final upload has no bytes")
        return Creation(sha256, None, described, kind, joins)
    if kind is UploadKind.PARTIAL:  # the hash of a file is none of a part of it
        sha256 = None
    return Creation(sha256, _size_bytes(request, bytes_max=bytes_max), described, kind, joins)


def length_bytes(request: flask.Request, *, bytes_max: int) -> int | None:
    """Read how long the file will be; None where nothing is said.

    Raises:
        UploadHeaderWrong: it is no number.
        UploadTooLarge: it is too long.
    """
    if "Upload-Length" not in request.headers:
        return None
    length = _number(request, "Upload-Length")
    if length > bytes_max:
        raise UploadTooLarge(bytes_max=bytes_max)
    return length


def offset_bytes(request: flask.Request) -> int:
    """Read where the bytes begin.

    Raises:
        UploadHeaderWrong: it is not said.
    """
    return _number(request, "Upload-Offset")


def checksum(request: flask.Request) -> depot.Checksum | None:
    """Read what the bytes of a request must come to; None where nothing is said.

    Raises:
        UploadHeaderWrong: it is malformed, or of an algorithm that is not spoken here.
    """
    raw = request.headers.get("Upload-Checksum")
    if raw is None:
        return None
    algorithm, _, encoded = raw.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise UploadHeaderWrong(header="Upload-Checksum", reason=f"one of {', '.join(CHECKSUMS)}")
    digest = _decoded(encoded, header="Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise UploadHeaderWrong(header="Upload-Checksum", reason="a digest in Base64")
    return depot.Checksum(algorithm, digest)


def instant(moment: dt.datetime) -> str:
    """Write an instant as HTTP does."""
    return http_date(moment)


def concat(kind: str, joins: Sequence[str], *, path: str) -> str:
    """Write what a partial or a final upload is; empty for a whole file."""
    if kind == UploadKind.FINAL:
        return f"final;{' '.join(f'{path}/{each}' for each in joins)}"
    return "partial" if kind == UploadKind.PARTIAL else ""


def _concat(request: flask.Request) -> tuple[UploadKind, tuple[str, ...]]:
    """Read whether an upload is whole, a part, or joins parts; of their addresses the ids count."""
    raw = request.headers.get("Upload-Concat")
    if raw is None:
        return UploadKind.FILE, ()
    if raw.strip() == "partial":
        return UploadKind.PARTIAL, ()
    word, _, places = raw.partition(";")
    ids = tuple(urlsplit(place).path.rpartition("/")[2] for place in places.split())
    if (
        word.strip() != "final"
        or not ids
        or len(ids) > PARTS_MAX
        or not all(map(_ID.fullmatch, ids))
    ):
        reason = f"partial, or final; and up to {PARTS_MAX} uploads"
        raise UploadHeaderWrong(header="Upload-Concat", reason=reason)
    return UploadKind.FINAL, ids


def _size_bytes(request: flask.Request, *, bytes_max: int) -> int | None:
    """Read the length of a file that begins, or that it is deferred."""
    size_bytes = length_bytes(request, bytes_max=bytes_max)
    deferred = request.headers.get("Upload-Defer-Length")
    if (size_bytes is None) == (deferred is None):
        raise UploadHeaderWrong(header="Upload-Length", reason="it or Upload-Defer-Length")
    if deferred not in {None, DEFERRED}:
        raise UploadHeaderWrong(header="Upload-Defer-Length", reason=f"nothing but {DEFERRED}")
    return size_bytes


def _number(request: flask.Request, header: str) -> int:
    raw = request.headers.get(header, "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= _DIGITS_MAX):
        raise UploadHeaderWrong(header=header, reason="a whole number of bytes")
    return int(raw)


def _metadata(raw: str) -> dict[str, str]:
    if len(raw) > _METADATA_CHARS_MAX or not _PRINTABLE.fullmatch(raw):
        raise UploadHeaderWrong(header="Upload-Metadata", reason="too long, or not ASCII")
    pairs = [pair.strip().partition(" ") for pair in raw.split(",")] if raw else []
    values = {
        key: _decoded(value, header="Upload-Metadata").decode("utf-8", errors="replace")
        for key, _, value in pairs
    }
    if len(values) != len(pairs) or "" in values:
        raise UploadHeaderWrong(header="Upload-Metadata", reason="keys empty or repeated")
    return values


def _decoded(value: str, *, header: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UploadHeaderWrong(header=header, reason="values in Base64") from error
