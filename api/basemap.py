"""The basemap that the utility provides, handed to phones whole and piece by piece.

It is one PMTiles archive, which the settings name. Its hash is its address, so whoever has a piece
of it never needs that piece again; another archive in its place has another address.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import threading
from io import BufferedReader
from typing import Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.wsgi import wrap_file

from api import http, pmtiles
from api.errors import NotFound
from schemas import basemaps
from schemas.errors import Refused
from schemas.form import form_of

_YEAR_S: Final = 31_536_000
_TYPE: Final = "application/vnd.pmtiles"
_HASHES_MAX: Final = 8
_BINARY: Final = {
    "description": "The archive, or the range of it that was asked for.",
    "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}

blueprint = Blueprint(
    "basemap", __name__, url_prefix="/v1/basemap", description="Streets and water beneath the map"
)


class NoBasemap(Refused):
    """This utility provides no basemap; phones draw the grid on plain ground.

    `LAMPLIGHTER_BASEMAP` names the archive, where there is one.
    """

    code = "no-basemap"
    status = 404
    en = "There is no basemap on this server."
    zh = "本服务器未提供底图。"


class BasemapUnfit(Refused):
    """The archive was replaced by one that phones cannot draw. Put another one in its place."""

    code = "basemap-unfit"
    status = 404
    en = "The basemap cannot be used: {reason}."
    zh = "底图无法使用：{reason}。"


@blueprint.route("")
class About(MethodView):
    """What the basemap is."""

    @http.gate()
    @blueprint.response(200, form_of(basemaps.BasemapOffer))
    def get(self) -> basemaps.BasemapOffer:
        """Tell what the basemap covers and how large it is, or that there is none.

        Refusals: basemap-unfit.
        """
        try:
            archive = _open()
        except NoBasemap:
            return basemaps.BasemapOffer(basemap=None)
        with archive:
            return basemaps.BasemapOffer(basemap=_about(archive))


@blueprint.route("/<string(length=64):sha256>")
class Archive(MethodView):
    """The basemap's bytes."""

    @http.gate()
    @blueprint.doc(responses={"200": _BINARY, "206": _BINARY})
    def get(self, sha256: str) -> flask.Response:
        """Give the archive, or a range of it; it never changes at this address.

        Refusals: no-basemap, basemap-unfit, not-found.
        """
        with contextlib.ExitStack() as closing:
            archive = closing.enter_context(_open())
            about = _about(archive)
            if about.id != sha256:
                raise NotFound(what="basemap", id=sha256)
            archive.seek(0)
            response = flask.Response(
                wrap_file(flask.request.environ, archive), mimetype=_TYPE, direct_passthrough=True
            )
            response.content_length = about.size_bytes
            response.set_etag(sha256)
            response.headers["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.make_conditional(
                flask.request.environ, accept_ranges=True, complete_length=about.size_bytes
            )
            closing.pop_all()  # the answer closes the archive when it has gone out
            return response


def _open() -> BufferedReader:
    """Open the archive that the settings name.

    Raises:
        NoBasemap: they name none.
        BasemapUnfit: it cannot be read.
    """
    path = http.server().settings.basemap
    if not path:
        raise NoBasemap
    try:
        return pathlib.Path(path).open("rb")
    except OSError as error:
        raise BasemapUnfit(reason=error.strerror or "it cannot be read") from error


def _about(archive: BufferedReader) -> basemaps.Basemap:
    """Describe an open archive.

    Raises:
        BasemapUnfit: phones cannot draw it.
    """
    facts = os.fstat(archive.fileno())
    try:
        head = pmtiles.read(archive)
    except pmtiles.Unfit as error:
        raise BasemapUnfit(reason=str(error)) from error
    return basemaps.Basemap(
        id=_hash(archive, facts),
        size_bytes=facts.st_size,
        format=basemaps.TileFormat(head.format),
        zoom_min=head.zoom_min,
        zoom_max=head.zoom_max,
        west_deg=head.west_deg,
        south_deg=head.south_deg,
        east_deg=head.east_deg,
        north_deg=head.north_deg,
        attribution=head.attribution,
    )


_hashes: Final[dict[tuple[int, int, int, int], str]] = {}
"""Hashes of archives by which file, of when and how long it was; the newest last."""
_hashing: Final = threading.Lock()


def _hash(archive: BufferedReader, facts: os.stat_result) -> str:
    """Name what is in an archive; it is read whole once, while whoever else asks waits."""
    key = (facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_size)
    with _hashing:
        if key not in _hashes:
            archive.seek(0)
            _hashes[key] = hashlib.file_digest(archive, "sha256").hexdigest()
            while len(_hashes) > _HASHES_MAX:
                del _hashes[next(iter(_hashes))]
        return _hashes[key]
