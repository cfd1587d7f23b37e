"""How complaints are sorted: taxonomies as files, read and checked once at start."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from schemas import requests
from schemas.rules.requests import Kind

FOLDER: Final = pathlib.Path(__file__).parent.parent / "taxonomies"
DUTY: Final = "duty"
"""The post that answers for whatever nobody else does."""


class TaxonomyError(Exception):
    """One or more taxonomy files are wrong; each fault has a sentence in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_all(folder: pathlib.Path) -> Mapping[str, requests.Taxonomy]:
    """Read and check every taxonomy of a folder.

    Raises:
        TaxonomyError: at least one is wrong; every fault is told at once.
    """
    found: dict[str, requests.Taxonomy] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            taxonomy = msgspec.toml.decode(path.read_bytes(), type=requests.Taxonomy)
        except msgspec.DecodeError as error:
            problems.append(f"{path.name}: {error}")
            continue
        found[taxonomy.name] = taxonomy
        problems += [f"{path.name}: {fault}" for fault in _faults(taxonomy, path.stem)]
    if problems:
        raise TaxonomyError(problems)
    return MappingProxyType(found)


def in_force(on: dt.date) -> requests.Taxonomy:
    """Give the taxonomy by which complaints of a day are sorted: the newest that holds then."""
    newest = list_taxonomies()
    return next((each for each in newest if each.effective_from <= on), newest[-1])


def list_taxonomies() -> list[requests.Taxonomy]:
    """List every taxonomy, the newest first."""
    return sorted(TAXONOMIES.values(), key=lambda each: each.effective_from, reverse=True)


def _faults(taxonomy: requests.Taxonomy, stem: str) -> Iterator[str]:
    """Name what is wrong with a taxonomy."""
    if taxonomy.name != stem:
        yield f"it is named {taxonomy.name}; the file's name must say so"
    if DUTY not in taxonomy.posts:
        yield f"there is no post {DUTY}"
    codes = [each.code for each in taxonomy.classes] + [each.code for each in taxonomy.items]
    yield from (
        f"code {code} is there twice" for code in sorted(set(codes)) if codes.count(code) > 1
    )
    yield from _item_faults(taxonomy)
    asked = {str(kind) for kind in Kind if kind is not Kind.complaint}
    if set(taxonomy.kinds) != asked:
        yield f"kinds must be {', '.join(sorted(asked))}"
    for kind, post in taxonomy.kinds.items():
        if post not in taxonomy.posts:
            yield f"kind {kind}: post {post} is not listed"


def _item_faults(taxonomy: requests.Taxonomy) -> Iterator[str]:
    """Name what is wrong with the items of a taxonomy."""
    classes = {each.code for each in taxonomy.classes}
    for item in taxonomy.items:
        if item.class_code not in classes:
            yield f"item {item.code}: class {item.class_code} is not listed"
        if item.post not in taxonomy.posts:
            yield f"item {item.code}: post {item.post} is not listed"


TAXONOMIES: Final = read_all(FOLDER)
"""Every taxonomy by its name; a wrong file ends the start."""
