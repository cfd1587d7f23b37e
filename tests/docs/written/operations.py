"""Writes the page of the operations: what a crew can send, and what may become of it."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect as types

from api.sync import catalogue
from schemas import places, sync, tasks
from schemas.base import Shape
from schemas.errors import Refused
from tests.docs import written

_RAISES: Final = re.compile(r"^    (\w+): (.+)$", re.MULTILINE)
_PARTS: Final = (
    places.Fix,
    places.Position,
    tasks.Material,
    tasks.TextAmended,
    tasks.PositionAmended,
)
"""Shapes that stand in a field of a body."""
_MERGED: Final = (
    "overtaken",
    "no-longer-yours",
    "work-counted",
    "others-on-site",
    "done-twice",
    "cancelled-meanwhile",
    "of-an-earlier-turn",
    "route-moved-on",
    "fields-merged",
)
_SYNC: Final = (
    "operation-duplicate",
    "operation-failed",
    "operation-unknown",
    "operation-unreadable",
    "sequence-fork",
    "waits-for-order",
    "waits-for-stop",
    "sequence-gap",
)


def page(note: str) -> str:
    """Write the page.

    Args:
        note: the line that says where the page comes from.
    """
    outcomes = _codes(Refused.catalogue[code] for code in (*_MERGED, *_SYNC))
    lines: list[str] = []
    for name, entry in catalogue.ENTRIES.items():
        about = (inspect.getdoc(entry.body) or "").partition(": ")[2]
        lines += ["", f"## `{name}`", "", _sentence(about), ""]
        if entry.version > 1:
            lines += [f"Version {entry.version} (`v`); older ones are brought up to it.", ""]
        lines += _fields(entry.body) or ["It has no fields."]
        refused = list(_refused_by(entry.apply))
        if refused:
            lines += ["", "It may be refused:", "", *_codes(*zip(*refused, strict=True))]
    for shape in _PARTS:
        lines += ["", f"## {shape.__name__}", "", _sentence(inspect.getdoc(shape) or ""), ""]
        lines += _fields(shape)
    return written.filled(
        "operations.md",
        note=[note],
        envelope=_fields(sync.Operation),
        outcomes=outcomes,
        operations=lines,
    )


def _codes(refused: Any, why: Any = None) -> list[str]:  # noqa: ANN401 - one column or two
    rows = list(refused)
    reasons = list(why) if why is not None else [each.en for each in rows]
    return [
        "| Outcome | Code | When |",
        "|---|---|---|",
        *(
            f"| {each.outcome} | [`{each.code}`](refusals.md#{each.code}) | {_sentence(reason)} |"
            for each, reason in zip(rows, reasons, strict=True)
        ),
    ]


def _refused_by(apply: Any) -> Iterator[tuple[type[Refused], str]]:  # noqa: ANN401 - any function
    """Read a service function's `Raises:`, and find the refusals that it names."""
    text = (inspect.getdoc(apply) or "").partition("Raises:")[2]
    by_name = {refused.__name__: refused for refused in Refused.catalogue.values()}
    for name, reason in _RAISES.findall(text):
        yield by_name[name], reason


def _fields(shape: type[Shape]) -> list[str]:
    info = types.type_info(shape)
    assert isinstance(info, types.StructType)
    if not info.fields:
        return []
    rows = [f"| `{each.name}` | {_kind(each.type)} | {_default(each)} |" for each in info.fields]
    return ["| Field | What it is | When it is left out |", "|---|---|---|", *rows]


def _default(field: types.Field) -> str:
    if field.required:
        return "required"
    if field.default is msgspec.NODEFAULT:
        return "empty"
    value = field.default
    shown = value.value if isinstance(value, enum.Enum) else value
    if isinstance(shown, msgspec.Raw):
        return f"`{bytes(shown).decode()}`"
    return "empty" if shown in ("", None) else f"`{shown}`"


def _kind(kind: types.Type) -> str:
    """Say in words what may stand in a field."""
    if isinstance(kind, types.Metadata):
        told = (kind.extra_json_schema or {}).get("description", "").rstrip(".")
        return f"{_kind(kind.type)}: {told}" if told else _kind(kind.type)
    if isinstance(kind, types.UnionType):
        inner = [each for each in kind.types if not isinstance(each, types.NoneType)]
        return ", or ".join(_kind(each) for each in inner) + ", or null"
    if isinstance(kind, types.IntType | types.FloatType):
        return _number(kind)
    return _PLAIN.get(type(kind)) or _made_of(kind)


def _made_of(kind: types.Type) -> str:
    match kind:
        case types.EnumType():
            return ", ".join(f"`{member.value}`" for member in kind.cls)
        case types.StructType():
            return f"[{kind.cls.__name__}](#{kind.cls.__name__.lower()})"
        case types.ListType():
            return f"list of {_kind(kind.item_type)}"
        case types.DictType():
            return f"{_kind(kind.value_type)}, by name"
        case types.StrType():
            return "text" + (f", at most {kind.max_length}" if kind.max_length else "")
        case _:
            message = f"no words for {kind}"
            raise TypeError(message)


def _number(kind: types.IntType | types.FloatType) -> str:
    name = "whole number" if isinstance(kind, types.IntType) else "number"
    bounds = [(kind.ge, "from"), (kind.gt, "above"), (kind.le, "to")]
    told = [f"{word} {int(value):,}" for value, word in bounds if value is not None]
    return " ".join([name, *told])


def _sentence(text: str) -> str:
    told = " ".join(text.split())
    return told[:1].upper() + told[1:].rstrip(".") + "."


_PLAIN: Final[dict[type[types.Type], str]] = {
    types.BoolType: "true or false",
    types.DateTimeType: "instant",
    types.DecimalType: "exact number",
    types.RawType: "the fields below",
}
