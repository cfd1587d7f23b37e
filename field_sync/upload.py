"""Resumable upload of one file (tus 1.0.0, core and creation with upload).

The first chunk goes with the creation, so that a small file takes one request; after that the
server is asked where the bytes go on, and gets what is left. Every cut costs at most one chunk.
"""

from __future__ import annotations

import base64
import dataclasses
import pathlib
from collections.abc import Callable
from typing import Final

from field_sync import errors
from field_sync.store import uploads
from field_sync.store.connection import Store
from field_sync.transport import Heard, Transport, refusal

CHUNK_BYTES_MAX: Final = 512_000
MOVES_MAX: Final = 1_000
"""Requests for one file in one go, whatever the server answers."""
STILL_MAX: Final = 6
"""Requests in a row after which the server has no byte more."""
_VERSION: Final = "1.0.0"
_MEDIA_TYPE: Final = "application/offset+octet-stream"
_CREATED: Final = 201
_GONE: Final = frozenset({404, 410})
_ELSEWHERE: Final = frozenset({400, 409, 412})
"""The chunk was cut, or another request moved the upload on: ask where it is."""

_SPOILT: Final = "file-hash-differs"

Told = Callable[[int, int], None]
"""Told how many bytes of how many the server has."""


def send(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str, told: Told
) -> None:
    """Send what the server does not have of a file yet; return when it has all of it.

    Args:
        store: where the bytes lie and the upload's place is kept.
        transport: the line to the server.
        file: the file, declared before.
        token: the access token.
        told: hears of progress, in bytes.

    A file that was spoilt on its way is refused by its hash, and sent once more from the start.

    Raises:
        NoSignal: the line broke; the next call goes on where it broke.
        TokenRefused: the access token has expired.
        Revoked: the office has revoked the device.
        ServerRefused: the server will not have this file.
        NotAFile: the file's bytes are gone from this handheld.
    """
    try:
        _send(store, transport, file=file, token=token, told=told)
    except errors.ServerRefused as refused:
        if refused.fields["server_code"] != _SPOILT:
            raise
        _send(store, transport, file=file, token=token, told=told)


def _send(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str, told: Told
) -> None:
    """Ask, send and ask again until the server has all of a file."""
    offset_bytes, farthest, still = None, -1, 0
    for _ in range(MOVES_MAX):
        if still > STILL_MAX:
            break
        still += 1
        if offset_bytes is None:
            file, offset_bytes = _find(store, transport, file=file, token=token)
        if offset_bytes is None:
            file = _located(store, file=file, location=None)
            continue
        if offset_bytes > farthest:
            farthest, still = offset_bytes, 0
        told(offset_bytes, file.size_bytes)
        if offset_bytes >= file.size_bytes:
            return
        offset_bytes = _append(store, transport, file=file, token=token, offset_bytes=offset_bytes)
    raise errors.NoSignal(sha256=file.sha256)


def _find(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str
) -> tuple[uploads.Upload, int | None]:
    """Find where a file goes on; of one that the server never heard of, send the first chunk."""
    if file.location is None and not file.begun:
        file, offset_bytes = _begin(store, transport, file=file, token=token)
        if offset_bytes is not None:
            return file, offset_bytes
    if file.location is None:
        file = _create(store, transport, file=file, token=token)
    return file, _ask(transport, file=file, token=token)


def _begin(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str
) -> tuple[uploads.Upload, int | None]:
    """Open the upload with the first chunk; tell how far it is, or None if that must be asked for.

    If the line breaks, nobody knows what came: from then on the server is asked first.
    """
    chunk = _read(uploads.path_of(store, sha256=file.sha256), 0)
    with store.writing():
        uploads.begin(store, sha256=file.sha256)
    file = dataclasses.replace(file, begun=True)
    heard = _opened(transport, file=file, token=token, content=chunk)
    if heard.status in _ELSEWHERE:
        return file, None
    file = _taken_up(store, file=file, heard=heard)
    return file, _offset_bytes(heard) if "Upload-Offset" in heard.headers else None


def _create(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str
) -> uploads.Upload:
    """Open the upload; the server gives the same place again for the same file."""
    heard = _opened(transport, file=file, token=token)
    return _taken_up(store, file=file, heard=heard)


def _opened(
    transport: Transport, *, file: uploads.Upload, token: str, content: bytes | None = None
) -> Heard:
    """Ask for an upload, with the first bytes or without."""
    headers = {
        "Tus-Resumable": _VERSION,
        "Upload-Length": str(file.size_bytes),
        "Upload-Metadata": f"sha256 {base64.b64encode(file.sha256.encode()).decode()}",
    }
    if content is not None:
        headers["Content-Type"] = _MEDIA_TYPE
    return transport.send(
        "POST", "/v1/uploads", token=token, headers=headers, content=content or b""
    )


def _taken_up(store: Store, *, file: uploads.Upload, heard: Heard) -> uploads.Upload:
    """Remember the place that the server gave."""
    if heard.status != _CREATED:
        raise refusal(heard, signed=True)
    location = heard.headers.get("Location", "")
    if not location.startswith("/") or location.startswith("//"):
        # Our token goes nowhere but to our server.
        raise errors.AnswerUnreadable(reason="an upload on another host")
    return _located(store, file=file, location=location)


def _located(store: Store, *, file: uploads.Upload, location: str | None) -> uploads.Upload:
    with store.writing():
        uploads.locate(store, sha256=file.sha256, location=location)
    found = uploads.find(store, sha256=file.sha256)
    assert found is not None, "files are never taken from the store while they wait"
    return found


def _ask(transport: Transport, *, file: uploads.Upload, token: str) -> int | None:
    """Ask how many bytes the server has; None if it does not know the upload any more."""
    assert file.location is not None
    heard = transport.send("HEAD", file.location, token=token, headers={"Tus-Resumable": _VERSION})
    if heard.status in _GONE:
        return None
    if not heard.ok:
        raise refusal(heard, signed=True)
    return _offset_bytes(heard)


def _append(
    store: Store, transport: Transport, *, file: uploads.Upload, token: str, offset_bytes: int
) -> int | None:
    """Send one chunk; give the new offset, or None if it must be asked for."""
    assert file.location is not None
    chunk = _read(uploads.path_of(store, sha256=file.sha256), offset_bytes)
    heard = transport.send(
        "PATCH",
        file.location,
        token=token,
        headers={
            "Tus-Resumable": _VERSION,
            "Upload-Offset": str(offset_bytes),
            "Content-Type": _MEDIA_TYPE,
        },
        content=chunk,
    )
    if heard.status in _ELSEWHERE | _GONE:
        return None
    if not heard.ok:
        raise refusal(heard, signed=True)
    return _offset_bytes(heard)


def _offset_bytes(heard: Heard) -> int:
    raw = heard.headers.get("Upload-Offset", "")
    if not (raw.isascii() and raw.isdigit()):
        raise errors.AnswerUnreadable(reason="no Upload-Offset")
    return int(raw)


def _read(path: pathlib.Path, offset_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset_bytes)
            return file.read(CHUNK_BYTES_MAX)
    except OSError as error:
        raise errors.NotAFile(path=str(path)) from error
