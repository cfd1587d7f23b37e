"""The wording of a message: a template with named places, some of them in parts that may go.

`{due}` is filled with what is known by that name. `[before {due}]` is left out whole where
something in it is not known; what is not always known stands only in such parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

_PLACE: Final = re.compile(r"\{([a-z_]*)\}")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")


def faults(template: str, *, always: AbstractSet[str], besides: AbstractSet[str]) -> Iterator[str]:
    """Name what is wrong with a template.

    Args:
        template: the wording.
        always: names that are always known.
        besides: names that may be unknown.
    """
    if not template.strip():
        yield "it says nothing"
    known = always | besides
    for name in _names(template) - known:
        yield f"{{{name}}} is no place; there are {', '.join(sorted(known))}"
    bare = _PART.sub("", template)
    for name in _names(bare) & (besides - always):
        yield f"{{{name}}} is not always known: put the words around it into [ ]"
    yield from (
        f"[{part}] has no place, so it never goes"
        for part in _PART.findall(template)
        if not _names(part)
    )
    rest = _PLACE.sub("", bare)
    if odd := sorted(set(rest) & set("[]{}")):
        yield f"{' '.join(odd)} stands alone"


def fill(template: str, known: Mapping[str, str]) -> str:
    """Fill a template that has no faults."""

    def part(found: re.Match[str]) -> str:
        names = _PLACE.findall(found[1])
        return found[1] if all(name in known for name in names) else ""

    return _PLACE.sub(lambda found: known[found[1]], _PART.sub(part, template))


def _names(template: str) -> AbstractSet[str]:
    return dict.fromkeys(_PLACE.findall(template)).keys()
