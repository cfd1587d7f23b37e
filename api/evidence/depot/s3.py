"""A depot in an S3 store: parts come to the local disk, and whole files go into the bucket.

A crash between the put and its note is harmless: the part still lies here, and is sealed again by
whoever asks next; the bucket then has the file and replaces nothing.
"""

from __future__ import annotations

import io
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final, cast

from api.evidence.depot import parts
from api.evidence.depot.bucket import Bucket
from api.evidence.depot.content import Content
from api.evidence.depot.contract import Checksum, FileHashDiffers, Kept, Part
from api.evidence.fence import Piece, UploadOffsetDiffers

READ_BYTES: Final = 262_144


class S3Depot:
    """A depot whose files are objects `<prefix><district>/<ab>/<sha256>`."""

    def __init__(self, root: pathlib.Path, *, bucket: Bucket, prefix: str) -> None:
        """Use a bucket, and a folder for the parts.

        Args:
            root: the folder; it is made when the first part begins.
            bucket: where whole files go.
            prefix: what every key begins with; empty, or it ends with a slash.
        """
        self._bucket = bucket
        self._prefix = prefix
        self._parts = parts.Parts(root)
        self.keep = self._parts.keep
        self.find_hash = self._parts.find_hash
        self.discard = self._parts.discard
        self.list_parts = self._parts.list_ids
        self.look = self._parts.look

    def take_over(self, part: Part) -> int:
        """End whatever writes to a part (see `Depot.take_over`)."""
        if self._is_whole(part):
            return part.bytes_max
        return self._parts.take_over(part)

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
        at = self.receive(part, offset_bytes=0, chunks=chunks, checksum=checksum)
        if at == part.size_bytes:
            self.seal(part)
        return at

    def join(self, part: Part, *, sources: Sequence[Part]) -> int:
        """Fill a part with others (see `Depot.join`)."""
        return part.bytes_max if self._is_whole(part) else self._parts.join(part, sources=sources)

    def seal(self, part: Part) -> None:
        """Make a complete part the file of its hash (see `Depot.seal`)."""
        assert part.sha256 is not None, "find its hash first"
        key = self._key(part.district_id, part.sha256)
        try:
            with self._parts.complete(part) as fence:
                if not fence.prove(sha256=part.sha256):
                    raise FileHashDiffers(sha256=part.sha256)
                with fence.reading() as content:
                    self._bucket.put_once(
                        key, content, size_bytes=part.bytes_max, sha256=part.sha256
                    )
                fence.remove()
        except FileNotFoundError as error:
            if self._bucket.find_size(key) is None:
                raise UploadOffsetDiffers(offset_bytes=0, yours_bytes=part.bytes_max) from error

    def open_file(self, *, district_id: str, sha256: str) -> BinaryIO:
        """Open a whole file to read it (see `Depot.open_file`)."""
        key = self._key(district_id, sha256)
        size_bytes = self._bucket.find_size(key)
        if size_bytes is None:
            raise FileNotFoundError(key)
        content = Content(self._bucket, key=key, size_bytes=size_bytes)
        return cast("BinaryIO", io.BufferedReader(content, READ_BYTES))

    def link(self, *, district_id: str, sha256: str, name: str, life_s: int) -> str:
        """Sign an address of one file (see `Depot.link`)."""
        return self._bucket.link(self._key(district_id, sha256), name=name, life_s=life_s)

    def list_files(self, *, district_id: str, shard: str) -> Iterator[Kept]:
        """List whole files (see `Depot.list_files`)."""
        for entry in self._bucket.list_entries(f"{self._prefix}{district_id}/{shard}/"):
            yield Kept(entry.key.rpartition("/")[2], entry.size_bytes, entry.modified_at)

    def destroy_file(self, *, district_id: str, sha256: str) -> None:
        """Take a whole file away (see `Depot.destroy_file`)."""
        self._bucket.delete(self._key(district_id, sha256))

    def _is_whole(self, part: Part) -> bool:
        """Tell whether the bucket has the file; while a part lies here, that is not asked."""
        if part.sha256 is None or self._parts.is_begun(part):
            return False
        return self._bucket.find_size(self._key(part.district_id, part.sha256)) is not None

    def _key(self, district_id: str, sha256: str) -> str:
        return f"{self._prefix}{district_id}/{sha256[:2]}/{sha256}"
