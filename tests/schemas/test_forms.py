"""Which acts a handheld may keep: the phone app holds them to the same forms by its own code."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest

from schemas.base import decode
from schemas.operations import OPERATIONS
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("forms"))
def test_an_act_has_its_form_where_the_vectors_say_so(case: vectors.Case) -> None:
    shape = OPERATIONS[case["type"]]
    body = json.dumps(_filled(case)).encode()
    if case["kept"]:
        decode(body, shape)
    else:
        with pytest.raises(msgspec.ValidationError):
            decode(body, shape)


def test_every_act_that_says_something_has_a_form() -> None:
    silent = {name for name, shape in OPERATIONS.items() if not msgspec.structs.fields(shape)}
    told = {case["type"] for case in vectors.load("forms")["cases"]}
    assert set(OPERATIONS) - silent <= told


def _filled(case: vectors.Case) -> vectors.Case:
    """Give a case's body, with as many letters in it as the case says."""
    body: vectors.Case = copy.deepcopy(case["body"])
    for path, chars in case.get("fill", {}).items():
        *above, field = path.split(".")
        place = body
        for name in above:
            place = place[name]
        place[field] = "x" * chars
    return body
