"""The fence round one upload's part: its bytes, and beside them who may write and how far they go.

Whoever opens a part anew takes the next generation number, and every write checks its own under a
short lock: the newer request ends the older one at once, and a hung one that wakes up can change
nothing, not even the finished file.
Bytes count once the state says so: what lies beyond is cut off by whoever comes next.
`written_bytes` counts what the system took, `kept_bytes` what the disk has; after a power cut only
the latter is believed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, Self

from schemas.errors import Refused

COPY_BYTES_MAX: Final = 1_048_576
"""The most that one copy takes while it holds the part's lock."""
Piece = bytes | memoryview
_FORM: Final = struct.Struct("<QQQ36s32s")
_DIGEST_BYTES: Final = 32
_READ_ONLY: Final = 0o444


class UploadOffsetDiffers(Refused):
    """The server has another number of bytes. Ask with HEAD and go on from the offset it tells."""

    code = "upload-offset-differs"
    status = 409
    en = "The upload stands at {offset_bytes} bytes, not at {yours_bytes}."
    zh = "该上传已接收 {offset_bytes} 字节，而不是 {yours_bytes} 字节。"


class UploadOvertaken(Refused):
    """A newer request goes on with this upload. Stop this one; nothing is lost."""

    code = "upload-overtaken"
    status = 409
    en = "A newer request has taken this upload over."
    zh = "此上传已被更新的请求接管。"


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What stands beside a part.

    `digest` is the SHA-256 of all that is written, where the request that brought all of it hashed
    it on the way; empty where nobody did.
    """

    generation: int = 0
    written_bytes: int = 0
    kept_bytes: int = 0
    boot: bytes = b""
    digest: bytes = b""

    def stands_at(self, boot: bytes) -> int:
        """Tell how many bytes of the part can be believed in this boot of the machine."""
        return self.written_bytes if self.boot == boot else self.kept_bytes


def stand_of(path: pathlib.Path, *, boot: bytes) -> tuple[int, float] | None:
    """Tell how many bytes of a part are here, and when the last came (Unix time); None without any.

    It takes nothing over: whoever writes goes on.
    """
    try:
        raw = path.with_suffix(".state").read_bytes()
        changed_s = path.stat().st_mtime
    except FileNotFoundError:
        return None
    return _state_of(raw).stands_at(boot), changed_s


class Fence:
    """One request's hold on a part, from the generation that it took."""

    def __init__(self, path: pathlib.Path, *, boot: bytes, flags: int) -> None:
        """Open a part and its state.

        Args:
            path: the part's file; its state lies beside it.
            boot: names the machine's present boot.
            flags: `os.O_CREAT` to begin a part that is not there, or 0.

        Raises:
            FileNotFoundError: there is no such part, and none was to begin.
        """
        self._path = path
        self._boot = boot
        self._generation = 0
        self._open = contextlib.ExitStack()
        self._state = self._descriptor(path.with_suffix(".state"), flags)
        self._data = self._descriptor(path, flags)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self, *, expected_bytes: int | None = None) -> int:
        """Take the part over, if it stands where expected; tell where it stands.

        Raises:
            UploadOffsetDiffers: it stands elsewhere.
            UploadOvertaken: it was sealed or removed since it was opened.
        """
        with self._locked():
            if not self._is_in_place():
                raise UploadOvertaken
            state = self._read()
            at = state.stands_at(self._boot)
            if expected_bytes is not None and at != expected_bytes:
                raise UploadOffsetDiffers(offset_bytes=at, yours_bytes=expected_bytes)
            self._generation = state.generation + 1
            if os.fstat(self._data).st_size != at:
                os.ftruncate(self._data, at)
            digest = state.digest if state.boot == self._boot else b""
            self._write(dataclasses.replace(state, written_bytes=at, digest=digest))
        return at

    def append(self, piece: Piece, *, at: int) -> int:
        """Write a piece that counts; tell where the part stands after it.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine() as state:
            _write_all(self._data, piece, at)
            self._write(dataclasses.replace(state, written_bytes=at + len(piece), digest=b""))
        return at + len(piece)

    def lay(self, piece: Piece, *, at: int) -> int:
        """Write a piece that does not count before `count` is called; tell where it ends.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine():
            _write_all(self._data, piece, at)
        return at + len(piece)

    def copy(self, source: int, *, size_bytes: int, at: int) -> int:
        """Copy a file that does not count before `count` is called; tell where it ends.

        Args:
            source: the file's descriptor.
            size_bytes: how much of it.
            at: where it goes.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        copied_bytes = 0
        while copied_bytes < size_bytes:
            bite = min(COPY_BYTES_MAX, size_bytes - copied_bytes)
            with self._mine():
                copied_bytes += _copy(source, copied_bytes, self._data, at + copied_bytes, bite)
        return at + copied_bytes

    def count(self, *, at: int, digest: bytes = b"") -> None:
        """Let everything that was laid up to an offset count.

        Args:
            at: the offset.
            digest: the SHA-256 of all of it, where the caller hashed it while it came.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine() as state:
            self._write(dataclasses.replace(state, written_bytes=at, digest=digest))

    def keep(self, *, at: int) -> int:
        """Make the part durable up to an offset, and only then let the offset be told.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        os.fdatasync(self._data)
        with self._mine() as state:
            self._write(dataclasses.replace(state, written_bytes=at, kept_bytes=at))
        os.fdatasync(self._state)
        return at

    def move_to(self, target: pathlib.Path, *, sha256: str) -> bool:
        """Give the part its final name if it is the file of this hash; else throw its bytes away.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine() as state:
            if not self._is_proven(state, sha256):
                return False
            os.fchmod(self._data, _READ_ONLY)
            os.fsync(self._data)
            self._path.rename(target)
            self._path.with_suffix(".state").unlink()
            return True

    def prove(self, *, sha256: str) -> bool:
        """Tell whether the part is the file of this hash; else throw its bytes away.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine() as state:
            return self._is_proven(state, sha256)

    def reading(self) -> BinaryIO:
        """Open the part's bytes to read them, wherever its name goes meanwhile."""
        return os.fdopen(os.dup(self._data), "rb")

    def sha256(self) -> str:
        """Hash the part as it stands.

        Raises:
            UploadOvertaken: somebody newer came.
        """
        with self._mine() as state:
            return self._sha256(state)

    def remove(self) -> None:
        """Take the part away; whoever writes to it is ended."""
        with self._locked():
            self._generation = self._read().generation + 1
            self._write(State())
            self._path.unlink(missing_ok=True)
            self._path.with_suffix(".state").unlink(missing_ok=True)

    def _is_proven(self, state: State, sha256: str) -> bool:
        """Hash the part, and end whoever wrote to it before."""
        self._generation += 1
        if self._sha256(state) != sha256:
            self._write(State())
            os.ftruncate(self._data, 0)
            return False
        self._write(state)
        return True

    def _sha256(self, state: State) -> str:
        if state.digest:
            return state.digest.hex()
        with self._path.open("rb") as data:
            return hashlib.file_digest(data, hashlib.sha256).hexdigest()

    def _is_in_place(self) -> bool:
        """Tell whether the part that was opened still lies under its name."""
        try:
            there = self._path.with_suffix(".state").stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._state))

    @contextlib.contextmanager
    def _mine(self) -> Iterator[State]:
        """Hold the lock as long as nobody newer came."""
        with self._locked():
            state = self._read()
            if state.generation != self._generation:
                raise UploadOvertaken
            yield state

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the part's lock, among threads and among processes."""
        fcntl.flock(self._state, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._state, fcntl.LOCK_UN)

    def _read(self) -> State:
        return _state_of(os.pread(self._state, _FORM.size, 0))

    def _write(self, state: State) -> None:
        """Write the state under this request's generation and boot."""
        raw = _FORM.pack(
            self._generation, state.written_bytes, state.kept_bytes, self._boot, state.digest
        )
        os.pwrite(self._state, raw, 0)

    def _descriptor(self, path: pathlib.Path, flags: int) -> int:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
        except OSError:
            self._open.close()
            raise
        self._open.callback(os.close, descriptor)
        return descriptor


def _state_of(raw: bytes) -> State:
    """Read a state; one that was never written is that of an empty part."""
    if len(raw) < _FORM.size - _DIGEST_BYTES:
        return State()
    whole = raw[: _FORM.size].ljust(_FORM.size, b"\0")  # before there were digests
    generation, written_bytes, kept_bytes, boot, digest = _FORM.unpack(whole)
    return State(
        generation, written_bytes, kept_bytes, boot.rstrip(b"\0"), digest if any(digest) else b""
    )


def _copy(source: int, start: int, target: int, at: int, size_bytes: int) -> int:
    """Copy a bite within the system; where it cannot, through this process."""
    try:
        return os.copy_file_range(source, target, size_bytes, start, at)
    except (AttributeError, OSError):
        piece = os.pread(source, size_bytes, start)
        _write_all(target, piece, at)
        return len(piece)


def _write_all(descriptor: int, piece: Piece, at: int) -> None:
    """Write a piece whole; the system may take it in several bites."""
    view = memoryview(piece)
    while view:
        taken = os.pwrite(descriptor, view, at)
        view, at = view[taken:], at + taken
