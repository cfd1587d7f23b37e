"""Cases and answers that every port of a rule must give: `schemas/vectors/*.json`."""

from __future__ import annotations

import datetime as dt
import json
import pathlib
from typing import Any

import pytest

import schemas

FOLDER = pathlib.Path(schemas.__file__).parent / "vectors"

Case = dict[str, Any]  # JSON as written; each test reads its own fields


def load(name: str) -> Case:
    """Read one vector file whole."""
    document: Case = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def cases(name: str, section: str = "cases") -> list[Any]:  # pytest's parameter sets are untyped
    """List the cases of one section, named for what they tell."""
    return [pytest.param(case, id=str(case["name"])) for case in load(name)[section]]


def at(text: str | None) -> dt.datetime | None:
    """Read an RFC 3339 instant."""
    return None if text is None else dt.datetime.fromisoformat(text)


def must_at(text: str) -> dt.datetime:
    """Read an RFC 3339 instant that is there."""
    return dt.datetime.fromisoformat(text)
