"""Bodies on the wire: inflated within a limit when they come, compressed as asked when they go."""

from __future__ import annotations

import sys
import zlib
from typing import Final

import flask
from isal import igzip

from api.errors import TooLarge, Unreadable

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


def answer(body: bytes, *, accepts: str) -> flask.Response:
    """Make a JSON answer, compressed with what the caller accepts best.

    Args:
        body: the JSON bytes.
        accepts: the request's `Accept-Encoding`.
    """
    response = flask.Response(mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Encoding"
    if len(body) >= _COMPRESSED_FROM_BYTES and "zstd" in accepts:
        body = zstd.compress(body, level=_ZSTD_LEVEL)
        response.headers["Content-Encoding"] = "zstd"
    elif len(body) >= _COMPRESSED_FROM_BYTES and "gzip" in accepts:
        body = igzip.compress(body, compresslevel=_GZIP_LEVEL)
        response.headers["Content-Encoding"] = "gzip"
    response.data = body
    return response


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
