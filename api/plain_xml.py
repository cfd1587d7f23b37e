"""XML from strangers: read element by element, without entities, within bounds.

A document type is refused, so that nothing can be declared, expanded or fetched; what is left of
XML is elements, attributes and text.
Names lose their namespace: a file is known by what stands in it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat
from xml.sax import saxutils

DEPTH_MAX: Final = 32
ELEMENTS_MAX: Final = 100_000
"""The most elements inside one that is asked for."""
_PIECE_BYTES: Final = 65_536
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class UnreadableXmlError(ValueError):
    """The bytes are no XML that is read here."""


@dataclasses.dataclass(slots=True)
class Element:
    """An element: its name, the line where it begins, and what stands in it."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Element] = dataclasses.field(default_factory=list)
    pieces: list[str] = dataclasses.field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without the blanks around it."""
        return "".join(self.pieces).strip()

    def all(self, name: str) -> list[Element]:
        """List its children of a name."""
        return [child for child in self.children if child.name == name]

    def find(self, *path: str) -> Element | None:
        """Find the first element at the end of a way down."""
        found: Element | None = self
        for name in path:
            found = None if found is None else next(iter(found.all(name)), None)
        return found


def elements(data: bytes, *, named: str) -> Iterator[Element]:
    """Read every element of a name, each with all that stands in it, in order.

    Args:
        data: the whole document.
        named: the name, without a namespace; one inside another belongs to the outer one.

    Raises:
        UnreadableXmlError: it is not well-formed, declares a document type, or nests without end.
    """
    gathered = _Gathered(named)
    for start in range(0, len(data), _PIECE_BYTES):
        gathered.feed(data[start : start + _PIECE_BYTES], is_last=False)
        yield from gathered.drain()
    gathered.feed(b"", is_last=True)
    yield from gathered.drain()


def written(text: str) -> str:
    """Write a text so that it can stand in an element or between quotes; no control does."""
    return saxutils.escape(_UNWRITABLE.sub("", text), {'"': "&quot;"})


class _Gathered:
    """What has been read of a document: finished elements, and the way down to the open one."""

    def __init__(self, named: str) -> None:
        self._named = named
        self._finished: list[Element] = []
        self._open: list[Element] = []
        self._depth = 0
        self._count = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise UnreadableXmlError(str(error)) from error

    def drain(self) -> list[Element]:
        finished, self._finished = self._finished, []
        return finished

    def _doctype(self, *_: object) -> None:
        message = "it declares a document type, and none is read here"
        raise UnreadableXmlError(message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            message = f"it nests deeper than {DEPTH_MAX}"
            raise UnreadableXmlError(message)
        local = name.rpartition(" ")[2]
        if not self._open and local != self._named:
            return
        self._count = self._count + 1 if self._open else 1
        if self._count > ELEMENTS_MAX:
            message = f"one {self._named} holds more than {ELEMENTS_MAX} elements"
            raise UnreadableXmlError(message)
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(local, self._parser.CurrentLineNumber, plain)
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        element = self._open.pop()
        if not self._open:
            self._finished.append(element)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)
