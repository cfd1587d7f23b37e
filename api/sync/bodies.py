"""Bodies on the wire: inflated within a limit when they come, compressed as asked when they go."""

from __future__ import annotations

import itertools
import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import flask
from isal import igzip

from api.errors import TooLarge, Unreadable
from api.feed.pages.packed import Packed, Piece

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two branches runs
    from compression import zstd
else:
    from backports import zstd

_COMPRESSED_FROM_BYTES: Final = 1_000
_ZSTD_LEVEL: Final = 1
_GZIP_LEVEL: Final = 1
_GZIP_WINDOW_BITS: Final = 31


def inflated(request: flask.Request, *, bytes_max: int) -> bytes:
    """Read a request's body, decompressed.

    Args:
        request: the request; `Content-Encoding` may be `gzip`, `zstd` or absent.
        bytes_max: the most that the body may be once inflated.

    Raises:
        TooLarge: it is larger.
        Unreadable: it is not what its encoding says.
    """
    raw = request.get_data(cache=False)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    try:
        body = _inflate(raw, encoding, bytes_max=bytes_max)
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise Unreadable(reason=f"the body is not valid {encoding}") from error
    if len(body) > bytes_max:
        raise TooLarge(bytes_max=bytes_max)
    return body


def answer(pieces: Sequence[Piece], *, accepts: str) -> flask.Response:
    """Make a JSON answer, compressed with what the caller accepts best.

    For zstd, what is compressed already goes out as it is, between frames of the rest.

    Args:
        pieces: the parts of the JSON.
        accepts: the request's `Accept-Encoding`.
    """
    response = flask.Response(mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Encoding"
    if _is_small(pieces):
        response.data = _plain(pieces)
    elif "zstd" in accepts:
        response.data = b"".join(_frames(pieces))
        response.headers["Content-Encoding"] = "zstd"
    elif "gzip" in accepts:
        response.data = igzip.compress(_plain(pieces), compresslevel=_GZIP_LEVEL)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.data = _plain(pieces)
    return response


def _is_small(pieces: Sequence[Piece]) -> bool:
    size_bytes = 0
    for piece in pieces:
        if isinstance(piece, Packed):
            return False
        size_bytes += len(piece)
    return size_bytes < _COMPRESSED_FROM_BYTES


def _plain(pieces: Sequence[Piece]) -> bytes:
    """Join the pieces as they read."""
    return b"".join(each.unpacked() if isinstance(each, Packed) else each for each in pieces)


def _frames(pieces: Sequence[Piece]) -> Iterator[bytes]:
    """Give the pieces as whole zstd frames: neighbours that are plain share one."""
    for is_packed, group in itertools.groupby(pieces, lambda piece: isinstance(piece, Packed)):
        if is_packed:
            yield from (piece.frame for piece in group if isinstance(piece, Packed))
        else:
            plain = b"".join(piece for piece in group if not isinstance(piece, Packed))
            yield zstd.compress(plain, level=_ZSTD_LEVEL)


def _inflate(raw: bytes, encoding: str, *, bytes_max: int) -> bytes:
    """Inflate no more than one byte beyond the limit."""
    match encoding:
        case "identity" | "":
            return raw
        case "gzip":
            inflater = zlib.decompressobj(_GZIP_WINDOW_BITS)
            body = inflater.decompress(raw, bytes_max + 1)
            if len(body) <= bytes_max and not inflater.eof:
                message = "the stream is cut"
                raise EOFError(message)
            return body
        case "zstd":
            decompressor = zstd.ZstdDecompressor()
            body = decompressor.decompress(raw, max_length=bytes_max + 1)
            if len(body) <= bytes_max and not decompressor.eof:
                message = "the stream is cut"
                raise EOFError(message)
            return body
        case _:
            raise Unreadable(reason=f"Content-Encoding {encoding[:20]} is not known here")
