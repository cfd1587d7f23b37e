"""Writes the page of the API's doors: what each does, and whose roles open it."""

from __future__ import annotations

import inspect
import pathlib
import tempfile
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

import flask

from api import http
from api.app import create_app
from api.settings import Settings
from schemas import crews
from schemas.crews import Role
from tests.docs import written

_METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options")
_ALL_OF: Final = (
    (frozenset(Role), "any role"),
    (crews.OFFICE | crews.FIELD, "office, field"),
    (crews.OFFICE | {Role.INTEGRATION}, "office, integration"),
    (crews.OFFICE, "office"),
    (crews.FIELD, "field"),
)


def page(note: str) -> str:
    """Write the page.

    Args:
        note: the line that says where the page comes from.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=pathlib.Path(folder)))
        document = app.test_client().get("/openapi.json").get_json()
        groups = _grouped(app, document)
        app.extensions["lamplighter"].database.close()
    about = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    lines: list[str] = []
    for group, rows in groups.items():
        lines += [f"## {group}", "", *([about[group] + ".", ""] if about.get(group) else [])]
        lines += ["| Door | Who | What it does |", "|---|---|---|", *rows, ""]
    return written.filled("api.md", note=[note], doors=lines)


def _grouped(app: flask.Flask, document: dict[str, Any]) -> dict[str, list[str]]:
    """Give the rows of each group in the order in which the doors were hung."""
    views = {
        (_braced(rule.rule), method.lower()): _view(app, rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    groups: dict[str, list[str]] = {}
    for path, doors in document["paths"].items():
        for method in (each for each in _METHODS if each in doors):
            door = doors[method]
            who = _who(views[path, method], is_open=not door.get("security"))
            row = f"| `{method.upper()} {path}` | {who} | {door['summary']} |"
            groups.setdefault(door["tags"][0], []).append(row)
    return groups


_BY_ITSELF = (http.open_door.__name__, http.upload_gate.__name__)


def _braced(rule: str) -> str:
    """Write a rule as OpenAPI does: `<string(maxlength=64):task_id>` becomes `{task_id}`."""
    parts = rule.split("<")
    return parts[0] + "".join(
        "{" + part.partition(">")[0].rpartition(":")[2] + "}" + part.partition(">")[2]
        for part in parts[1:]
    )


def _view(app: flask.Flask, endpoint: str, method: str) -> Callable[..., object]:
    view = app.view_functions[endpoint]
    by_class = getattr(view, "view_class", None)
    found: Callable[..., object] = getattr(by_class, method.lower(), view)
    return found


def _who(view: Callable[..., object], *, is_open: bool) -> str:
    """Say whose roles open a door, from what its decorator was given."""
    if is_open:
        return "anybody"
    for layer in _layers(view):
        roles = inspect.getclosurevars(layer).nonlocals.get("roles")
        if roles is not None:
            return _named(frozenset(roles))
        if layer.__code__.co_qualname.startswith(_BY_ITSELF):
            return _named(frozenset())  # it looks at the token by itself
    message = f"{view.__qualname__} is opened by no door that this page knows"
    raise LookupError(message)


def _layers(view: Callable[..., object]) -> Iterator[types.FunctionType]:
    layer: object = view
    while isinstance(layer, types.FunctionType):
        yield layer
        layer = getattr(layer, "__wrapped__", None)


def _named(roles: frozenset[Role]) -> str:
    if not roles:
        return "signed in"
    for group, words in _ALL_OF:
        if roles == group:
            return words
    return ", ".join(role.value for role in Role if role in roles)
