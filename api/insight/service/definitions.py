"""The figures that this server knows: data, read and checked once at start."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from api.errors import NotFound
from api.insight import store
from schemas.figures import Definition, Measure, Rows

FILE: Final = pathlib.Path(__file__).parent.parent / "figures.toml"


class DefinitionError(Exception):
    """A definition is wrong; each fault has a sentence in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read(text: str) -> Mapping[str, Definition]:
    """Read definitions.

    Raises:
        DefinitionError: one of them is wrong.
    """
    known: dict[str, Definition] = {}
    problems: list[str] = []
    for code, written in tomllib.loads(text).items():
        try:
            known[code] = _definition(code, written)
        except msgspec.ValidationError as error:
            problems.append(f"{code}: {error}")
            continue
        problems += [f"{code}: {fault}" for fault in _faults(known[code])]
    if problems:
        raise DefinitionError(problems)
    return known


def get(code: str) -> Definition:
    """Get a figure's definition.

    Raises:
        NotFound: there is no such figure.
    """
    if code not in ALL:
        raise NotFound(what="figure", id=code)
    return ALL[code]


def _definition(code: str, written: dict[str, Any]) -> Definition:
    shape = msgspec.convert({**written, "code": code}, Definition)
    return msgspec.structs.replace(shape, by=list(store.DIMENSIONS[shape.rows]))


def _faults(definition: Definition) -> Iterator[str]:
    inside, outside = set(definition.denominator), set(definition.undecided)
    if not set(definition.numerator) <= inside:
        yield "the numerator counts what the denominator does not"
    if inside & outside:
        yield "what is undecided cannot be in the denominator"
    if not inside:
        yield "the denominator counts nothing"
    if (definition.rows is Rows.clocks) != (definition.kind is not None):
        yield "a kind of promise goes with clocks, and with nothing else"
    if definition.measure is Measure.mean and definition.numerator != definition.denominator:
        yield "a mean is over all rows of its denominator"


ALL: Final = read(FILE.read_text("utf-8"))
"""Every figure by its code, in the order of the file."""
