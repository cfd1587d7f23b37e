"""An object of a bucket as a file, read from any offset; bytes flow as they are asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from api.evidence.depot.contract import DepotAway

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody

    from api.evidence.depot.bucket import Bucket


class Content(io.RawIOBase):
    """One object; a seek ends the request that flows, and the next read begins another."""

    def __init__(self, bucket: Bucket, *, key: str, size_bytes: int) -> None:
        """Read an object of a known size."""
        self._bucket = bucket
        self._key = key
        self._size_bytes = size_bytes
        self._at = 0
        self._body: StreamingBody | None = None

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from any offset."""
        return True

    def tell(self) -> int:
        """Tell where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        if base + offset != self._at:
            self._stop()
            self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what comes next.

        Raises:
            FileNotFoundError: the object is gone.
            DepotAway: the store does not answer, or broke off.
        """
        view = memoryview(buffer).cast("B")
        if self._at >= self._size_bytes or not view:
            return 0
        if self._body is None:
            self._body = self._bucket.read(self._key, offset_bytes=self._at)
        try:
            piece = self._body.read(len(view))
        except HTTPError as error:
            raise DepotAway.now() from error
        if not piece:
            raise DepotAway.now()
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """End the request that flows."""
        self._stop()
        super().close()

    def _stop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
