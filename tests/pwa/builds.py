"""Builds of the app: the one that was built, and the same under another name."""

from __future__ import annotations

import pathlib
import re
from typing import Final

NEXT: Final = "00000000beef"
"""How the other build is called."""
_PACKED: Final = (".br", ".gz")
_NAMED: Final = re.compile(r'name="build" content="([0-9a-f]{12})"')


def build_anew(folder: pathlib.Path) -> None:
    """Make a folder's build another one, as phones see it."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    named = _NAMED.search(page)
    assert named is not None, "the page tells its build"
    for name in ("index.html", "sw.js"):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert named[1] in text
        path.write_text(text.replace(named[1], NEXT), encoding="utf-8")
        for ending in _PACKED:
            path.with_name(name + ending).unlink(missing_ok=True)
