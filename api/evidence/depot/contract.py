"""What every depot promises: parts of uploads while they come, whole files under their hash after.

A whole file is written once, under its SHA-256, and never again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple, Protocol, Self

from api.evidence.fence import Piece
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX

RETRY_AFTER_S: Final = 5


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


class DepotAway(Refused):
    """The store of files does not answer. Keep the file and try again when Retry-After says.

    Nothing that came is lost: the upload stands where it stood.
    """

    code = "depot-away"
    status = 503
    en = "The store of files does not answer now; try again in {retry_after_s} s."
    zh = "文件存储暂时无法访问，请在 {retry_after_s} 秒后重试。"

    @classmethod
    def now(cls) -> Self:
        """Say it with how long to wait."""
        return cls(retry_after_s=RETRY_AFTER_S)


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """An upload's bytes: what they must come to, and whose they are.

    `sha256` is None while nobody knows the file's hash, `size_bytes` while nobody knows its length;
    `limit_bytes` is then the most that it may be.
    """

    district_id: str
    upload_id: str
    sha256: str | None
    size_bytes: int | None
    limit_bytes: int = FILE_BYTES_MAX

    @property
    def bytes_max(self) -> int:
        """The most bytes that the part may come to."""
        return self.limit_bytes if self.size_bytes is None else self.size_bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must come to; `algorithm` is one that `hashlib` knows."""

    algorithm: str
    digest: bytes


class Kept(NamedTuple):
    """A whole file as the depot lists it."""

    sha256: str
    size_bytes: int
    modified_at: dt.datetime


class Progress(NamedTuple):
    """How many bytes of a part are here, and when the last of them came; None without any."""

    received_bytes: int
    received_at: dt.datetime | None


class Depot(Protocol):
    """Keeps parts and whole files: on a disk, or whole files in an S3 store.

    Whatever asks for a whole file may raise `DepotAway`.
    """

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part, and tell how many bytes of it are durable."""
        ...

    def receive(
        self,
        part: Part,
        *,
        offset_bytes: int,
        chunks: Iterable[Piece],
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

    def take_in(
        self, part: Part, *, chunks: Iterable[Piece], checksum: Checksum | None = None
    ) -> int:
        """Receive the first bytes of a part with a hash, and seal it if they are all of the file.

        Raises:
            as `receive`, and if they are all, as `seal`.
        """
        ...

    def keep(self, part: Part) -> None:
        """Make a complete part durable where it lies, because it will not be sealed."""
        ...

    def join(self, part: Part, *, sources: Sequence[Part]) -> int:
        """Fill a part with others that are complete, in their order; tell how long it is.

        Raises:
            UploadOffsetDiffers: a source is not complete.
            UploadOvertaken: a newer request came.
            DepotFull: there is no room.
        """
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

    def look(self, *, district_id: str, upload_id: str) -> Progress:
        """Tell how far a part is, and leave whoever writes to it alone."""
        ...

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash, durably; to do it again does nothing.

        Raises:
            FileHashDiffers: it is not that file; the part begins again at 0.
            UploadOffsetDiffers: the part is not complete.
            DepotAway: the store does not answer; the part stays as it is.
        """
        ...

    def open_file(self, *, district_id: str, sha256: str) -> BinaryIO:
        """Open a whole file to read it, from any offset.

        Raises:
            FileNotFoundError: there is none with this hash.
        """
        ...

    def link(self, *, district_id: str, sha256: str, name: str, life_s: int) -> str | None:
        """Give an address that reads one file for a while; None where the depot has no such thing.

        Args:
            district_id: whose file.
            sha256: its hash.
            name: what a browser shall call it.
            life_s: how long the address is good, in seconds.
        """
        ...

    def list_files(self, *, district_id: str, shard: str) -> Iterator[Kept]:
        """List the whole files whose hash begins with two digits, in any order."""
        ...

    def destroy_file(self, *, district_id: str, sha256: str) -> None:
        """Take a whole file away for good, because nobody declared it; again does nothing."""
        ...
