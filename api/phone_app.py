"""The phone app, served at `/app/` as it was built: pages of another make, never of ours.

The build lies in a folder that the settings name; the server knows nothing of what is in it but
the page that comes first and that what lies under `assets/` bears its hash in its name.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import mimetypes
import pathlib
from typing import Final

import flask
from werkzeug.security import safe_join

from api import http
from api.errors import NotFound
from schemas.errors import Refused

_INDEX: Final = "index.html"
_ASSETS: Final = "assets/"
_TAGS_MAX: Final = 1_000
_YEAR_S: Final = 31_536_000
_PACKED: Final = {"br": ".br", "gzip": ".gz"}
"""How a file may be sent, the smallest first, and what its name ends in then."""
_TYPES: Final = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
_UNKNOWN: Final = "application/octet-stream"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""`require-trusted-types-for` stays out: it refuses the registration of a service worker."""
_SAFE: Final = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": (
        "geolocation=(self), camera=(self), accelerometer=(), display-capture=(), gyroscope=(), "
        "magnetometer=(), microphone=(), payment=(), usb=()"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

blueprint = flask.Blueprint("phone_app", __name__)


class AppNotBuilt(Refused):
    """This server has no phone app. Build it (`make run` does), or install a wheel that has it.

    `LAMPLIGHTER_APP_DIR` names the folder, where it lies elsewhere.
    """

    code = "app-not-built"
    status = 404
    en = "The phone app was not built on this server."
    zh = "本服务器尚未构建手机应用。"


def install(app: flask.Flask) -> None:
    """Serve the app."""
    app.register_blueprint(blueprint)


@blueprint.get("/app")
def nearly() -> flask.Response:
    """Lead who left the last stroke out to the app; the address is ours whatever `Host` says."""
    response = flask.Response(status=308)
    response.headers["Location"] = "/app/"
    return response


@blueprint.get("/app/", defaults={"name": _INDEX})
@blueprint.get("/app/<path:name>")
def file(name: str) -> flask.Response:
    """Give a file of the build, packed as the browser can read it.

    Raises:
        AppNotBuilt: there is no build.
        NotFound: it has no such file.
    """
    folder = http.server().settings.app_folder.absolute()
    if not (folder / _INDEX).is_file():
        raise AppNotBuilt
    path = _find(folder, name)
    if path is None:
        raise NotFound(what="file", id=name)
    return _sent(path, is_fixed=name.startswith(_ASSETS))


def _find(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """Find a file of the build; what leads out of it, by whatever way, is not there."""
    joined = safe_join(str(folder), name)
    if joined is None or name.endswith(tuple(_PACKED.values())):
        return None
    path = pathlib.Path(joined)
    with contextlib.suppress(OSError):  # longer than a name can be
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None


def _sent(path: pathlib.Path, *, is_fixed: bool) -> flask.Response:
    """Send a file; what is fixed never changes under its name."""
    coding, packed = _packed(path)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or _UNKNOWN
    response = flask.send_file(packed, mimetype=kind, conditional=False, etag=False)
    for told_of_the_disk in ("Content-Disposition", "Last-Modified"):
        response.headers.pop(told_of_the_disk, None)
    facts = packed.stat()
    response.set_etag(_tag(str(packed), facts.st_mtime_ns, facts.st_size))
    response.headers.update(_SAFE)
    response.headers["Vary"] = "Accept-Encoding"
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = (
        f"public, max-age={_YEAR_S}, immutable" if is_fixed else "no-cache"
    )
    response.make_conditional(flask.request)
    return response


@functools.lru_cache(maxsize=_TAGS_MAX)
def _tag(path: str, _changed_ns: int, _size: int) -> str:
    """Name what is in a file by its hash: files of a wheel are all of the same moment.

    A service worker of another build is often as long as the one before; a tag made of the time and
    the length would keep phones from ever hearing of an update.
    """
    with pathlib.Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:32]


def _packed(path: pathlib.Path) -> tuple[str, pathlib.Path]:
    """Choose the smallest form of a file that the browser takes: its coding, and where it lies."""
    accepted = flask.request.accept_encodings
    for coding, ending in _PACKED.items():
        packed = path.with_name(path.name + ending)
        if accepted[coding] > 0 and packed.is_file():
            return coding, packed
    return "", path
