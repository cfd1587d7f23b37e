"""HTML for a page without script: whatever is not an element made here is escaped."""

from __future__ import annotations

import html
from typing import Final

_VOID: Final = frozenset({"br", "img", "meta"})


class Html(str):
    """Text that is HTML already; only `element` and `joined` make it."""

    __slots__ = ()


Child = str | int | None


def element(tag: str, *children: Child, **attributes: str) -> Html:
    """Make an element; a child that is no `Html` is text.

    Args:
        tag: its name.
        *children: what is in it; None is nothing.
        **attributes: its attributes; `class_` is written as `class`.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value, quote=True)}"'
        for name, value in attributes.items()
    )
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: Child) -> Html:
    """Join elements and text."""
    return Html("".join(map(_safe, children)))


def _safe(child: Child) -> str:
    if isinstance(child, Html):
        return child
    return "" if child is None else html.escape(str(child), quote=True)
