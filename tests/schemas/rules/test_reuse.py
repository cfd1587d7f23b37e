"""A photo used again: what the office is told, and where two may well be alike."""

from __future__ import annotations

import datetime as dt

import hypothesis
import pytest
from hypothesis import strategies as st

from schemas.rules import flags, reuse
from tests.makers import walks as make
from tests.schemas.rules import vectors

POLICY = make.POLICY.photos
IDS = st.text("abcM0123456789-", min_size=1, max_size=8)
CASES = st.builds(
    reuse.Case,
    meter_id=IDS,
    file_id=IDS,
    other_meter_id=IDS,
    other_file_id=IDS,
    other_on=st.none() | st.dates(),
    same_bytes=st.booleans(),
    dhash_distance=st.integers(0, 64),
    phash_distance=st.integers(0, 64),
)


@pytest.mark.parametrize("case", vectors.cases("reuse"))
def test_vectors(case: vectors.Case) -> None:
    on = case["other_on"]
    found = reuse.judge(
        reuse.Case(
            meter_id=case["meter_id"],
            file_id="later",
            other_meter_id=case["other_meter_id"],
            other_file_id="earlier",
            other_on=None if on is None else dt.date.fromisoformat(on),
            same_bytes=case["same_bytes"],
            dhash_distance=case["dhash_distance"],
            phash_distance=case["phash_distance"],
        ),
        POLICY,
    )
    assert (None if found is None else [found.code, found.en, found.zh]) == case["expect"]


@hypothesis.given(CASES)
def test_a_finding_names_both_files_and_the_other_meter(case: reuse.Case) -> None:
    found = reuse.judge(case, POLICY)
    alike_by_nature = case.meter_id == case.other_meter_id
    is_near = (
        case.dhash_distance <= POLICY.dhash_bits_max
        and case.phash_distance <= POLICY.phash_bits_max
    )
    assert (found is None) == (not case.same_bytes and (alike_by_nature or not is_near))
    if found is not None:
        assert found.severity is flags.Severity.review
        assert found.inputs["meter"] == case.other_meter_id
        assert (found.inputs["file_id"], found.inputs["other_file_id"]) == (
            case.file_id,
            case.other_file_id,
        )
        assert case.other_meter_id in found.en
        assert case.other_meter_id in found.zh
