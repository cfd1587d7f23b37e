"""What an older app sent is read as what it is now; what it never was is refused."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import tasks, upgrades
from schemas.base import encode
from schemas.operations import OPERATIONS, version_of
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("upgrades"))
def test_a_body_is_read_as_it_is_now(case: vectors.Case) -> None:
    shape = upgrades.read(case["type"], case["v"], json.dumps(case["body"]).encode())
    assert type(shape) is OPERATIONS[case["type"]]
    assert json.loads(encode(shape)) == case["now"]


def test_every_older_version_has_its_step_and_its_story() -> None:
    older = {(name, v) for name in OPERATIONS for v in range(1, version_of(name))}
    assert older == set(upgrades.UPGRADES)
    assert older <= {(case["type"], case["v"]) for case in vectors.load("upgrades")["cases"]}


def test_an_older_version_is_held_to_the_shape_that_it_had() -> None:
    body = b'{"reason": "gate locked", "until": "2026-11-23T07:00:00Z"}'
    assert isinstance(upgrades.read("task.suspend", 2, body), tasks.Suspended)
    with pytest.raises(msgspec.ValidationError):
        upgrades.read("task.suspend", 1, body)


@given(st.text(max_size=2_000).filter(lambda text: "\x00" not in text))
def test_an_upgrade_loses_no_word(reason: str) -> None:
    now = upgrades.read("task.suspend", 1, encode({"reason": reason}))
    assert msgspec.to_builtins(now) == {"reason": reason, "until": None, "code": None}
