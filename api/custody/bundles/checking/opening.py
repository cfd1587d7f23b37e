"""Opening a bundle: a zip file that is exactly as we write it, bounded before it is unpacked."""

from __future__ import annotations

import contextlib
import hashlib
import io
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from api.custody.bundles import archive
from api.custody.bundles.checking.faults import Altered, Fault
from schemas import bundles

PIECE_BYTES: Final = 1_048_576
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_ENTRY_BYTES_MAX: Final = 300
"""What the table may take for each file, twice what we write."""
_OVERHEAD_BYTES_MAX: Final = bundles.FILES_MAX * 400
_BROKEN: Final = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What `zipfile` raises where somebody else wrote the file."""


class Bundle:
    """A bundle that is open: its files by name, each read within its bounds."""

    def __init__(self, file: BinaryIO) -> None:
        """Look at how the file is packed; nothing is unpacked yet.

        Raises:
            Altered: it is packed otherwise than we do.
        """
        end_at = _end_of(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise Altered(Fault.no_bundle, why=str(error)) from error
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._left_bytes = bundles.BYTES_MAX
        for info in self._zip.infolist():
            self._enter(info)
        _check_places(file, self._zip.infolist(), end_at=end_at)

    @property
    def paths(self) -> list[str]:
        """Every file in the bundle, in its order."""
        return list(self._infos)

    def size_bytes(self, path: str) -> int:
        """Tell how large a file is."""
        return self._infos[path].file_size

    def read(self, path: str) -> bytes:
        """Read a file that is no evidence.

        Raises:
            Altered: it is not there, too large, or damaged.
        """
        if path not in self._infos:
            raise Altered(Fault.missing, path=path)
        if self.size_bytes(path) > bundles.TEXT_BYTES_MAX:
            raise Altered(Fault.too_large, path=path, bytes_max=bundles.TEXT_BYTES_MAX)
        return b"".join(self._pieces(path))

    def sha256(self, path: str) -> str:
        """Hash a file.

        Raises:
            Altered: it is damaged.
        """
        hashed = hashlib.sha256()
        for piece in self._pieces(path):
            hashed.update(piece)
        return hashed.hexdigest()

    def _pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._infos[path]) as content:
                while piece := content.read(PIECE_BYTES):
                    yield piece
        except _BROKEN as error:
            raise Altered(Fault.damaged, path=path) from error

    def _enter(self, info: zipfile.ZipInfo) -> None:
        path = info.filename[: archive.PATH_CHARS_MAX]
        differs = archive.what_differs(info)
        if not differs and path in self._infos:
            differs = "it stands there twice"
        if differs:
            raise Altered(Fault.foreign, path=ascii(path)[1:-1], why=differs)
        self._infos[path] = info
        self._left_bytes -= info.file_size
        if self._left_bytes < 0:
            raise Altered(Fault.too_large, path=path, bytes_max=bundles.BYTES_MAX)


@contextlib.contextmanager
def opened(path: pathlib.Path) -> Iterator[Bundle]:
    """Open a bundle by its file's name.

    Raises:
        Altered: it is packed otherwise than we do.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        yield Bundle(file)


def _end_of(file: BinaryIO) -> int:
    """Find where the files end and their table begins, before anything believes the table."""
    size_bytes = file.seek(0, io.SEEK_END)
    if size_bytes < archive.END_BYTES:
        raise Altered(Fault.no_bundle, why="it is too short")
    if size_bytes > bundles.BYTES_MAX + _OVERHEAD_BYTES_MAX:
        raise Altered(Fault.too_large, path="The file", bytes_max=bundles.BYTES_MAX)
    file.seek(size_bytes - archive.END_BYTES)
    mark, disk, first_disk, here, entries, table_bytes, table_at, remark = _END.unpack(
        file.read(archive.END_BYTES)
    )
    if mark != _END_MARK or (disk, first_disk, remark) != (0, 0, 0):
        raise Altered(Fault.no_bundle, why="it does not end as one")
    if here != entries or entries > bundles.FILES_MAX:
        raise Altered(Fault.no_bundle, why="it has too many files")
    in_place = table_at + table_bytes + archive.END_BYTES == size_bytes
    if not in_place or table_bytes > entries * _ENTRY_BYTES_MAX:
        raise Altered(Fault.no_bundle, why="its table of files is not where it must be")
    return int(table_at)


def _check_places(file: BinaryIO, infos: list[zipfile.ZipInfo], *, end_at: int) -> None:
    """Let pass files that lie one behind the other, each under the header that its table tells."""
    at = 0
    for info in infos:
        header = info.FileHeader(zip64=False)
        file.seek(at)
        if info.header_offset != at or file.read(len(header)) != header:
            raise Altered(Fault.foreign, path=info.filename, why="its place or its header")
        at += len(header) + info.compress_size
    if at != end_at:
        raise Altered(Fault.no_bundle, why="there is something between its files and their table")
