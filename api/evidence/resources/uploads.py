"""Doors of resumable upload: tus 1.0.0, its core and `creation`, and what real clients need.

No unit of work is open while bytes flow.
Creation is idempotent by device and hash, so that a lost answer leaves no orphan; Location is
relative; a file's last byte, or any later question about it, seals it and notes its arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import ClientDisconnected

from api import http
from api.evidence import depot, service
from api.evidence.resources import tus
from schemas.errors import Refused
from schemas.evidence import FILE_BYTES_MAX

READ_BYTES: Final = 65_536
_NO_CONTENT: Final = 204
_CREATED: Final = 201

blueprint = Blueprint(
    "uploads",
    __name__,
    url_prefix=service.UPLOADS_PATH,
    description="Resumable upload of declared files (tus 1.0.0, core and creation).",
)


class UploadCut(Refused):
    """The connection broke while bytes came. What came is kept: ask with HEAD and go on."""

    code = "upload-cut"
    status = 400
    en = "The connection broke; what came is kept. Ask with HEAD and go on."
    zh = "连接中断；已收到的数据已保留。请用 HEAD 查询后继续上传。"


def _header(name: str, example: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": True,
        "schema": {"type": "string"},
        "example": example,
    }


_RESUMABLE: Final = _header("Tus-Resumable", tus.VERSION)
_CREATES: Final = {
    "parameters": [
        _RESUMABLE,
        _header("Upload-Length", "3000000"),
        _header(
            "Upload-Metadata", "sha256 OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJi"
        ),
    ]
}
_SENDS: Final = {
    "parameters": [_RESUMABLE, _header("Upload-Offset", "0")],
    "requestBody": {
        "required": True,
        "content": {tus.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}


@blueprint.route("")
class Uploads(MethodView):
    """Begin an upload."""

    @blueprint.doc(security=[])
    @blueprint.response(204, description="What this server speaks.")
    def options(self) -> flask.Response:
        """Say which version and extensions of tus the server speaks."""
        answer = _answer(_NO_CONTENT)
        answer.headers["Tus-Version"] = tus.VERSION
        answer.headers["Tus-Extension"] = tus.EXTENSIONS
        answer.headers["Tus-Max-Size"] = str(FILE_BYTES_MAX)
        return answer

    @http.gate()
    @blueprint.doc(**_CREATES)
    @blueprint.response(201, description="Location names the upload.")
    def post(self) -> flask.Response:
        """Begin the upload of a file, or find the one that this device began before.

        Refusals: upload-version-unknown, upload-header-wrong, upload-too-large,
        file-size-differs, too-many-uploads.
        """
        tus.check_version(flask.request)
        size_bytes = tus.length_bytes(flask.request)
        sha256 = tus.sha256(flask.request)
        with http.server().database.unit_of_work() as session:
            upload = service.open_upload(
                session, act=http.act(), sha256=sha256, size_bytes=size_bytes
            )
            upload_id = upload.id
        if size_bytes == 0:
            _stands_at(upload_id)
        answer = _answer(_CREATED)
        answer.headers["Location"] = f"{service.UPLOADS_PATH}/{upload_id}"
        return answer


@blueprint.route("/<string(maxlength=64):upload_id>")
class OneUpload(MethodView):
    """Go on with an upload."""

    @http.upload_gate
    @blueprint.doc(parameters=[_RESUMABLE])
    @blueprint.response(200, description="Upload-Offset tells how far the upload is.")
    def head(self, upload_id: str) -> flask.Response:
        """Tell how far the upload is; whoever still writes to it is ended.

        Refusals: upload-version-unknown, not-found.
        """
        tus.check_version(flask.request)
        size_bytes, offset_bytes = _stands_at(upload_id)
        answer = _answer(200)
        answer.headers["Upload-Offset"] = str(offset_bytes)
        answer.headers["Upload-Length"] = str(size_bytes)
        return answer

    @http.upload_gate
    @blueprint.doc(**_SENDS)
    @blueprint.response(204, description="Upload-Offset tells how far the upload is.")
    def patch(self, upload_id: str) -> flask.Response:
        """Send bytes from an offset on; with the last one the file has arrived.

        Refusals: upload-version-unknown, upload-type-wrong, upload-header-wrong, not-found,
        upload-offset-differs, upload-too-long, upload-overtaken, upload-cut, file-hash-differs,
        depot-full.
        """
        return _receive(upload_id)

    @http.upload_gate
    @blueprint.doc(**_SENDS)
    @blueprint.response(204, description="As PATCH.")
    def post(self, upload_id: str) -> flask.Response:
        """Do as PATCH, for clients whose way lets no PATCH pass (X-HTTP-Method-Override)."""
        if flask.request.headers.get("X-HTTP-Method-Override", "").upper() != "PATCH":
            raise tus.UploadHeaderWrong(header="X-HTTP-Method-Override", reason="PATCH")
        return _receive(upload_id)


@blueprint.after_request
def _say_version(response: flask.Response) -> flask.Response:
    """Say on every answer which tus it speaks, and that it must not be kept."""
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == tus.UploadVersionUnknown.status:
        response.headers["Tus-Version"] = tus.VERSION
    return response


def _receive(upload_id: str) -> flask.Response:
    """Take the bytes of a request into an upload."""
    request = flask.request
    request.max_content_length = FILE_BYTES_MAX
    tus.check_version(request)
    tus.check_type(request)
    offset_bytes = tus.offset_bytes(request)
    part = _part(upload_id)
    if offset_bytes + (request.content_length or 0) > part.size_bytes:
        raise depot.UploadTooLong(size_bytes=part.size_bytes)
    at = _depot().receive(part, offset_bytes=offset_bytes, chunks=_chunks(request))
    if at == part.size_bytes:
        _finish(part)
    answer = _answer(_NO_CONTENT)
    answer.headers["Upload-Offset"] = str(at)
    return answer


def _stands_at(upload_id: str) -> tuple[int, int]:
    """Find how long an upload will be and is; seal what is complete, restart what is not its hash.

    Answers (size, offset) in bytes.
    """
    part = _part(upload_id)
    at = _depot().take_over(part)
    if at == part.size_bytes:
        try:
            _finish(part)
        except depot.FileHashDiffers:
            at = 0
    return part.size_bytes, at


def _finish(part: depot.Part) -> None:
    """Seal the bytes first, then note in the database that they are here."""
    _depot().seal(part)
    with http.server().database.unit_of_work() as session:
        upload = service.get_upload(session, act=http.act(), upload_id=part.upload_id)
        if upload.arrived_at is None:
            service.arrive(session, act=http.act(), upload=upload)


def _part(upload_id: str) -> depot.Part:
    with http.server().database.reading() as session:
        upload = service.get_upload(session, act=http.act(), upload_id=upload_id)
        return depot.Part(upload.district_id, upload.id, upload.sha256, upload.size_bytes)


def _depot() -> depot.Depot:
    return depot.DiskDepot(http.server().settings.data_dir / depot.FOLDER)


def _chunks(request: flask.Request) -> Iterator[bytes]:
    """Read the body piece by piece.

    Raises:
        UploadCut: the connection broke.
    """
    try:
        while chunk := request.stream.read(READ_BYTES):
            yield chunk
    except (ClientDisconnected, OSError) as error:
        raise UploadCut from error


def _answer(status: int) -> flask.Response:
    return flask.Response(status=status)
