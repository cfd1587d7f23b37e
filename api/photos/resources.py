"""Doors of photos: what was read of a file, what it may be shown as, and open questions.

What is shown was encoded anew by us; the original is only ever an attachment (see evidence).
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from api import http
from api.crews.identity import quotas
from api.evidence import examining
from api.evidence import service as evidence
from api.photos import derived, service
from schemas import crews, form, photos

blueprint = Blueprint(
    "photos",
    __name__,
    url_prefix="/v1",
    description="What photos say of themselves, what they look like, and which are alike",
)
_JPEG: Final = {
    "description": "A JPEG without metadata, whole or the range asked for.",
    "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
}
_SAFE: Final = {
    "Content-Type": "image/jpeg",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class LikenessQuery(http.PageQuery):
    """Which questions to list."""

    state: photos.LikenessState | None = None


@blueprint.route("/evidence/<string(maxlength=64):file_id>/picture")
class OfFile(MethodView):
    """What a file's bytes say."""

    @http.door(*crews.OFFICE)
    @blueprint.response(200, form.form_of(photos.Picture))
    def get(self, file_id: str) -> photos.Picture:
        """Tell what was read of a file, and how far it agrees with the operation.

        Refusals: not-found.
        """
        return service.get_picture(http.session(), act=http.act(), file_id=file_id)


@blueprint.route("/evidence/<string(maxlength=64):file_id>/thumbnail")
class Thumbnail(MethodView):
    """A photo made small."""

    @quotas.gate(quotas.Cost.VIEW, *crews.OFFICE)
    @blueprint.doc(responses={"200": _JPEG, "206": _JPEG})
    def get(self, file_id: str) -> flask.Response:
        """Show a photo in 320 pixels; the audit has a line for it.

        Refusals: not-found, file-missing, picture-not-ready, picture-not-shown, too-many.
        """
        return _show(file_id, derived.Shown.THUMBNAIL)


@blueprint.route("/evidence/<string(maxlength=64):file_id>/copy")
class Copy(MethodView):
    """A photo as it may be given to a customer."""

    @quotas.gate(quotas.Cost.VIEW, *crews.OFFICE)
    @blueprint.doc(responses={"200": _JPEG, "206": _JPEG})
    def get(self, file_id: str) -> flask.Response:
        """Show a photo in 1,600 pixels, without anything that its camera wrote into it.

        The audit has a line for it.
        Refusals: not-found, file-missing, picture-not-ready, picture-not-shown, too-many.
        """
        return _show(file_id, derived.Shown.COPY)


@blueprint.route("/likenesses")
class Likenesses(MethodView):
    """Questions about files that are alike."""

    @http.door(*crews.OFFICE)
    @blueprint.arguments(form.query_form_of(LikenessQuery), location="query")
    @blueprint.response(200, form.page_form_of(photos.Likeness))
    def get(self, query: LikenessQuery) -> http.Page:
        """List the questions whether a photo was used again, those raised first at the front."""
        after_id = http.read_page_key(query.after, parts=1)[0] if query.after else ""
        found = service.list_likenesses(
            http.session(),
            act=http.act(),
            state=query.state,
            after_id=str(after_id),
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        return http.Page(items=shown, next=http.page_key(shown[-1].id) if more else None)


@blueprint.route("/likenesses/<string(maxlength=64):likeness_id>/decision")
class Deciding(MethodView):
    """A person's decision."""

    @http.door(*crews.OFFICE)
    @blueprint.arguments(form.form_of(photos.LikenessDecided))
    @blueprint.response(200, form.form_of(photos.Likeness))
    def post(self, body: photos.LikenessDecided, likeness_id: str) -> photos.Likeness:
        """Decide a question: the same scene and allowed, or a question to who took the photos.

        Refusals: not-found, likeness-settled.
        """
        return service.decide(http.session(), act=http.act(), likeness_id=likeness_id, body=body)


def _show(file_id: str, shown: derived.Shown) -> flask.Response:
    """Give a derived picture; no unit of work is open while its bytes flow."""
    server, act = http.server(), http.act()
    with server.database.reading() as session:
        found = service.find_shown(session, act=act, file_id=file_id, shown=shown)
    shelf = derived.Shelf(server.settings.data_dir / derived.FOLDER)
    try:
        content = shelf.open(district_id=found.district_id, sha256=found.sha256, shown=shown)
    except FileNotFoundError as error:
        with server.database.unit_of_work() as session:
            examining.ask(session, act=act, file_id=file_id)
        raise service.PictureNotReady from error
    size_bytes = os.fstat(content.fileno()).st_size
    response = flask.Response(wrap_file(flask.request.environ, content), direct_passthrough=True)
    response.content_length = size_bytes
    response.set_etag(f"{found.sha256}-{shown}-{derived.VERSION}")
    response.headers.update(
        _SAFE, **{"Content-Disposition": f'inline; filename="{file_id}-{shown}.jpg"'}
    )
    try:
        response.make_conditional(
            flask.request.environ, accept_ranges=True, complete_length=size_bytes
        )
    except RequestedRangeNotSatisfiable:
        content.close()
        raise
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        with server.database.unit_of_work() as session:
            evidence.note_view(session, act=act, file_id=file_id, shown=shown)
    return response
