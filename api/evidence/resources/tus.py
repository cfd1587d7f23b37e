"""What tus 1.0.0 says in headers: versions, lengths, offsets and metadata, read strictly."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import flask

from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation"
MEDIA_TYPE: Final = "application/offset+octet-stream"
_DIGITS_MAX: Final = 15
_METADATA_CHARS_MAX: Final = 4_000
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


def check_version(request: flask.Request) -> None:
    """Let pass who speaks our version.

    Raises:
        UploadVersionUnknown: it names another, or none.
    """
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UploadVersionUnknown


def check_type(request: flask.Request) -> None:
    """Let pass bytes of an upload.

    Raises:
        UploadTypeWrong: the body says to be something else.
    """
    if request.mimetype != MEDIA_TYPE:
        raise UploadTypeWrong


def length_bytes(request: flask.Request) -> int:
    """Read how long the file will be.

    Raises:
        UploadHeaderWrong: it is not said, or deferred.
        UploadTooLarge: it is too long.
    """
    length = _number(request, "Upload-Length")
    if length > FILE_BYTES_MAX:
        raise UploadTooLarge(bytes_max=FILE_BYTES_MAX)
    return length


def offset_bytes(request: flask.Request) -> int:
    """Read where the bytes begin.

    Raises:
        UploadHeaderWrong: it is not said.
    """
    return _number(request, "Upload-Offset")


def sha256(request: flask.Request) -> str:
    """Read the file's hash, in lower-case hex, from the upload's metadata.

    Raises:
        UploadHeaderWrong: the metadata are malformed, or have no such hash.
    """
    value = _metadata(request).get("sha256", "")
    if not _SHA256.fullmatch(value):
        raise UploadHeaderWrong(header="Upload-Metadata", reason="sha256 in lower-case hex")
    return value


def _number(request: flask.Request, header: str) -> int:
    raw = request.headers.get(header, "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= _DIGITS_MAX):
        raise UploadHeaderWrong(header=header, reason="a whole number of bytes")
    return int(raw)


def _metadata(request: flask.Request) -> dict[str, str]:
    raw = request.headers.get("Upload-Metadata", "")
    if len(raw) > _METADATA_CHARS_MAX:
        raise UploadHeaderWrong(header="Upload-Metadata", reason="too long")
    pairs = [pair.strip().partition(" ") for pair in raw.split(",")] if raw else []
    values = {key: _decoded(value) for key, _, value in pairs}
    if len(values) != len(pairs) or "" in values:
        raise UploadHeaderWrong(header="Upload-Metadata", reason="keys empty or repeated")
    return values


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError) as error:
        raise UploadHeaderWrong(header="Upload-Metadata", reason="values in Base64") from error
