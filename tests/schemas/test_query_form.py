"""A query string is text; its shape is as strict as any other."""

from __future__ import annotations

from typing import Annotated

import marshmallow as ma
import pytest
from msgspec import Meta
from werkzeug.datastructures import MultiDict

from schemas import form
from schemas.base import Shape


class Question(Shape):
    """A query of every plain kind."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    late: bool | None = None
    name: str | None = None


def ask(**texts: str) -> Shape:
    loaded = form.query_form_of(Question)().load(MultiDict(texts))
    assert isinstance(loaded, Question)
    return loaded


def test_numbers_and_truths_are_read_from_text() -> None:
    assert ask(limit="5", late="true", name="7") == Question(limit=5, late=True, name="7")


@pytest.mark.parametrize(
    "texts", [{"limit": "5.0"}, {"limit": "0"}, {"limit": ""}, {"late": "1"}, {"other": "x"}]
)
def test_what_is_not_meant_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(ma.ValidationError):
        ask(**texts)
