"""The door of bundles: an order as one file, made on the disk first and sent from there."""

from __future__ import annotations

import os
import tempfile
import threading
from typing import BinaryIO, Final, cast

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.wsgi import wrap_file

from api import errors, http
from api.crews.identity import quotas
from api.custody.bundles import handing
from schemas import crews

AT_ONCE_MAX: Final = 2
"""Bundles that one worker makes at once; each may take a thread and 2 GB of disk for a minute."""
RETRY_AFTER_S: Final = 30
_TURNS: Final = threading.BoundedSemaphore(AT_ONCE_MAX)
_ZIP: Final = {
    "description": "A zip file; `lamplighter verify` checks it without a server.",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
blueprint = Blueprint(
    "bundles",
    __name__,
    url_prefix="/v1/tasks",
    description="Orders handed over as one file that anybody can check",
)


@blueprint.route("/<string(maxlength=64):task_id>/bundle")
class Bundle(MethodView):
    """An order as one file."""

    @quotas.gate(quotas.Cost.EXPORT, *crews.OFFICE)
    @blueprint.doc(responses={"200": _ZIP})
    def get(self, task_id: str) -> flask.Response:
        """Hand an order over with what proves it; the audit has a line for it.

        Refusals: not-found, bundle-too-large, order-altered, depot-away, depot-full, busy,
        too-many.
        """
        if not _TURNS.acquire(blocking=False):
            raise errors.Busy(retry_after_s=RETRY_AFTER_S)
        try:
            content = _made(task_id)
        finally:
            _TURNS.release()
        response = flask.Response(
            wrap_file(flask.request.environ, content),
            mimetype="application/zip",
            direct_passthrough=True,
        )
        response.content_length = os.fstat(content.fileno()).st_size
        disposition = f'attachment; filename="order-{task_id}.zip"'
        response.headers.update(_SAFE, **{"Content-Disposition": disposition})
        return response


def _made(task_id: str) -> BinaryIO:
    """Make a bundle in a file without a name, which is gone when it is closed."""
    server = http.server()
    content = cast("BinaryIO", tempfile.TemporaryFile(dir=server.settings.data_dir))  # noqa: SIM115 - it lives as long as the answer
    try:
        handing.hand_over(
            content,
            settings=server.settings,
            database=server.database,
            act=http.act(),
            task_id=task_id,
        )
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return content
