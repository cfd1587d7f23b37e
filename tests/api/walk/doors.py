"""A door: who may open it, whose things it leads to, and how one knocks."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from typing import Any, Final

import flask

from schemas.crews import Role
from tests.makers.neighbours import Names


class To(enum.Enum):
    """What a door leads to."""

    ONE = enum.auto()
    """One thing, named in the address, the query or the body: another's does not exist."""
    MANY = enum.auto()
    """A list, in which there is nothing of another's."""
    OWN = enum.auto()
    """What the caller's own district or person has one of; nobody's thing is named."""
    SAME = enum.auto()
    """What is the same for everybody who enters."""
    ANYBODY = enum.auto()
    """Something without a token; `why` says why that is right."""


@dataclasses.dataclass(frozen=True)
class Door:
    """A door: who may open it, and what it leads to.

    Each of the district may know of what is `shared`; what belongs to the `tree` is seen by those
    above, whichever of their districts they name; `anywhere` asks for no district.
    `found` says that a thing is there, and not in a state in which that can be done to it.
    `by` is who is shown a thing of their own there; the first of the table's roles otherwise.
    """

    method: str
    path: str
    roles: frozenset[Role]
    body: object = None
    to: To = To.ONE
    shared: bool = False
    tree: bool = False
    anywhere: bool = False
    found: int = 409
    by: Role | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    data: bytes | None = None
    why: str = ""

    def asked(self, names: Names) -> dict[str, Any]:
        """Write the request about somebody's things."""
        about = {"data": self.data} if self.body is None else {"json": _named(self.body, names)}
        headers = {key: value.format(**names) for key, value in self.headers.items()}
        return {
            "path": self.path.format(**names),
            "method": self.method,
            "headers": headers,
            **about,
        }

    def asked_by(self, verb: str) -> Door:
        """Give the same address, asked by another verb and by nothing else."""
        return dataclasses.replace(self, method=verb, headers={})

    @property
    def shown_to(self) -> Role:
        """Who is shown a thing of their own here."""
        return self.by or next(role for role in _BEFORE if role in self.roles)


_BEFORE: Final = (Role.ADMINISTRATOR, Role.LINEMAN)


def _named(value: object, names: Names) -> object:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return value.format(**names) if isinstance(value, str) else value


def every_door(app: flask.Flask) -> Iterator[tuple[str, str]]:
    """List every method of every address, but those that Flask answers by itself."""
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ())
        if getattr(rule, "provide_automatic_options", True):
            methods -= {"OPTIONS"}
        if "GET" in methods:
            methods -= {"HEAD"}
        yield from ((method, rule.rule) for method in methods)
