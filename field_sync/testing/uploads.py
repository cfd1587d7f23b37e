"""The stand-in's files, by tus 1.0.0: creation with upload, HEAD and PATCH."""

from __future__ import annotations

import base64
import hashlib

import httpx

from field_sync.testing import answers


class Uploads:
    """Files that come; each upload is named by its file's hash.

    Attributes:
        contents: what has come of each file.
        chunk_bytes_max: the most that one request adds to a file; None without a bound.
    """

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.chunk_bytes_max: int | None = None
        self._sizes: dict[str, int] = {}

    def expect(self, sha256: str, *, size_bytes: int) -> None:
        """Begin an upload, or keep what has come of it."""
        self._sizes[sha256] = size_bytes
        self.contents.setdefault(sha256, b"")

    def forget(self) -> None:
        """Forget where uploads were, and what had come of them."""
        self._sizes.clear()
        self.contents.clear()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Take files by tus: creation, HEAD, PATCH; at most `chunk_bytes_max` of each request."""
        if request.method == "POST":
            value = request.headers["Upload-Metadata"].removeprefix("sha256 ")
            sha256 = base64.b64decode(value).decode()
            self.expect(sha256, size_bytes=int(request.headers["Upload-Length"]))
            return self._begun(request, sha256)
        sha256 = request.url.path.rpartition("/")[2]
        if sha256 not in self._sizes:
            return answers.problem(404, "not-found")
        if request.method == "PATCH":
            if int(request.headers["Upload-Offset"]) != len(self.contents[sha256]):
                return answers.problem(409, "upload-offset")
            self.contents[sha256] += request.read()[: self.chunk_bytes_max]
            if self._is_spoilt(sha256):
                self.contents[sha256] = b""
                return answers.problem(460, "file-hash-differs")
        offset_bytes = len(self.contents[sha256])
        return answers.bare(
            200 if request.method == "HEAD" else 204, Upload_Offset=str(offset_bytes)
        )

    def _begun(self, request: httpx.Request, sha256: str) -> httpx.Response:
        """Answer a creation; the bytes that come with it count if they are the first."""
        place = f"/v1/uploads/{sha256}"
        if "Content-Type" not in request.headers:
            return answers.bare(201, Location=place)
        if not self.contents[sha256]:
            self.contents[sha256] = request.read()[: self.chunk_bytes_max]
        if self._is_spoilt(sha256):
            self.contents[sha256] = b""
            return answers.problem(460, "file-hash-differs")
        return answers.bare(201, Location=place, Upload_Offset=str(len(self.contents[sha256])))

    def _is_spoilt(self, sha256: str) -> bool:
        """Tell whether a file is complete and is not the one that was declared."""
        content = self.contents[sha256]
        is_complete = len(content) >= self._sizes[sha256]
        return is_complete and hashlib.sha256(content).hexdigest() != sha256
