"""Refusals: what the server and the handheld say when they will not do a thing, and why.

A `Refused` is expected, a bug is not.
Each subclass stands beside the function that raises it; this module only keeps the family.
Codes never change meaning; the words may.
"""

from __future__ import annotations

from typing import ClassVar

from schemas.base import Shape

FieldValue = str | int | float | bool | None | list[str]


class Words(Shape):
    """One sentence in both languages of the house."""

    en: str
    zh: str


class Problem(Shape):
    """The one error body (RFC 9457, `application/problem+json`)."""

    type: str
    title: str
    status: int
    code: str
    detail: Words
    fields: dict[str, FieldValue] = {}
    request_id: str = ""


class Refused(Exception):  # noqa: N818 - it is a refusal, not an error: the word of the trade
    """The request was understood and will not be done; the docstring says what to do."""

    code: ClassVar[str] = ""
    status: ClassVar[int] = 409
    en: ClassVar[str] = ""
    zh: ClassVar[str] = ""
    outcome: ClassVar[str] = "rejected"
    """What a pushed operation becomes when it meets this (a `schemas.sync.Status`)."""
    catalogue: ClassVar[dict[str, type[Refused]]] = {}

    def __init_subclass__(cls) -> None:
        """Enter the subclass in the catalogue; a code belongs to one class only."""
        super().__init_subclass__()
        assert all((cls.code, cls.en, cls.zh)), f"{cls.__name__} lacks a code or words"
        assert cls.code not in Refused.catalogue, f"code {cls.code} is taken"
        Refused.catalogue[cls.code] = cls

    def __init__(self, **fields: FieldValue) -> None:
        """Keep the fields that the sentences name.

        Args:
            **fields: values for the placeholders of `en` and `zh`, and what a program may need.
        """
        self.fields = fields
        super().__init__(self.en.format_map(_Lenient(fields)))

    @property
    def words(self) -> Words:
        """The sentence in both languages, with its numbers."""
        lenient = _Lenient(self.fields)
        return Words(en=self.en.format_map(lenient), zh=self.zh.format_map(lenient))

    def problem(self, *, request_id: str = "") -> Problem:
        """Shape the refusal for the wire."""
        return Problem(
            type=f"/refusals#{self.code}",
            title=type(self).__name__,
            status=self.status,
            code=self.code,
            detail=self.words,
            fields=self.fields,
            request_id=request_id,
        )


class _Lenient(dict[str, FieldValue]):
    """Leave a placeholder readable when its field was not given."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
