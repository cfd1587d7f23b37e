"""The reference pages say what the code does; none is missing and none is stale."""

from __future__ import annotations

import string

import pytest

from schemas.errors import Refused
from tests.docs import reference


@pytest.mark.parametrize("name", reference.list_names())
def test_a_page_is_what_the_code_says(name: str) -> None:
    written = (reference.FOLDER / name).read_text(encoding="utf-8")
    assert written == reference.page(name), "run `python -m tests.docs.reference`"


def test_every_refusal_speaks_both_languages_and_says_what_to_do() -> None:
    reference.import_everything()
    assert len(Refused.catalogue) > 40
    for code, refused in Refused.catalogue.items():
        assert code == code.lower(), code
        assert refused.__doc__, code
        assert 400 <= refused.status < 600, code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.zh), code
        named = [set(_fields(words)) for words in (refused.en, refused.zh)]
        assert named[0] == named[1], f"{code}: both sentences name the same numbers"


def _fields(words: str) -> list[str]:
    """Name a sentence's numbers; `state_zh` is `state` in the other language."""
    names = [name for _, name, _, _ in string.Formatter().parse(words) if name]
    return [name.removesuffix("_zh").removesuffix("_en") for name in names]
