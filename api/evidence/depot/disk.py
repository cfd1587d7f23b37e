"""A depot in a folder: a part that is whole gets the name of its hash."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from api.evidence.depot import parts
from api.evidence.depot.contract import Checksum, DepotAway, FileHashDiffers, Kept, Part
from api.evidence.fence import Fence, Piece, UploadOffsetDiffers, UploadOvertaken

_TRIES_MAX: Final = 3
"""A part that is sealed while it is asked for is found the next time."""


class DiskDepot:
    """A depot in a folder: files are `<district>/<ab>/<sha256>`, and parts lie beside them."""

    def __init__(self, root: pathlib.Path) -> None:
        """Use a folder; it is made when the first part begins."""
        self._root = root
        self._parts = parts.Parts(root)
        self._named: set[pathlib.Path] = set()
        self.keep = self._parts.keep
        self.find_hash = self._parts.find_hash
        self.discard = self._parts.discard
        self.list_parts = self._parts.list_ids
        self.look = self._parts.look

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part (see `Depot.take_over`)."""
        for _ in range(_TRIES_MAX):
            if self._is_whole(part):
                return part.bytes_max
            with contextlib.suppress(UploadOvertaken):
                return self._parts.take_over(part)
        raise UploadOvertaken

    def receive(
        self,
        part: Part,
        *,
        offset_bytes: int,
        chunks: Iterable[Piece],
        checksum: Checksum | None = None,
    ) -> int:
        """Append chunks to a part (see `Depot.receive`)."""
        if self._is_whole(part):
            return parts.append_nothing(part, offset_bytes=offset_bytes, chunks=chunks)
        return self._parts.receive(
            part, offset_bytes=offset_bytes, chunks=chunks, checksum=checksum
        )

    def take_in(
        self, part: Part, *, chunks: Iterable[Piece], checksum: Checksum | None = None
    ) -> int:
        """Receive the first bytes, and seal them if they are all (see `Depot.take_in`)."""
        if self._is_whole(part):
            return parts.append_nothing(part, offset_bytes=0, chunks=chunks)
        return self._parts.receive(
            part, offset_bytes=0, chunks=chunks, checksum=checksum, finish=self._name
        )

    def join(self, part: Part, *, sources: Sequence[Part]) -> int:
        """Fill a part with others (see `Depot.join`)."""
        return part.bytes_max if self._is_whole(part) else self._parts.join(part, sources=sources)

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash (see `Depot.seal`)."""
        assert part.sha256 is not None, "find its hash first"
        target = self._file(part.district_id, part.sha256)
        if target.exists():  # another phone had the same file
            self._parts.discard(part)
            self._make_durable(target.parent)
            return
        try:
            with self._parts.complete(part) as fence:
                self._name(part, fence)
        except FileNotFoundError as error:
            if not target.exists():
                raise UploadOffsetDiffers(offset_bytes=0, yours_bytes=part.bytes_max) from error
            self._make_durable(target.parent)

    def open_file(self, *, district_id: str, sha256: str) -> BinaryIO:
        """Open a whole file to read it (see `Depot.open_file`)."""
        try:
            return self._file(district_id, sha256).open("rb")
        except FileNotFoundError as error:
            if not self._root.is_dir():  # a disk that is not mounted has lost nothing
                raise DepotAway.now() from error
            raise

    def link(self, *, district_id: str, sha256: str, name: str, life_s: int) -> None:
        """Give no address: a disk has none (see `Depot.link`)."""
        del district_id, sha256, name, life_s

    def list_files(self, *, district_id: str, shard: str) -> Iterator[Kept]:
        """List whole files (see `Depot.list_files`)."""
        folder = self._root / district_id / shard
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # taken away meanwhile
                    status = entry.stat()
                    modified_at = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
                    yield Kept(entry.name, status.st_size, modified_at)

    def destroy_file(self, *, district_id: str, sha256: str) -> None:
        """Take a whole file away (see `Depot.destroy_file`)."""
        self._file(district_id, sha256).unlink(missing_ok=True)

    def _name(self, part: Part, fence: Fence) -> None:
        """Give a complete part that is held the name of its hash, durably."""
        assert part.sha256 is not None, "who asks for a name knows the hash"
        target = self._file(part.district_id, part.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not fence.move_to(target, sha256=part.sha256):
            raise FileHashDiffers(sha256=part.sha256)
        self._make_durable(target.parent)

    def _make_durable(self, folder: pathlib.Path) -> None:
        """Make a new name in a folder durable, and the folder's own name where it is not yet."""
        new: list[pathlib.Path] = []
        for each in (folder, *folder.parents):
            _sync(each)
            if each in self._named or each == self._root:
                break
            new.append(each)
        self._named.update(new)

    def _is_whole(self, part: Part) -> bool:
        return part.sha256 is not None and self._file(part.district_id, part.sha256).exists()

    def _file(self, district_id: str, sha256: str) -> pathlib.Path:
        return self._root / district_id / sha256[:2] / sha256


def _sync(folder: pathlib.Path) -> None:
    """Put a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
