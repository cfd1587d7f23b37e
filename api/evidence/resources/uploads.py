"""Doors of resumable upload: tus 1.0.0 with its extensions, and what real clients need.

Creation is idempotent by device and hash, so that a lost answer leaves no orphan; Location is
relative, so that a proxy may call us what it likes; every verb may come as POST.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flask
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.evidence import allowances, uploads
from api.evidence.resources import receiving, tus
from schemas.evidence import FILE_BYTES_MAX, UploadKind

_NO_CONTENT: Final = 204
_CREATED: Final = 201

blueprint = Blueprint(
    "uploads",
    __name__,
    url_prefix=uploads.PATH,
    description="Resumable upload of files (tus 1.0.0)",
)


def _header(name: str, example: str, *, required: bool = True) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": required,
        "schema": {"type": "string"},
        "example": example,
    }


_RESUMABLE: Final = _header("Tus-Resumable", tus.VERSION)
_LENGTH: Final = _header("Upload-Length", "3000000", required=False)
_CHECKSUM: Final = _header("Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", required=False)
_BYTES: Final = {
    "content": {tus.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}
_CREATES: Final = {
    "parameters": [
        _RESUMABLE,
        _LENGTH,
        _header("Upload-Defer-Length", tus.DEFERRED, required=False),
        _header(
            "Upload-Metadata",
            "sha256 OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJi",
            required=False,
        ),
        _CHECKSUM,
        _header("Upload-Concat", "partial", required=False),
    ],
    "requestBody": {"required": False, **_BYTES},
}
_SENDS: Final = {
    "parameters": [_RESUMABLE, _header("Upload-Offset", "0"), _LENGTH, _CHECKSUM],
    "requestBody": {"required": True, **_BYTES},
}


class _AnyVerb(MethodView):
    """A view that does what X-HTTP-Method-Override says, whatever verb carries it."""

    def dispatch_request(self, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - Flask's own
        """Call the view of the verb that is meant."""
        meant = flask.request.headers.get(tus.OVERRIDE)
        if meant is None:
            return super().dispatch_request(**kwargs)
        if meant.upper() not in (self.methods or ()):
            raise tus.UploadHeaderWrong(header=tus.OVERRIDE, reason=", ".join(self.methods or ()))
        view: Callable[..., ResponseReturnValue] = getattr(self, meant.lower())
        return view(**kwargs)


@blueprint.route("")
class Uploads(_AnyVerb):
    """Begin an upload."""

    @blueprint.doc(security=[])
    @blueprint.response(204, description="What this server speaks.")
    def options(self) -> flask.Response:
        """Say which version and extensions of tus the server speaks."""
        return _spoken()

    @http.gate()
    @blueprint.doc(**_CREATES)
    @blueprint.response(201, description="Location names the upload.")
    def post(self) -> flask.Response:
        """Begin the upload of a file, or find the one that this device began before.

        Refusals: upload-version-unknown, upload-header-wrong, upload-too-large, not-allowed,
        file-size-differs, too-many-uploads, too-many; with bytes those of PATCH; of a final upload
        not-found, upload-expired, upload-part-unfinished, file-hash-differs, depot-full.
        """
        tus.check_version(flask.request)
        allowed = allowances.check_may_send(http.principal(), settings=http.server().settings)
        asked = tus.creation(flask.request, bytes_max=allowed.file_bytes_max)
        standing = receiving.create(asked)
        answer = _answer(_CREATED, standing)
        answer.headers["Location"] = f"{uploads.PATH}/{standing.upload.id}"
        if not tus.has_bytes(flask.request):
            del answer.headers["Upload-Offset"]
        return answer


@blueprint.route("/<string(maxlength=64):upload_id>")
class OneUpload(_AnyVerb):
    """Go on with an upload."""

    @blueprint.doc(security=[])
    @blueprint.response(204, description="What this server speaks.")
    def options(self, upload_id: str) -> flask.Response:
        """Say which version and extensions of tus the server speaks."""
        del upload_id  # of one that exists and of one that does not the same is true
        return _spoken()

    @http.upload_gate
    @blueprint.doc(parameters=[_RESUMABLE])
    @blueprint.response(200, description="Upload-Offset tells how far the upload is.")
    def head(self, upload_id: str) -> flask.Response:
        """Tell how far the upload is; whoever still writes to it is ended.

        Refusals: upload-version-unknown, not-found, upload-expired.
        """
        tus.check_version(flask.request)
        standing = receiving.stands_at(upload_id)
        answer = _answer(200, standing)
        if standing.upload.size_bytes is None:
            answer.headers["Upload-Defer-Length"] = tus.DEFERRED
        else:
            answer.headers["Upload-Length"] = str(standing.upload.size_bytes)
        upload = standing.upload
        if upload.kind != UploadKind.FILE:
            answer.headers["Upload-Concat"] = tus.concat(
                upload.kind, upload.joins.split(), path=uploads.PATH
            )
        if standing.upload.described:
            answer.headers["Upload-Metadata"] = standing.upload.described
        return answer

    @http.upload_gate
    @blueprint.doc(**_SENDS)
    @blueprint.response(204, description="Upload-Offset tells how far the upload is.")
    def patch(self, upload_id: str) -> flask.Response:
        """Send bytes from an offset on; with the last one the file has arrived.

        Refusals: upload-version-unknown, upload-type-wrong, upload-header-wrong, not-found,
        upload-expired, upload-offset-differs, upload-too-long, upload-overtaken, upload-cut,
        upload-checksum-differs, file-hash-differs, file-size-differs, upload-is-joined,
        depot-full, depot-away.
        """
        tus.check_version(flask.request)
        tus.check_type(flask.request)
        return _answer(_NO_CONTENT, receiving.append(upload_id))

    @http.upload_gate
    @blueprint.doc(parameters=[_RESUMABLE])
    @blueprint.response(204, description="It is forgotten.")
    def delete(self, upload_id: str) -> flask.Response:
        """Give an upload up; a file that has arrived stays.

        Refusals: upload-version-unknown, not-found, upload-expired, upload-finished.
        """
        tus.check_version(flask.request)
        receiving.terminate(upload_id)
        return flask.Response(status=_NO_CONTENT)

    @http.upload_gate
    @blueprint.doc(**_SENDS)
    @blueprint.response(204, description="As the verb that is meant.")
    def post(self, upload_id: str) -> flask.Response:
        """Do as X-HTTP-Method-Override says, for clients whose way lets only POST pass.

        Refusals: upload-header-wrong; those of the verb that is meant.
        """
        del upload_id
        raise tus.UploadHeaderWrong(header=tus.OVERRIDE, reason="PATCH, HEAD or DELETE")


@blueprint.after_request
def _say_version(response: flask.Response) -> flask.Response:
    """Say on every answer which tus it speaks, and that it must not be kept."""
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == tus.UploadVersionUnknown.status:
        response.headers["Tus-Version"] = tus.VERSION
    return response


def _spoken() -> flask.Response:
    """Say what of tus this server speaks."""
    answer = flask.Response(status=_NO_CONTENT)
    answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Tus-Extension"] = ",".join(tus.EXTENSIONS)
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(tus.CHECKSUMS)
    answer.headers["Tus-Max-Size"] = str(FILE_BYTES_MAX)
    return answer


def _answer(status: int, standing: receiving.Standing) -> flask.Response:
    """Tell how far an upload is, and until when it is waited for if it is not finished."""
    answer = flask.Response(status=status)
    answer.headers["Upload-Offset"] = str(standing.offset_bytes)
    if standing.upload.expires_at is not None:
        answer.headers["Upload-Expires"] = tus.instant(standing.upload.expires_at)
    return answer
