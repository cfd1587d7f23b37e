"""Parts of uploads while they come: on the local disk, each under its fence, wherever files go."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from api.evidence.depot.contract import (
    Checksum,
    DepotFull,
    Part,
    Progress,
    UploadChecksumDiffers,
    UploadTooLong,
)
from api.evidence.fence import Fence, Piece, UploadOffsetDiffers, UploadOvertaken, stand_of

WRITE_BYTES_MAX: Final = 1_048_576
"""The most that one write takes while it holds the part's lock."""
FOLDER: Final = "parts"
_BOOT_ID: Final = pathlib.Path("/proc/sys/kernel/random/boot_id")


def _leave(_part: Part, _fence: Fence) -> None:
    """Leave a complete part as it is: its caller will see to it."""


class Parts:
    """Parts in a folder, as `<district>/parts/<upload>`."""

    def __init__(self, root: pathlib.Path) -> None:
        """Use a folder; it is made when the first part begins."""
        self._root = root
        self._boot = _boot()

    def is_begun(self, part: Part) -> bool:
        """Tell whether a part lies here."""
        return self._path(part).exists()

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part (see `Depot.take_over`)."""
        with room(), self._begun(part) as fence:
            return fence.keep(at=fence.take())

    def receive(
        self,
        part: Part,
        *,
        offset_bytes: int,
        chunks: Iterable[Piece],
        checksum: Checksum | None,
        finish: Callable[[Part, Fence], None] = _leave,
    ) -> int:
        """Append chunks to a part (see `Depot.receive`); `finish` hears when it is complete."""
        with room(), self._begun(part) as fence:
            at = fence.take(expected_bytes=offset_bytes)
            pieces = _pieces(chunks, room_bytes=part.bytes_max - at, size_bytes=part.bytes_max)
            if checksum is not None:
                at = _append_checked(fence, pieces, at=at, checksum=checksum)
            elif at == 0:
                at = _append_first(fence, pieces)
            else:
                at = _append(fence, pieces, at=at)
            if at != part.size_bytes:
                return fence.keep(at=at)
            finish(part, fence)
            return at

    def keep(self, part: Part) -> None:
        """Make a complete part durable (see `Depot.keep`)."""
        with room(), self._begun(part) as fence:
            fence.keep(at=fence.take(expected_bytes=part.bytes_max))

    def join(self, part: Part, *, sources: Sequence[Part]) -> int:
        """Fill a part with others (see `Depot.join`)."""
        with room(), self._begun(part) as fence:
            fence.take()
            at = 0
            try:
                for source in sources:
                    with self.complete(source) as held, held.reading() as content:
                        at = fence.copy(content.fileno(), size_bytes=source.bytes_max, at=at)
            except FileNotFoundError as error:
                raise UploadOffsetDiffers(offset_bytes=0, yours_bytes=part.bytes_max) from error
            fence.count(at=at)
            return at

    def look(self, *, district_id: str, upload_id: str) -> Progress:
        """Tell how far a part is, and leave whoever writes to it alone (see `Depot.look`)."""
        part = Part(district_id, upload_id, None, None)
        seen = stand_of(self._path(part), boot=self._boot)
        if seen is None:
            return Progress(0, None)
        received_bytes, changed_s = seen
        return Progress(received_bytes, dt.datetime.fromtimestamp(changed_s, tz=dt.UTC))

    def find_hash(self, part: Part) -> str:
        """Tell which file a complete part is (see `Depot.find_hash`)."""
        with self._begun(part) as fence:
            fence.take(expected_bytes=part.bytes_max)
            return fence.sha256()

    def discard(self, part: Part) -> None:
        """Take a part away (see `Depot.discard`)."""
        path = self._path(part)
        try:
            with Fence(path, boot=self._boot, flags=0) as fence:
                fence.remove()
        except FileNotFoundError:
            for each in (path, path.with_suffix(".state")):
                each.unlink(missing_ok=True)

    def list_ids(self, *, district_id: str) -> list[str]:
        """List the uploads that have a part (see `Depot.list_parts`)."""
        folder = self._root / district_id / FOLDER
        return sorted({each.stem for each in folder.iterdir()}) if folder.exists() else []

    @contextlib.contextmanager
    def complete(self, part: Part) -> Iterator[Fence]:
        """Hold a complete part, to make it a file.

        Raises:
            FileNotFoundError: there is no such part.
            UploadOffsetDiffers: it is not complete.
        """
        with room(), Fence(self._path(part), boot=self._boot, flags=0) as fence:
            fence.take(expected_bytes=part.size_bytes)
            yield fence

    def _begun(self, part: Part) -> Fence:
        """Open a part; begin it if it is not there."""
        path = self._path(part)
        try:
            return Fence(path, boot=self._boot, flags=os.O_CREAT)
        except FileNotFoundError:  # the first part of a district
            path.parent.mkdir(parents=True, exist_ok=True)
            return Fence(path, boot=self._boot, flags=os.O_CREAT)

    def _path(self, part: Part) -> pathlib.Path:
        return self._root / part.district_id / FOLDER / part.upload_id


def append_nothing(part: Part, *, offset_bytes: int, chunks: Iterable[Piece]) -> int:
    """Let a client whose answer was lost find that the file is whole.

    Raises:
        UploadOffsetDiffers: it would go on before the end.
        UploadTooLong: it would go on after the end.
    """
    if offset_bytes != part.bytes_max:
        raise UploadOffsetDiffers(offset_bytes=part.bytes_max, yours_bytes=offset_bytes)
    if any(chunks):
        raise UploadTooLong(size_bytes=part.bytes_max)
    return part.bytes_max


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Turn a full disk into its refusal.

    Raises:
        DepotFull: there is no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DepotFull from error
        raise


def _append_first(fence: Fence, pieces: Iterable[Piece]) -> int:
    """Write pieces from the beginning, and hash them on the way: they may be all that come."""
    hashed = hashlib.sha256()

    def heard() -> Iterator[Piece]:
        for piece in pieces:
            hashed.update(piece)
            yield piece

    at = _append(fence, heard(), at=0)
    fence.count(at=at, digest=hashed.digest())
    return at


def _append(fence: Fence, pieces: Iterable[Piece], *, at: int) -> int:
    """Write pieces that count one by one; what came before the line broke is kept."""
    try:
        for piece in pieces:
            at = fence.append(piece, at=at)
    except BaseException:
        with contextlib.suppress(UploadOvertaken, OSError):
            fence.keep(at=at)
        raise
    return at


def _append_checked(fence: Fence, pieces: Iterable[Piece], *, at: int, checksum: Checksum) -> int:
    """Write pieces that count together, if they are those of the checksum."""
    hashed = hashlib.new(checksum.algorithm, usedforsecurity=False)
    for piece in pieces:
        at = fence.lay(piece, at=at)
        hashed.update(piece)
    if hashed.digest() != checksum.digest:
        raise UploadChecksumDiffers(algorithm=checksum.algorithm)
    fence.count(at=at)
    return at


def _pieces(chunks: Iterable[Piece], *, room_bytes: int, size_bytes: int) -> Iterator[Piece]:
    """Cut chunks so that no write holds the lock for long, as far as the part reaches."""
    for chunk in chunks:
        if len(chunk) > room_bytes:
            raise UploadTooLong(size_bytes=size_bytes)
        room_bytes -= len(chunk)
        for start in range(0, len(chunk), WRITE_BYTES_MAX):
            yield chunk[start : start + WRITE_BYTES_MAX]


def _boot() -> bytes:
    """Name the machine's present boot; where the system does not tell, this process will do."""
    try:
        return _BOOT_ID.read_bytes().strip()
    except OSError:
        return str(os.getpid()).encode()
