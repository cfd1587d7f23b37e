"""The pages of the documentation, taken apart: fenced blocks, and what stands between backticks."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterator
from typing import Final

ROOT: Final = pathlib.Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
_FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_SPAN: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_COMMENT: Final = re.compile(r"<!-- *((?:(?!-->).)*?) *-->\s*\Z", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the comment that stands right before it."""

    page: pathlib.Path
    line: int
    language: str
    text: str
    remark: str

    @property
    def name(self) -> str:
        """Name the block for a person."""
        return f"{name_of(self.page)}:{self.line}"


def list_pages() -> list[pathlib.Path]:
    """List every page that a person writes or reads here."""
    return [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def name_of(page: pathlib.Path) -> str:
    """Name a page by its path in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: pathlib.Path) -> Iterator[Block]:
    """List the fenced blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        before = text[: found.start()]
        comment = _COMMENT.search(before)
        yield Block(
            page=page,
            line=before.count("\n") + 1,
            language=found["language"],
            text=found["text"],
            remark=comment[1] if comment else "",
        )


def spans(page: pathlib.Path) -> Iterator[str]:
    """List what stands between single backticks outside fenced blocks."""
    return iter(_SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))))
