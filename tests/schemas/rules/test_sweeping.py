"""Windows give back what they hold, and a sweep answers as the exact rules do."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import flags, judging, meter_reading, suspicion, sweeping, usage, use_windows
from tests.makers import walks as make

USE = make.POLICY.use
FIRST_ON = dt.date(2024, 1, 15)
EVEN = (200, 190, 210, 205, 195, 202, 198, 207, 193, 201, 199, 204)
REGISTERS = st.builds(
    meter_reading.Register,
    st.integers(4, 6),
    st.integers(0, 2),
    st.sampled_from([Decimal(1), Decimal("0.001"), Decimal(80), Decimal("12.5")]),
)
QUALITIES = st.sampled_from([usage.Quality.actual] * 8 + list(usage.Quality))
USES = st.one_of(
    st.just(0), st.sampled_from([100, 105, 150, 160]), st.integers(0, 300), st.integers(0, 9_999)
)
DAYS = st.one_of(st.just(30), st.integers(0, 61))


@dataclasses.dataclass(frozen=True)
class History:
    """A meter's readings, and which of them are known to be wrong."""

    readings: list[judging.Past]
    register: meter_reading.Register
    doubted: frozenset[str]

    @property
    def packed(self) -> bytes:
        packed = use_windows.pack(self.readings, self.register, self.doubted)
        assert packed is not None
        return packed


@st.composite
def histories(draw: st.DrawFn, *, even: bool = False) -> History:
    """Draw readings in order: rolled over, doubted, estimated, explained, uneven in days."""
    register = draw(REGISTERS)
    range_steps = 10 ** (register.digits + register.decimals)
    base, on = draw(st.integers(0, range_steps - 1)), FIRST_ON
    count = draw(st.integers(1, 30))
    readings, doubted = [], set()
    for number in range(count):
        used = draw(st.integers(98, 102)) if even and number < count - 3 else draw(USES)
        value = (base + used) % range_steps
        on += dt.timedelta(days=draw(DAYS))
        quality = usage.Quality.actual if even else draw(QUALITIES)
        reasons = draw(st.frozensets(st.sampled_from(flags.Explanation), max_size=1))
        readings.append(
            judging.Past(f"R{number}", on, value * register.step, quality, explained=reasons)
        )
        if draw(st.integers(0, 9)) == 0:
            doubted.add(f"R{number}")
        else:
            base = value
    return History(readings, register, frozenset(doubted))


def swept(packed: bytes, use: suspicion.Use = USE) -> list[str]:
    """Sweep one window."""
    (answer,) = sweeping.sweep(use_windows.read(packed), use).tolist()
    return sweeping.codes_of(answer)


def of(uses: tuple[int, ...]) -> bytes:
    """Pack what an even meter used month by month."""
    value, on, register = 10_000, FIRST_ON, meter_reading.Register(6)
    readings = [judging.Past("R0", on, Decimal(value), usage.Quality.actual)]
    for number, used in enumerate(uses, start=1):
        value, on = value + used, on + dt.timedelta(days=30)
        readings.append(judging.Past(f"R{number}", on, Decimal(value), usage.Quality.actual))
    return History(readings, register, frozenset()).packed


@given(histories())
def test_a_window_gives_back_the_newest_cycles(history: History) -> None:
    window = use_windows.unpack(use_windows.read(history.packed)[0])
    cycles = judging.cycles_of(history.readings, history.register, history.doubted)
    assert list(window.cycles) == cycles[-len(window.cycles) :]
    assert window.explained == history.readings[-1].explained
    assert window.register == history.register
    dropped = cycles[: -len(window.cycles)]
    beyond = len(cycles) - use_windows.CYCLES
    # What lies within 24 cycles and is left out is doubted, with no ground of its own.
    assert all(one.used_kwh is None for one in dropped[max(beyond, 0) :])


@given(st.one_of(histories(), histories(even=True)), st.sampled_from([3.5, 1.0, 0.5]))
def test_a_sweep_answers_as_the_exact_rules_do(history: History, z_min: float) -> None:
    use = dataclasses.replace(USE, abnormal_z_min=z_min, abnormal_units_min=1, growth_share=1.01)
    window = use_windows.unpack(use_windows.read(history.packed)[0])
    exact = []
    if window.cycles[-1].quality is usage.Quality.actual:
        exact = [flag.code for flag in sweeping.judge(window, use)]
    assert swept(history.packed, use) == exact


@given(st.lists(histories(), min_size=1, max_size=4))
def test_a_block_answers_as_each_of_its_meters(several: list[History]) -> None:
    block = sweeping.sweep(use_windows.read(b"".join(one.packed for one in several)), USE)
    assert [sweeping.codes_of(one) for one in block.tolist()] == [
        swept(one.packed) for one in several
    ]


@pytest.mark.parametrize(
    ("uses", "codes"),
    [
        ((*EVEN, 206), []),
        ((*EVEN, 900), ["ER18"]),
        ((*EVEN, 12), ["ER19"]),
        ((*EVEN, 0), ["ER12"]),
        ((*EVEN, 0, 0, 0), ["ER13"]),
        ((*EVEN, 204), ["ER14"]),
        ((*EVEN[:7], 320, 330, 315), ["ER18", "ER22"]),
        ((*EVEN[:7], 320, 330, 315, 325), ["ER18"]),
        ((), []),
    ],
    ids=["usual", "high", "low", "stopped", "still", "copied", "growing", "still grown", "first"],
)
def test_each_rule_is_found(uses: tuple[int, ...], codes: list[str]) -> None:
    (answer,) = sweeping.sweep(use_windows.read(of(uses)), USE).tolist()
    assert sweeping.codes_of(answer) == codes
    assert [code for code in sweeping.CODES if answer & sweeping.bit_of(code)] == codes


@pytest.mark.parametrize(
    ("first", "codes"),
    [(300, ["ER18"]), (301, ["ER18", "ER22"])],
    ids=["at the share", "above it"],
)
def test_growth_at_its_share_is_decided_by_the_exact_rule(first: int, codes: list[str]) -> None:
    assert swept(of((*[200] * 7, first, 310, 320))) == codes


def test_the_sentence_of_growth_names_its_numbers() -> None:
    window = use_windows.unpack(use_windows.read(of((*EVEN[:7], 320, 330, 315)))[0])
    growth = sweeping.judge(window, USE)[-1]
    assert growth.en == "965 over 3 cycles against usual 600"


@pytest.mark.parametrize(
    "register",
    [meter_reading.Register(9, 3), meter_reading.Register(6, 0, Decimal("0.1234567890123456"))],
    ids=["use", "multiplier"],
)
def test_what_a_window_has_no_room_for_is_not_packed(register: meter_reading.Register) -> None:
    first = judging.Past("R0", FIRST_ON, Decimal(0), usage.Quality.actual)
    much = dataclasses.replace(first, id="R1", value=Decimal(900_000_000 % register.range))
    assert use_windows.pack([first, much], register) is None


def test_no_reading_makes_no_window_and_no_window_no_answer() -> None:
    assert use_windows.pack([], meter_reading.Register(5)) is None
    assert sweeping.sweep(np.zeros(0, use_windows.RECORD), USE).tolist() == []
