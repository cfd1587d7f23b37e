"""Where evidence bytes lie: parts of uploads while they come, whole files under their hash after.

A whole file is written once, under its SHA-256, and never again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Protocol

from api.evidence.fence import Fence, UploadOffsetDiffers, UploadOvertaken
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX

FOLDER: Final = "evidence"
"""The depot's folder in the data folder."""
WRITE_BYTES_MAX: Final = 65_536
"""The most that one write takes while it holds the part's lock."""
_PARTS: Final = "parts"
_TRIES_MAX: Final = 3
"""A part that is sealed while it is asked for is found the next time."""
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


class UploadChecksumDiffers(Refused):
    """The bytes of this request are not those of its checksum. Send them again.

    Nothing of the request counts; the upload stands where it stood.
    """

    code = "upload-checksum-differs"
    status = 460
    en = "The bytes differ from their {algorithm} checksum; send them again."
    zh = "数据与其 {algorithm} 校验和不一致；请重新发送。"


class DepotFull(Refused):
    """The server has no room for files now. Keep the file and try later; tell the office."""

    code = "depot-full"
    status = 507
    en = "There is no room for files on the server now; keep the file and try later."
    zh = "服务器文件存储空间不足；请保留文件，稍后重试。"


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """An upload's bytes: what they must come to, and whose they are.

    `sha256` is None while nobody knows the file's hash, `size_bytes` while nobody knows its length.
    """

    district_id: str
    upload_id: str
    sha256: str | None
    size_bytes: int | None

    @property
    def bytes_max(self) -> int:
        """The most bytes that the part may come to."""
        return FILE_BYTES_MAX if self.size_bytes is None else self.size_bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must come to; `algorithm` is one that `hashlib` knows."""

    algorithm: str
    digest: bytes


class Depot(Protocol):
    """Keeps parts and whole files; a disk does it here, an object store may do it elsewhere."""

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part, and tell how many bytes of it are durable."""
        ...

    def receive(
        self,
        part: Part,
        *,
        offset_bytes: int,
        chunks: Iterable[bytes],
        checksum: Checksum | None = None,
    ) -> int:
        """Append chunks to a part, and tell how many bytes of it are durable.

        A file that is complete is durable only once it is sealed: seal it before telling anybody.
        With a checksum all of the chunks count or none.

        Raises:
            UploadOffsetDiffers: the part is not `offset_bytes` long.
            UploadTooLong: the chunks go beyond the part's size; what fitted is kept.
            UploadOvertaken: a newer request came; what was written before it is kept.
            UploadChecksumDiffers: the chunks are not those of the checksum.
            DepotFull: there is no room.
        """
        ...

    def keep(self, part: Part) -> None:
        """Make a complete part durable where it lies, because it will not be sealed."""
        ...

    def find_hash(self, part: Part) -> str:
        """Tell which file a complete part is.

        Raises:
            UploadOffsetDiffers: the part is not complete.
        """
        ...

    def discard(self, part: Part) -> None:
        """End whatever writes to a part and take it away; to do it again does nothing."""
        ...

    def list_parts(self, *, district_id: str) -> list[str]:
        """List the uploads that have a part, by id."""
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
        for _ in range(_TRIES_MAX):
            if self._is_whole(part):
                return part.bytes_max
            with contextlib.suppress(UploadOvertaken), _room(), self._begun(part) as fence:
                return fence.keep(at=fence.take())
        raise UploadOvertaken

    def receive(
        self,
        part: Part,
        *,
        offset_bytes: int,
        chunks: Iterable[bytes],
        checksum: Checksum | None = None,
    ) -> int:
        """Append chunks to a part (see `Depot.receive`)."""
        if self._is_whole(part):
            return _append_nothing(part, offset_bytes=offset_bytes, chunks=chunks)
        with _room(), self._begun(part) as fence:
            at = fence.take(expected_bytes=offset_bytes)
            pieces = _pieces(chunks, room_bytes=part.bytes_max - at, size_bytes=part.bytes_max)
            if checksum is None:
                at = _append(fence, pieces, at=at)
            else:
                at = _append_checked(fence, pieces, at=at, checksum=checksum)
            return at if at == part.size_bytes else fence.keep(at=at)

    def keep(self, part: Part) -> None:
        """Make a complete part durable (see `Depot.keep`)."""
        with _room(), self._begun(part) as fence:
            fence.keep(at=fence.take(expected_bytes=part.bytes_max))

    def find_hash(self, part: Part) -> str:
        """Tell which file a complete part is (see `Depot.find_hash`)."""
        with self._begun(part) as fence:
            fence.take(expected_bytes=part.bytes_max)
            return fence.sha256()

    def discard(self, part: Part) -> None:
        """Take a part away (see `Depot.discard`)."""
        path = self._part(part)
        try:
            with Fence(path, boot=self._boot, flags=0) as fence:
                fence.remove()
        except FileNotFoundError:
            for each in (path, path.with_suffix(".state")):
                each.unlink(missing_ok=True)

    def list_parts(self, *, district_id: str) -> list[str]:
        """List the uploads that have a part (see `Depot.list_parts`)."""
        folder = self._root / district_id / _PARTS
        return sorted({each.stem for each in folder.iterdir()}) if folder.exists() else []

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash (see `Depot.seal`)."""
        assert part.sha256 is not None, "find its hash first"
        target = self._file(part.district_id, part.sha256)
        try:
            with _room(), Fence(self._part(part), boot=self._boot, flags=0) as fence:
                fence.take(expected_bytes=part.size_bytes)
                target.parent.mkdir(parents=True, exist_ok=True)
                if not fence.move_to(target, sha256=part.sha256):
                    raise FileHashDiffers(sha256=part.sha256)
        except FileNotFoundError as error:
            if not target.exists():
                raise UploadOffsetDiffers(offset_bytes=0, yours_bytes=part.bytes_max) from error
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
        return part.sha256 is not None and self._file(part.district_id, part.sha256).exists()

    def _part(self, part: Part) -> pathlib.Path:
        return self._root / part.district_id / _PARTS / part.upload_id

    def _file(self, district_id: str, sha256: str) -> pathlib.Path:
        return self._root / district_id / sha256[:2] / sha256


def _append(fence: Fence, pieces: Iterable[bytes], *, at: int) -> int:
    """Write pieces that count one by one; what came before the line broke is kept."""
    try:
        for piece in pieces:
            at = fence.append(piece, at=at)
    except BaseException:
        with contextlib.suppress(UploadOvertaken, OSError):
            fence.keep(at=at)
        raise
    return at


def _append_checked(fence: Fence, pieces: Iterable[bytes], *, at: int, checksum: Checksum) -> int:
    """Write pieces that count together, if they are those of the checksum."""
    hashed = hashlib.new(checksum.algorithm, usedforsecurity=False)
    for piece in pieces:
        at = fence.lay(piece, at=at)
        hashed.update(piece)
    if hashed.digest() != checksum.digest:
        raise UploadChecksumDiffers(algorithm=checksum.algorithm)
    fence.count(at=at)
    return at


def _append_nothing(part: Part, *, offset_bytes: int, chunks: Iterable[bytes]) -> int:
    """Let a client whose answer was lost find that the file is whole."""
    if offset_bytes != part.bytes_max:
        raise UploadOffsetDiffers(offset_bytes=part.bytes_max, yours_bytes=offset_bytes)
    if any(chunks):
        raise UploadTooLong(size_bytes=part.bytes_max)
    return part.bytes_max


def _pieces(chunks: Iterable[bytes], *, room_bytes: int, size_bytes: int) -> Iterator[bytes]:
    """Cut chunks so that no write holds the lock for long, as far as the part reaches."""
    for chunk in chunks:
        if len(chunk) > room_bytes:
            raise UploadTooLong(size_bytes=size_bytes)
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
