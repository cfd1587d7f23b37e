"""Where evidence bytes lie: parts of uploads while they come, whole files under their hash after.

A whole file is written once, under its SHA-256, and never again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Protocol

from api.evidence.fence import Fence, UploadOffsetDiffers, UploadOvertaken
from schemas.errors import Refused

FOLDER: Final = "evidence"
"""The depot's folder in the data folder."""
WRITE_BYTES_MAX: Final = 65_536
"""The most that one write takes while it holds the part's lock."""
_BOOT_ID: Final = pathlib.Path("/proc/sys/kernel/random/boot_id")


class UploadTooLong(Refused):
    """More bytes came than the file was declared to have. Declare the file anew as it is."""

    code = "upload-too-long"
    status = 413
    en = "The file was declared with {size_bytes} bytes; more were sent."
    zh = "文件登记大小为 {size_bytes} 字节，发送的数据超出该大小。"


class FileHashDiffers(Refused):
    """The bytes are not those that were declared. Send the file again from the beginning.

    The status is 460, tus' own word for a checksum that differs.
    """

    code = "file-hash-differs"
    status = 460
    en = "The bytes received are not the file that was declared; send it again from the start."
    zh = "收到的数据与登记的文件哈希不一致；请从头重新上传。"


class DepotFull(Refused):
    """The server has no room for files now. Keep the file and try later; tell the office."""

    code = "depot-full"
    status = 507
    en = "There is no room for files on the server now; keep the file and try later."
    zh = "服务器文件存储空间不足；请保留文件，稍后重试。"


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """An upload's bytes: what they must come to, and whose they are."""

    district_id: str
    upload_id: str
    sha256: str
    size_bytes: int


class Depot(Protocol):
    """Keeps parts and whole files; a disk does it here, an object store may do it elsewhere."""

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part, and tell how many bytes of it are durable."""
        ...

    def receive(self, part: Part, *, offset_bytes: int, chunks: Iterable[bytes]) -> int:
        """Append chunks to a part, and tell how many bytes of it are durable.

        A part that is complete is durable only once it is sealed: seal it before telling anybody.

        Raises:
            UploadOffsetDiffers: the part is not `offset_bytes` long.
            UploadTooLong: the chunks go beyond the part's size; what fitted is kept.
            UploadOvertaken: a newer request came; what was written before it is kept.
            DepotFull: there is no room.
        """
        ...

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash, durably; to do it again does nothing.

        Raises:
            FileHashDiffers: it is not that file; the part begins again at 0.
            UploadOffsetDiffers: the part is not complete.
        """
        ...

    def open_file(self, *, district_id: str, sha256: str) -> BinaryIO:
        """Open a whole file to read it.

        Raises:
            FileNotFoundError: there is none with this hash.
        """
        ...


class DiskDepot:
    """A depot in a folder: `<district>/parts/<upload>` and `<district>/<ab>/<sha256>`."""

    def __init__(self, root: pathlib.Path) -> None:
        """Use a folder; it is made when the first part begins."""
        self._root = root
        self._boot = _boot()

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part (see `Depot.take_over`)."""
        if self._is_whole(part):
            return part.size_bytes
        with _room(), self._begun(part) as fence:
            return fence.keep(at=fence.take())

    def receive(self, part: Part, *, offset_bytes: int, chunks: Iterable[bytes]) -> int:
        """Append chunks to a part (see `Depot.receive`)."""
        if self._is_whole(part):
            return _append_nothing(part, offset_bytes=offset_bytes, chunks=chunks)
        with _room(), self._begun(part) as fence:
            at = fence.take(expected_bytes=offset_bytes)
            try:
                for piece in _pieces(chunks, part=part, at=at):
                    at = fence.append(piece, at=at)
            except BaseException:
                with contextlib.suppress(UploadOvertaken, OSError):
                    fence.keep(at=at)
                raise
            return at if at == part.size_bytes else fence.keep(at=at)

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash (see `Depot.seal`)."""
        target = self._file(part.district_id, part.sha256)
        try:
            with _room(), Fence(self._part(part), boot=self._boot, flags=0) as fence:
                fence.take(expected_bytes=part.size_bytes)
                target.parent.mkdir(parents=True, exist_ok=True)
                if not fence.move_to(target, sha256=part.sha256):
                    raise FileHashDiffers(sha256=part.sha256)
        except FileNotFoundError as error:
            if not target.exists():
                raise UploadOffsetDiffers(offset_bytes=0, yours_bytes=part.size_bytes) from error
        _make_durable(target.parent, up_to=self._root)

    def open_file(self, *, district_id: str, sha256: str) -> BinaryIO:
        """Open a whole file to read it (see `Depot.open_file`)."""
        return self._file(district_id, sha256).open("rb")

    def _begun(self, part: Part) -> Fence:
        """Open a part; begin it if it is not there."""
        path = self._part(part)
        path.parent.mkdir(parents=True, exist_ok=True)
        return Fence(path, boot=self._boot, flags=os.O_CREAT)

    def _is_whole(self, part: Part) -> bool:
        return self._file(part.district_id, part.sha256).exists()

    def _part(self, part: Part) -> pathlib.Path:
        return self._root / part.district_id / "parts" / part.upload_id

    def _file(self, district_id: str, sha256: str) -> pathlib.Path:
        return self._root / district_id / sha256[:2] / sha256


def _append_nothing(part: Part, *, offset_bytes: int, chunks: Iterable[bytes]) -> int:
    """Let a client whose answer was lost find that the file is whole."""
    if offset_bytes != part.size_bytes:
        raise UploadOffsetDiffers(offset_bytes=part.size_bytes, yours_bytes=offset_bytes)
    if any(chunks):
        raise UploadTooLong(size_bytes=part.size_bytes)
    return part.size_bytes


def _pieces(chunks: Iterable[bytes], *, part: Part, at: int) -> Iterator[bytes]:
    """Cut chunks so that no write holds the lock for long, as far as the part reaches."""
    room_bytes = part.size_bytes - at
    for chunk in chunks:
        if len(chunk) > room_bytes:
            raise UploadTooLong(size_bytes=part.size_bytes)
        room_bytes -= len(chunk)
        for start in range(0, len(chunk), WRITE_BYTES_MAX):
            yield chunk[start : start + WRITE_BYTES_MAX]


def _make_durable(folder: pathlib.Path, *, up_to: pathlib.Path) -> None:
    """Make new names durable, from the file's folder up to the depot's own."""
    for each in (folder, *folder.parents):
        descriptor = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == up_to:
            return


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Turn a full disk into its refusal."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DepotFull from error
        raise


def _boot() -> bytes:
    """Name the machine's present boot; where the system does not tell, this process will do."""
    try:
        return _BOOT_ID.read_bytes().strip()
    except OSError:
        return str(os.getpid()).encode()
