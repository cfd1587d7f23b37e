"""Packing: a gathered order into one zip file, sealed with the server's key as the last thing."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final, Self

import msgspec

from api.custody import keys
from api.custody.bundles import archive, filing, page
from api.custody.bundles.gathering import BundleTooLarge, Gathered
from api.evidence.depot import Depot, DepotFull
from schemas import bundles
from schemas.base import Shape
from schemas.bundles import FileStanding
from schemas.rules import sniffing

PIECE_BYTES: Final = 1_048_576
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")


class Packer:
    """Writes a bundle's files one after the other, and remembers what it wrote.

    Used as a context: whatever happens, nothing is written to its target after it.
    """

    def __init__(self, target: BinaryIO) -> None:
        """Begin an empty bundle.

        Args:
            target: where it goes; it can be sought.
        """
        self._zip = zipfile.ZipFile(target, "w")
        self.entries: list[bundles.Entry] = []
        self._left_bytes = bundles.BYTES_MAX

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a bundle that is whole was closed before
            self._zip.close()

    def add(self, path: str, pieces: Iterable[bytes]) -> bundles.Entry:
        """Write one file.

        Raises:
            BundleTooLarge: there is no room in a bundle for it.
            DepotFull: there is none on the disk.
        """
        hashed = hashlib.sha256()
        size_bytes = 0
        is_text = not path.startswith(bundles.EVIDENCE_FOLDER)
        room_bytes = min(self._left_bytes, bundles.TEXT_BYTES_MAX) if is_text else self._left_bytes
        with _room(), self._zip.open(archive.info_of(path), "w") as file:
            for piece in pieces:
                hashed.update(piece)
                size_bytes += len(piece)
                if size_bytes > room_bytes:
                    raise BundleTooLarge(what=f"bytes of {path}", max=room_bytes)
                file.write(piece)
        self._left_bytes -= size_bytes
        entry = bundles.Entry(path=path, sha256=hashed.hexdigest(), size_bytes=size_bytes)
        self.entries.append(entry)
        return entry

    def add_shape(self, path: str, shape: Shape | Sequence[Shape]) -> None:
        """Write one file as JSON that a person can read."""
        self.add(path, [msgspec.json.format(_ENCODER.encode(shape), indent=1)])

    def close(self) -> None:
        """Write the table of files."""
        with _room():
            self._zip.close()


def pack(packer: Packer, gathered: Gathered, *, files: Depot, made: page.Made) -> None:
    """Write all of a bundle but its manifest and seal.

    Args:
        packer: an empty bundle.
        gathered: what goes into it.
        files: where evidence lies.
        made: when the bundle was made, and by whom.

    Raises:
        BundleTooLarge: it does not fit into a bundle.
        DepotAway: the store of files does not answer.
        DepotFull: there is no room on the disk.
    """
    packer.add_shape(bundles.ORDER, gathered.order)
    packer.add(bundles.TIMELINE, [gathered.timeline])
    packer.add_shape(bundles.OPERATIONS, [operation for operation, _ in gathered.operations])
    for operation, wire in gathered.operations:
        packer.add(operation.path, [wire])
    packer.add_shape(bundles.DEVICES, gathered.devices)
    district_id = gathered.order.task.district_id
    lying = _pack_evidence(packer, gathered.files, files=files, district_id=district_id)
    packer.add_shape(bundles.EVIDENCE, lying)
    packer.add_shape(bundles.PHOTOS, [each.photo for each in gathered.files])
    packer.add_shape(bundles.KEYS, gathered.keys)
    if gathered.proof is not None:
        packer.add_shape(bundles.CHECKPOINT, gathered.proof)
    packer.add(bundles.PAGE, [page.written(gathered, files=lying, made=made).encode()])


def seal(packer: Packer, manifest: bundles.Manifest, *, key: keys.Key) -> None:
    """Write the manifest and the server's signature over it, and end the bundle."""
    raw = msgspec.json.format(_ENCODER.encode(manifest), indent=1)
    signature = key.sign(bundles.statement(hashlib.sha256(raw).hexdigest()))
    packer.add(bundles.MANIFEST, [raw])
    sealed = bundles.Seal(kid=key.kid, key=key.public, signature=signature)
    packer.add_shape(bundles.SEAL, sealed)
    packer.close()


def _pack_evidence(
    packer: Packer, filed: Sequence[filing.Filed], *, files: Depot, district_id: str
) -> list[bundles.File]:
    """Write each file once, however often it was declared; what is gone is said to be lost."""
    packed: dict[str, bundles.File] = {}
    for each in filed:
        sha256 = each.file.file.sha256
        if each.is_here and sha256 not in packed:
            packed[sha256] = _pack_file(packer, each, files=files, district_id=district_id)
    return [
        msgspec.structs.replace(
            each.file,
            **{name: getattr(packed[each.file.file.sha256], name) for name in _OF_BYTES},
        )
        if each.is_here
        else each.file
        for each in filed
    ]


_OF_BYTES: Final = ("standing", "path", "media_type", "is_shown")


def _pack_file(
    packer: Packer, filed: filing.Filed, *, files: Depot, district_id: str
) -> bundles.File:
    sha256 = filed.file.file.sha256
    try:
        content = files.open_file(district_id=district_id, sha256=sha256)
    except FileNotFoundError:
        return msgspec.structs.replace(filed.file, standing=FileStanding.LOST)
    with content:
        head = content.read(sniffing.HEAD_BYTES)
        kind = sniffing.sniff(head)
        path = f"{bundles.EVIDENCE_FOLDER}{sha256}.{filing.EXTENSIONS[kind]}"
        entry = packer.add(path, _pieces(head, content))
    is_well = entry.sha256 == sha256
    return msgspec.structs.replace(
        filed.file,
        standing=FileStanding.HERE if is_well else FileStanding.ALTERED,
        path=path,
        media_type=kind,
        is_shown=is_well and filed.may_be_shown and kind in filing.SHOWN_BY_BROWSERS,
    )


def _pieces(head: bytes, content: BinaryIO) -> Iterator[bytes]:
    yield head
    while piece := content.read(PIECE_BYTES):
        yield piece


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DepotFull from error
        raise
