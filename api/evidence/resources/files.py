"""Doors of evidence: what was declared and whether it is here, and the originals as attachments."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, cast

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from api import http
from api.crews.identity import quotas
from api.evidence import depot, progress, service, store, waiving
from schemas import crews, evidence, form
from schemas.base import Id

blueprint = Blueprint(
    "evidence",
    __name__,
    url_prefix="/v1",
    description="Files that crews declared: what has arrived, what is still missing.",
)
_BINARY: Final = {
    "description": "The file's bytes, whole or the range asked for.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_ELSEWHERE: Final = 307
_SAFE: Final = {
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class FileQuery(http.PageQuery):
    """Which declared files to list."""

    task_id: Id | None = None
    state: evidence.FileState | None = None


@blueprint.route("/evidence")
class Files(MethodView):
    """Declared files."""

    @http.door(*crews.OFFICE)
    @blueprint.arguments(form.query_form_of(FileQuery), location="query")
    @blueprint.response(200, form.page_form_of(evidence.EvidenceFile))
    def get(self, query: FileQuery) -> http.Page:
        """List declared files, of one task or of the district; of a missing one, how far it is."""
        after_id = http.read_page_key(query.after, parts=1)[0] if query.after else ""
        files = service.list_files(
            http.session(),
            act=http.act(),
            chosen=store.FileFilter(task_id=query.task_id, state=query.state),
            after_id=str(after_id),
            limit=query.limit + 1,
        )
        shown = files[: query.limit]
        more = len(files) > query.limit
        key = http.page_key(shown[-1].id) if more else None
        return http.Page(items=_with_progress(shown), next=key)


@blueprint.route("/evidence/faulty")
class FaultyFiles(MethodView):
    """Declared files that are rotten or lost."""

    @http.door(*crews.OFFICE)
    @blueprint.arguments(form.query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, form.page_form_of(evidence.FaultyFile))
    def get(self, query: http.PageQuery) -> http.Page:
        """List files whose bytes were found altered or lost when they were looked at last."""
        after = http.read_page_key(query.after, parts=2) if query.after else None
        files = service.list_faulty(
            http.session(),
            act=http.act(),
            after=None if after is None else (str(after[0]), str(after[1])),
            limit=query.limit + 1,
        )
        shown = files[: query.limit]
        more = len(files) > query.limit
        key = http.page_key(shown[-1].sha256, shown[-1].id) if more else None
        return http.Page(items=shown, next=key)


@blueprint.route("/evidence/<string(maxlength=64):file_id>")
class File(MethodView):
    """One declared file."""

    @http.door(*crews.OFFICE)
    @blueprint.response(200, form.form_of(evidence.EvidenceFile))
    def get(self, file_id: str) -> evidence.EvidenceFile:
        """Show what is known of a declared file."""
        file = service.get_file(http.session(), act=http.act(), file_id=file_id)
        return _with_progress([file.view()])[0]


@blueprint.route("/evidence/<string(maxlength=64):file_id>/waive")
class Waiving(MethodView):
    """One file that will not come."""

    @http.door(crews.Role.SUPERVISOR, crews.Role.ADMINISTRATOR)
    @blueprint.arguments(form.form_of(evidence.Waived))
    @blueprint.response(200, form.form_of(evidence.EvidenceFile))
    def post(self, body: evidence.Waived, file_id: str) -> evidence.EvidenceFile:
        """Let an order be archived without a declared file that will not come; say why.

        Refusals: not-found, file-here, reason-not-concrete.
        """
        return waiving.waive(
            http.session(), act=http.act(), file_id=file_id, reason=body.reason
        ).view()


@blueprint.route("/evidence/<string(maxlength=64):file_id>/content")
class Content(MethodView):
    """The bytes of one file."""

    @quotas.door(quotas.Cost.VIEW, *crews.OFFICE, writes=True)
    @blueprint.doc(responses={"200": _BINARY, "206": _BINARY})
    @blueprint.alt_response(307, description="Where the server is set so: a link good for seconds.")
    @blueprint.alt_response(409, description="Its bytes have not arrived (`file-missing`).")
    def get(self, file_id: str) -> flask.Response:
        """Give the original's bytes: as an attachment, never to be shown by a browser.

        The audit has a line for it.

        Refusals: not-found, file-missing, file-lost, too-many.
        """
        blob = service.get_arrived(http.session(), act=http.act(), file_id=file_id)
        settings = http.server().settings
        files = depot.opened(settings)
        if settings.evidence_redirect_s and flask.request.method == "GET":
            link = files.link(
                district_id=blob.district_id,
                sha256=blob.sha256,
                name=f"{file_id}.bin",
                life_s=settings.evidence_redirect_s,
            )
            if link is not None:
                service.note_view(http.session(), act=http.act(), file_id=file_id, shown="original")
                return _elsewhere(link)
        try:
            content = files.open_file(district_id=blob.district_id, sha256=blob.sha256)
        except FileNotFoundError as error:
            raise service.FileLost from error
        response = flask.Response(
            wrap_file(flask.request.environ, content), direct_passthrough=True
        )
        response.content_length = blob.size_bytes
        response.set_etag(blob.sha256)
        response.headers.update(_SAFE, **{"Content-Disposition": _named(file_id)})
        try:
            response.make_conditional(
                flask.request.environ, accept_ranges=True, complete_length=blob.size_bytes
            )
        except RequestedRangeNotSatisfiable:
            content.close()
            raise
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            service.note_view(http.session(), act=http.act(), file_id=file_id, shown="original")
        return response


def _with_progress(shown: Sequence[evidence.EvidenceFile]) -> list[evidence.EvidenceFile]:
    """Tell of missing files how far they are."""
    files = depot.opened(http.server().settings)
    return progress.with_progress(http.session(), act=http.act(), shown=shown, files=files)


def _elsewhere(link: str) -> flask.Response:
    """Send the reader to a link that is good for a short while, and is kept nowhere."""
    response = cast("flask.Response", flask.redirect(link, code=_ELSEWHERE))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _named(file_id: str) -> str:
    return f'attachment; filename="{file_id}.bin"'
