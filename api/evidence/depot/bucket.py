"""One bucket of an S3 store: puts that replace nothing, reads from an offset, and its refusals.

What is put is signed with its own SHA-256 and carries it as the bucket's checksum too, so a store
that takes other bytes than were sent says so.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from api.evidence.depot.contract import DepotAway, DepotFull

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PIECE_BYTES: Final = 8 * 1024 * 1024
"""A larger file is put in pieces of this size; S3 takes none below 5 MB but the last."""
_NO_SUCH_KEY: Final = "NoSuchKey"
_NOT_FOUND: Final = 404
_TAKEN: Final = frozenset({409, 412})
_NO_ROOM: Final = 507
_NOT_KNOWN: Final = "NotImplemented"
_log = structlog.get_logger()


class Entry(NamedTuple):
    """An object as the bucket lists it."""

    key: str
    size_bytes: int
    modified_at: dt.datetime


class Bucket:
    """A bucket and the client that reaches it."""

    def __init__(self, client: S3Client, *, name: str) -> None:
        """Use a client for one bucket; several threads may."""
        self._client = client
        self._name = name

    def put_once(self, key: str, content: BinaryIO, *, size_bytes: int, sha256: str) -> None:
        """Put a file whose hash is known; what lies there already stays, if it has its size.

        Raises:
            DepotAway: the store does not answer, or holds something else under this key.
            DepotFull: it has no room.
        """
        with _refusals():
            try:
                self._put(key, content, size_bytes=size_bytes, sha256=sha256, unless_there=True)
            except ClientError as error:
                if _code(error) == _NOT_KNOWN:
                    self._put_unasked(key, content, size_bytes=size_bytes, sha256=sha256)
                elif _status(error) not in _TAKEN:
                    raise
        self._check_size(key, size_bytes)

    def find_size(self, key: str) -> int | None:
        """Tell how large an object is; None if there is none.

        Raises:
            DepotAway: the store does not answer.
        """
        with _refusals():
            try:
                return self._client.head_object(Bucket=self._name, Key=key)["ContentLength"]
            except ClientError as error:
                if _status(error) != _NOT_FOUND:
                    raise
                self._client.head_bucket(Bucket=self._name)  # the whole bucket may be gone
                return None

    def read(self, key: str, *, offset_bytes: int) -> StreamingBody:
        """Begin to read an object from an offset that lies in it.

        Raises:
            FileNotFoundError: it is not there.
            DepotAway: the store does not answer.
        """
        with _refusals():
            found = self._client.get_object(
                Bucket=self._name, Key=key, Range=f"bytes={offset_bytes}-"
            )
            return found["Body"]

    def link(self, key: str, *, name: str, life_s: int) -> str:
        """Sign an address that reads an object for a while, as an attachment."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._name,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{name}"',
                "ResponseContentType": "application/octet-stream",
            },
            ExpiresIn=life_s,
        )

    def list_entries(self, prefix: str) -> Iterator[Entry]:
        """List what lies under a prefix.

        Raises:
            DepotAway: the store does not answer.
        """
        with _refusals():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=prefix):
                for each in page.get("Contents", []):
                    yield Entry(each["Key"], each["Size"], each["LastModified"])

    def delete(self, key: str) -> None:
        """Delete an object; it need not be there.

        Raises:
            DepotAway: the store does not answer.
        """
        with _refusals():
            self._client.delete_object(Bucket=self._name, Key=key)

    def _put_unasked(self, key: str, content: BinaryIO, *, size_bytes: int, sha256: str) -> None:
        """Put a file into a store that knows no conditions: ask first, then put the same bytes."""
        if self.find_size(key) is None:
            self._put(key, content, size_bytes=size_bytes, sha256=sha256, unless_there=False)

    def _put(
        self, key: str, content: BinaryIO, *, size_bytes: int, sha256: str, unless_there: bool
    ) -> None:
        content.seek(0)
        condition = {"IfNoneMatch": "*"} if unless_there else {}
        if size_bytes > PIECE_BYTES:
            self._put_in_pieces(key, content, condition)
            return
        self._client.put_object(
            Bucket=self._name,
            Key=key,
            Body=content.read(),
            ChecksumSHA256=_base64(bytes.fromhex(sha256)),
            **condition,  # type: ignore[arg-type]  # the stubs know no such union
        )

    def _put_in_pieces(self, key: str, content: BinaryIO, condition: dict[str, str]) -> None:
        begun = self._client.create_multipart_upload(
            Bucket=self._name, Key=key, ChecksumAlgorithm="SHA256"
        )
        upload_id = begun["UploadId"]
        try:
            pieces: list[CompletedPartTypeDef] = []
            while piece := content.read(PIECE_BYTES):
                checksum = _base64(hashlib.sha256(piece).digest())
                taken = self._client.upload_part(
                    Bucket=self._name,
                    Key=key,
                    UploadId=upload_id,
                    PartNumber=len(pieces) + 1,
                    Body=piece,
                    ChecksumSHA256=checksum,
                )
                pieces.append(
                    {
                        "PartNumber": len(pieces) + 1,
                        "ETag": taken["ETag"],
                        "ChecksumSHA256": checksum,
                    }
                )
            self._client.complete_multipart_upload(
                Bucket=self._name,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": pieces},
                **condition,  # type: ignore[arg-type]  # the stubs know no such union
            )
        except BaseException:
            with contextlib.suppress(ClientError, BotoCoreError):
                self._client.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload_id)
            raise

    def _check_size(self, key: str, size_bytes: int) -> None:
        """Believe only what the bucket says that it has."""
        found_bytes = self.find_size(key)
        if found_bytes != size_bytes:
            _log.error("depot.differs", key=key, size_bytes=size_bytes, found_bytes=found_bytes)
            raise DepotAway.now()


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the client raises into ours; nothing of the request is logged but its outcome."""
    try:
        yield
    except ClientError as error:
        if _code(error) == _NO_SUCH_KEY:
            raise FileNotFoundError from error
        if _status(error) == _NO_ROOM:
            raise DepotFull from error
        _log.error("depot.away", error=_code(error), status=_status(error))
        raise DepotAway.now() from error
    except (BotoCoreError, HTTPError) as error:
        _log.error("depot.away", error=type(error).__name__)
        raise DepotAway.now() from error


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
