"""Pages of the reference, each written from the code that it is about.

The prose of a page is the `.md` beside this file; comments in it say where the code speaks.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterable
from typing import Final

_FOLDER: Final = pathlib.Path(__file__).parent


def filled(name: str, **parts: Iterable[str]) -> str:
    """Fill the places of a page.

    Args:
        name: the page's file.
        **parts: lines for each place; `field_sync` fills `<!-- field-sync -->`.
    """
    page = (_FOLDER / name).read_text(encoding="utf-8")
    for place, lines in parts.items():
        mark = f"<!-- {place.replace('_', '-')} -->"
        assert mark in page, mark
        page = page.replace(mark, "\n".join(lines).strip("\n"))
    return page
