"""What a letter that cannot be applied says."""

from __future__ import annotations

import msgspec
import pytest

from api.sync import inbox
from schemas.base import encode

OPERATION = {
    "id": "op-1",
    "n": 1,
    "type": "task.accept",
    "subject": "task-1",
    "at": "2026-11-23T00:00:00Z",
    "mono_ms": 1,
    "boot": "boot-1",
}


@pytest.mark.parametrize(
    "other", [{"type": "lamp.light"}, {"v": 999}, {"body": {"strange": 1}}, {"at": "noon"}]
)
def test_a_letter_that_cannot_be_applied_says_why_without_gaps(other: dict[str, object]) -> None:
    (letter,) = inbox.open_letters([msgspec.Raw(encode({**OPERATION, **other}))])
    assert letter.refused is not None
    words = letter.refused.words
    assert "{" not in words.en + words.zh
