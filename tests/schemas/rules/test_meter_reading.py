from __future__ import annotations

import datetime as dt
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import flags, meter_reading
from tests.schemas.rules import vectors

Decimal = decimal.Decimal
REGISTERS = st.builds(
    meter_reading.Register,
    digits=st.integers(1, 12),
    decimals=st.integers(0, 3),
    multiplier=st.sampled_from([Decimal(1), Decimal(60), Decimal("0.1")]),
)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def values(register: meter_reading.Register) -> st.SearchStrategy[Decimal]:
    return st.integers(0, int(register.range / register.step) - 1).map(
        lambda steps: steps * register.step
    )


def known(fields: vectors.Case) -> meter_reading.Known:
    return meter_reading.Known(
        previous=number(fields["previous"]),
        previous_on=fields["previous_on"] and dt.date.fromisoformat(fields["previous_on"]),
        typical_kwh=number(fields["typical_kwh"]),
        low_kwh=number(fields["low_kwh"]),
        high_kwh=number(fields["high_kwh"]),
        active=fields["active"],
        explained=frozenset(map(flags.Explanation, fields["explained"])),
    )


def display(fields: vectors.Case) -> meter_reading.Register:
    return meter_reading.Register(
        fields["digits"], fields["decimals"], Decimal(fields["multiplier"])
    )


def neighbour(fields: vectors.Case) -> meter_reading.Neighbour:
    return meter_reading.Neighbour(
        fields["serial"],
        display(fields["register"]),
        known(fields["known"]),
        Decimal(fields["total"]),
    )


@pytest.mark.parametrize("case", vectors.cases("meter_reading", "faults"))
def test_a_value_fits_its_register_as_the_vectors_say(case: vectors.Case) -> None:
    register = meter_reading.Register(case["digits"], case["decimals"])
    assert meter_reading.fault(Decimal(case["value"]), register) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("meter_reading", "advances"))
def test_a_register_advances_as_the_vectors_say(case: vectors.Case) -> None:
    register = meter_reading.Register(case["digits"], case["decimals"], Decimal(case["multiplier"]))
    moved = meter_reading.advance(
        Decimal(case["previous"]),
        Decimal(case["current"]),
        register,
        typical_kwh=number(case["typical_kwh"]),
    )
    expected = case["expect"]
    assert moved == meter_reading.Advance(
        Decimal(expected["units"]),
        Decimal(expected["used_kwh"]),
        expected["rolled_over"],
        expected["plausible"],
    )


@pytest.mark.parametrize("case", vectors.cases("meter_reading"))
def test_a_reader_is_asked_what_the_vectors_say(case: vectors.Case) -> None:
    prompts = meter_reading.check(
        Decimal(case["total"]),
        {name: Decimal(value) for name, value in case["tariffs"].items()},
        known(case["known"]),
        display(case["register"]),
        neighbours=map(neighbour, case.get("neighbours", [])),
    )
    asked = [{"code": prompt.code, "numbers": dict(prompt.numbers)} for prompt in prompts]
    assert asked == case["expect"]


@given(REGISTERS, st.data())
def test_an_advance_brings_the_register_to_its_value(
    register: meter_reading.Register, data: st.DataObject
) -> None:
    previous, current = data.draw(values(register)), data.draw(values(register))
    moved = meter_reading.advance(previous, current, register)
    assert 0 <= moved.units < register.range
    assert (previous + moved.units) % register.range == current
    assert moved.used_kwh == moved.units * register.multiplier
    assert moved.rolled_over is (current < previous)


@given(REGISTERS, st.data())
def test_an_exchange_of_digits_undoes_itself(
    register: meter_reading.Register, data: st.DataObject
) -> None:
    value = data.draw(values(register))
    for other in meter_reading.exchanged(value, register):
        assert meter_reading.fault(other, register) is None
        assert value in meter_reading.exchanged(other, register)


@pytest.mark.parametrize(
    ("read", "left"), [(["peak"], ("valley",)), (["valley", "peak"], ()), ([], ())]
)
def test_parts_of_the_whole_that_were_left_out_are_named(
    read: list[str], left: tuple[str, ...]
) -> None:
    assert meter_reading.unread(read, [meter_reading.TOTAL, "peak", "valley"]) == left


@given(st.data())
def test_no_prompt_tells_what_the_reader_should_find(data: st.DataObject) -> None:
    register = meter_reading.Register(5)
    secrets = [Decimal("7701.117"), Decimal("7702.117"), Decimal("7703.117")]
    known = meter_reading.Known(
        previous=data.draw(values(register)),
        previous_on=dt.date(2026, 4, 30),
        typical_kwh=secrets[1],
        low_kwh=secrets[0],
        high_kwh=secrets[2],
        active=True,
    )
    tariffs = {"peak": data.draw(values(register))}
    for prompt in meter_reading.check(data.draw(values(register)), tariffs, known, register):
        told = prompt.en + prompt.zh + "".join(prompt.numbers.values())
        assert not any(flags.shown(secret) in told for secret in secrets)
        assert "{" not in told
