"""Writes the phone app's types from the API's own description; a test keeps them true.

python -m tests.docs.wire
"""

from __future__ import annotations

import json
import pathlib
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.app import create_app
from api.settings import Settings
from api.sync import described

FILE: Final = pathlib.Path(__file__).parents[2] / "field_sync" / "pwa" / "src" / "wire.ts"
DOORS: Final = (
    "/v1/sessions",
    "/v1/sessions/refresh",
    "/v1/devices",
    "/v1/areas/geojson",
    "/v1/basemap",
    "/v1/push/key",
    "/v1/push/subscription",
    "/v1/sync",
    "/v1/sync/ack",
    "/v1/sync/limits",
    "/v1/sync/last-words",
)
"""Where a phone knocks; what goes in and out there is written, and what that is made of."""
_HEAD: Final = """\
/**
 * Every shape that a phone sends, gets or stores, in the order and words of the wire.
 * Written by `python -m tests.docs.wire` from the server's OpenAPI page; a test keeps it true.
 * What is optional (`?`) has a default, which the page names.
 */

/** RFC 3339 instant. */
export type Instant = string;

/** Exact decimal number as a string. */
export type Exact = string;
"""
_REFERENCE: Final = "#/components/schemas/"
_PLAIN: Final[Mapping[str, str]] = {
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_FORMATS: Final[Mapping[str, str]] = {"date-time": "Instant", "decimal": "Exact"}

Schema = Mapping[str, Any]


def page() -> str:
    """Write the types."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=pathlib.Path(folder)))
        document = app.test_client().get("/openapi.json").get_json()
        app.extensions["lamplighter"].database.close()
    schemas = document["components"]["schemas"]
    roots = {"Problem", "Operation", "PushMessage", described.BODIES, described.RECORDS}
    for path in DOORS:
        roots |= set(_references(document["paths"][path]))
    names = sorted(_reached(schemas, roots))
    enums = _enums({name: schemas[name] for name in names})
    assert not enums.keys() & schemas.keys(), "a name stands for one thing"
    parts = [_HEAD, *(_enum(name, enums[name]) for name in sorted(enums))]
    parts += [_interface(name, schemas[name]) for name in names]
    parts.append(_versions(schemas[described.BODIES][described.VERSIONS]))
    return "\n".join(parts)


def _references(value: object) -> Iterator[str]:
    """Name the components that any part of the document speaks of."""
    match value:
        case {"$ref": str(where)} if where.startswith(_REFERENCE):
            yield where.removeprefix(_REFERENCE)
        case dict():
            for each in value.values():
                yield from _references(each)
        case list():
            for each in value:
                yield from _references(each)
        case _:
            return


def _reached(schemas: Mapping[str, Schema], roots: set[str]) -> set[str]:
    """Name the roots and all that they are made of; pages of lists are the office's."""
    reached: set[str] = set()
    waiting = {name for name in roots if not name.endswith("Page")}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(_references(schemas[name])) - reached
    return reached


def _enums(value: object) -> dict[str, list[str]]:
    """Gather the enums that have a name."""
    found: dict[str, list[str]] = {}
    match value:
        case {"enum": list(members), "title": str(title)}:
            found[title] = [each for each in members if each is not None]
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                for title, members in _enums(each).items():
                    assert found.setdefault(title, members) == members, title
        case _:
            pass
    return found


def _enum(name: str, members: list[str]) -> str:
    return (
        f"export type {name} =\n"
        + "\n".join(f"  | {json.dumps(each)}" for each in members)
        + (";\n")
    )


def _interface(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    lines = [_comment(schema.get("description", "")), f"export interface {name} {{\n"]
    for field, kind in schema.get("properties", {}).items():
        key = field if field.isidentifier() else json.dumps(field)
        lines.append(f"  {key}{'' if field in required else '?'}: {_type(kind)};\n")
    return "".join([*lines, "}\n"]).replace("{\n}", "{}")


def _comment(text: str) -> str:
    if not text:
        return ""
    if "\n" not in text:
        return f"/** {text} */\n"
    return (
        "/**\n"
        + textwrap.indent(text + "\n", " * ", lambda _: True).replace(" * \n", " *\n")
        + (" */\n")
    )


def _type(kind: Schema) -> str:
    """Say a field's type."""
    match kind:
        case {"$ref": str(where)}:
            return where.removeprefix(_REFERENCE)
        case {"anyOf": list(kinds)}:
            return " | ".join(_type(each) for each in kinds)
        case {"enum": list(members)}:
            return _choice(kind.get("title"), [json.dumps(each) for each in members])
        case {"type": list(types)}:
            return " | ".join(_type({**kind, "type": each}) for each in types)
        case _:
            return _single(kind)


def _choice(name: str | None, words: list[str]) -> str:
    """Say an enum by its name; one without a name by its words."""
    if name is None:
        return " | ".join(words)
    return f"{name} | null" if "null" in words else name


def _single(kind: Schema) -> str:
    """Say a type that is not made of alternatives; anything goes where none is stated."""
    match kind.get("type"):
        case "array":
            inner = _type(kind["items"])
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case "object":
            return f"Record<string, {_type(kind.get('additionalProperties', {}))}>"
        case "string":
            return _FORMATS.get(kind.get("format", ""), "string")
        case str(plain):
            return _PLAIN[plain]
        case _:
            return "unknown"


def _versions(versions: Mapping[str, int]) -> str:
    rows = "".join(f"  {json.dumps(name)}: {number},\n" for name, number in versions.items())
    return (
        "/** The present version (`v`) of each type of operation. */\n"
        f"export const VERSIONS = {{\n{rows}}} as const satisfies "
        f"Record<keyof {described.BODIES}, number>;\n"
    )


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(page(), encoding="utf-8")
