"""The dictionary's words stand in the code where it says so, and each names one thing."""

from __future__ import annotations

import collections
import enum
import importlib
import pkgutil
import re

import msgspec
import pytest

import api.models  # noqa: F401 - every table must be known
import schemas
from api import db
from field_sync import words
from schemas import tasks
from schemas.errors import Refused
from schemas.operations import OPERATIONS
from schemas.rules.transitions import State
from tests.docs import pages, reference

PAGE = pages.DOCS / "dictionary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| Word", "| State"))
]
CLAIMED = [row for row in ROWS if len(row) == 4]
STATES = {row[0].strip("`"): row[1] for row in ROWS if row[0].startswith("`")}
HAN = re.compile("[\u4e00-\u9fff]")
OTHER_WORDS = re.compile("变压器|片区|(?<!供电服务)区域(?!类别)|(?<!供电)区县")
"""What people also say for a transformer, a service area and a district."""


def names() -> dict[str, list[type]]:
    """Find every class of the contract by its name; some names stand in two modules."""
    found: dict[str, list[type]] = collections.defaultdict(list)
    for module in pkgutil.walk_packages(schemas.__path__, "schemas."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, type) and value.__module__ == module.name:
                found[name].append(value)
    return found


NAMES = names()


def stands(claim: str) -> bool:
    """Tell whether a name stands in the code."""
    first, _, rest = claim.partition(".")
    if claim in OPERATIONS:
        return True
    if first in {"api", "schemas", "field_sync"}:
        return _at_path(claim)
    if first in NAMES:
        return any(_has(found, rest) for found in NAMES[first])
    table = db.Base.metadata.tables.get(first)
    return table is not None and (not rest or rest in table.columns)


def _at_path(path: str) -> bool:
    module, _, name = path.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name) or bool(
            importlib.util.find_spec(path)
        )
    except ModuleNotFoundError:
        return False


def _has(found: type, name: str) -> bool:
    if issubclass(found, enum.Enum):
        return name in found.__members__
    return issubclass(found, msgspec.Struct) and name in found.__struct_fields__


@pytest.mark.parametrize("row", CLAIMED, ids=lambda row: row[0])
def test_a_word_stands_in_the_code_where_the_dictionary_says(row: list[str]) -> None:
    claims = re.findall("`([^`]+)`", row[3])
    assert claims
    assert [claim for claim in claims if not stands(claim)] == []


def test_a_name_that_is_nowhere_is_found_out() -> None:
    for wrong in (
        "lamps",
        "tasks.lamp",
        "Task.lamp",
        "Kind.lamp",
        "task.lamp",
        "schemas.tasks.Lamp",
    ):
        assert not stands(wrong), wrong


def test_each_word_names_one_thing_in_both_languages() -> None:
    for column in (0, 1):
        counted = collections.Counter(row[column] for row in ROWS)
        assert [word for word, count in counted.items() if count > 1] == []
    assert all(HAN.search(row[1]) for row in ROWS)


def test_the_office_and_the_handheld_call_a_state_by_its_word() -> None:
    assert {State(name): zh for name, zh in STATES.items()} == dict(tasks.STATE_ZH)
    assert {name: words.say(words.Lang.ZH, name) for name in STATES} == STATES


def test_a_refusal_calls_places_by_their_words() -> None:
    reference.import_everything()
    other = {code: OTHER_WORDS.findall(said.zh) for code, said in Refused.catalogue.items()}
    assert {code: found for code, found in other.items() if found} == {}


@pytest.mark.parametrize("said", ["变压器 T1", "灵山片区", "区域 a1", "区县 d1"])
def test_another_word_is_found_out(said: str) -> None:
    assert OTHER_WORDS.search(said)
