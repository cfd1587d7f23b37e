"""Both readers of a shape, msgspec and marshmallow, accept the same and give the same."""

from __future__ import annotations

import datetime as dt
import decimal

import marshmallow
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import checkins, evidence, operations, readings, repairs, tasks
from schemas.base import Shape, decode, encode
from schemas.form import form_of, shape_loaded

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,30}\Z")
EXACTS = st.decimals(
    min_value=-99_999, max_value=99_999, places=3, allow_nan=False, allow_infinity=False
)
REPORTS = st.builds(
    repairs.Report,
    key=IDS,
    channel=st.sampled_from(repairs.Channel),
    description=WORDS,
    contact=WORDS,
    urgency=st.integers(1, 5),
    reported_at=st.none() | st.datetimes(timezones=st.just(dt.UTC)),
)
READINGS = st.builds(
    readings.ReadingTaken,
    stop_id=IDS,
    total=EXACTS,
    tariffs=st.dictionaries(WORDS, EXACTS, max_size=3),
    method=st.sampled_from(readings.Method),
    confirmed=st.lists(WORDS, max_size=3),
)


@given(shape=REPORTS | READINGS)
def test_what_one_reader_writes_the_other_reads(shape: Shape) -> None:
    by_msgspec = decode(encode(shape), type(shape))
    by_marshmallow = shape_loaded(type(shape), msgspec.json.decode(encode(shape)))
    assert by_msgspec == by_marshmallow == shape


@given(shape=REPORTS | READINGS)
def test_what_marshmallow_dumps_msgspec_reads(shape: Shape) -> None:
    dumped = msgspec.json.encode(form_of(type(shape))().dump(shape))
    assert decode(dumped, type(shape)) == shape


@pytest.mark.parametrize("body", operations.OPERATIONS.values(), ids=operations.OPERATIONS.keys())
def test_every_operation_refuses_a_field_it_does_not_know(body: type[Shape]) -> None:
    with pytest.raises(marshmallow.ValidationError, match="surprise"):
        form_of(body)().load({"surprise": 1})
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"surprise": 1}', body)


BAD = [
    (tasks.Noted, {"text": "a\x00b"}),
    (tasks.Noted, {"text": ""}),
    (tasks.Noted, {"text": 5}),
    (tasks.Noted, {}),
    (readings.ReadingTaken, {"stop_id": "s", "total": "NaN"}),
    (readings.ReadingTaken, {"stop_id": "s", "total": "Infinity"}),
    (readings.ReadingTaken, {"stop_id": "s", "total": True}),
    (readings.ReadingTaken, {"stop_id": "../etc", "total": "1"}),
    (readings.ReadingSkipped, {"stop_id": "s", "code": "bored"}),
    (checkins.CheckIn, {"fix": {"lat_deg": 91, "lon_deg": 0}}),
    (checkins.CheckIn, {"fix": {"lat_deg": 20, "lon_deg": 110, "accuracy_m": -1}}),
    (evidence.Declared, {"sha256": "A" * 64, "size_bytes": 1, "media_type": "image/jpeg"}),
    (evidence.Declared, {"sha256": "a" * 64, "size_bytes": -1, "media_type": "image/jpeg"}),
    (repairs.Report, {"key": "k", "description": "d", "reported_at": "2026-01-01T00:00:00"}),
    (repairs.Report, {"key": "k", "description": "d", "urgency": 0}),
]


@pytest.mark.parametrize(("shape", "data"), BAD)
def test_both_readers_refuse_the_same_bad_input(
    shape: type[Shape], data: dict[str, object]
) -> None:
    with pytest.raises(marshmallow.ValidationError):
        form_of(shape)().load(data)
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode(data), shape)


def test_an_exact_number_keeps_its_digits() -> None:
    taken = shape_loaded(readings.ReadingTaken, {"stop_id": "s", "total": "18231.500"})
    assert taken.total == decimal.Decimal("18231.500")
    assert msgspec.json.decode(encode(taken))["total"] == "18231.500"
