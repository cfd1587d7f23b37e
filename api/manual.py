"""Pages that explain the API from the server itself, without the internet.

`/docs` shows every door and lets one try it; `/refusals` lists every refusal with what to do.
"""

from __future__ import annotations

import html
import inspect
from typing import Final

import flask
import flask_swagger_ui

from schemas.errors import Refused

OPENAPI_PATH: Final = "/openapi.json"
_DOCS_PATH: Final = "/docs"
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em;border-radius:.2em}section{margin:1.5rem 0}"
    ":root{color-scheme:light dark}h2{font-size:1.1rem;margin:0}p{margin:.2rem 0}"
)

blueprint = flask.Blueprint("manual", __name__)


def install(app: flask.Flask) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
    app.register_blueprint(
        flask_swagger_ui.get_swaggerui_blueprint(
            _DOCS_PATH,
            OPENAPI_PATH,
            config={"app_name": "Lamplighter", "validatorUrl": None},
        )
    )


@blueprint.get("/")
def front() -> flask.Response:
    """Lead to what there is."""
    body = (
        "<h1>Lamplighter</h1><p>Field work for a power district: crews work without signal, the "
        "office sees every order, and nothing a crew did is lost.</p><ul>"
        '<li><a href="/app/">The phone app of the crews</a></li>'
        '<li><a href="/docs/">The API, to read and to try</a> '
        '(<a href="/openapi.json">OpenAPI 3.1</a>)</li>'
        '<li><a href="/refusals">Every refusal, and what to do</a></li>'
        '<li><a href="/health">Health</a>, <a href="/ready">ready</a>, '
        '<a href="/metrics">metrics</a></li></ul>'
    )
    return _page("Lamplighter", body)


@blueprint.get("/refusals")
def refusals() -> flask.Response:
    """List every refusal: its code, its sentence in both languages, and what to do."""
    sections = "".join(
        f'<section id="{code}"><h2><code>{code}</code> · {refused.status}</h2>'
        f"<p>{html.escape(refused.en)}</p><p lang=zh>{html.escape(refused.zh)}</p>"
        f"<p><em>{html.escape(advice(refused))}</em></p></section>"
        for code, refused in sorted(Refused.catalogue.items())
    )
    return _page("Refusals", f"<h1>Refusals</h1>{sections}")


def advice(refused: type[Refused]) -> str:
    """Tell what to do about a refusal, from its class's docstring."""
    return " ".join((inspect.getdoc(refused) or "").split())


def _page(title: str, body: str) -> flask.Response:
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style>{body}</html>"
    )
    return flask.Response(page, mimetype="text/html")
