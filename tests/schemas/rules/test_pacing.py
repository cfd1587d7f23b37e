from __future__ import annotations

import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import pacing
from tests.schemas.rules import vectors

PHONES = [str(uuid.UUID(int=0x0193_5A2E_7C00_7000_8000_0000_0000_0000 + n)) for n in range(5_000)]
SYNC_S = 0.05
"""What one morning sync costs the model's server: 20 a second, a slow machine."""


@pytest.mark.parametrize("case", vectors.cases("pacing", "places"))
def test_a_device_has_the_place_that_the_vectors_say(case: vectors.Case) -> None:
    device_id, tolerance_s = case["device_id"], vectors.load("pacing")["tolerance_s"]
    assert pacing.place(device_id) == pytest.approx(case["place"], abs=1e-12)
    told = [
        pacing.wake_delay_s(device_id),
        *(pacing.next_in_s(device_id, load=load) for load in (0, 0.5, 1)),
    ]
    names = ("wake_delay_s", "next_in_s_idle", "next_in_s_half", "next_in_s_full")
    assert told == pytest.approx([case[name] for name in names], abs=tolerance_s)


@pytest.mark.parametrize("case", vectors.cases("pacing", "batches"))
def test_a_batch_grows_and_shrinks_as_the_vectors_say(case: vectors.Case) -> None:
    wanted = pacing.next_batch(
        sent=case["sent"],
        took_s=case["took_s"],
        batch=case["batch"],
        batch_max=case["batch_max"],
    )
    assert wanted == case["expect"]


@pytest.mark.rule("H14")
def test_five_thousand_phones_that_wake_at_eight_are_never_a_crowd() -> None:
    arrivals = sorted(pacing.wake_delay_s(phone) for phone in PHONES)
    assert max(Counter(map(int, arrivals)).values()) <= 25
    free_at, waits = 0.0, []
    for arrival in arrivals:
        free_at = max(free_at, arrival) + SYNC_S
        waits.append(free_at - arrival)
    assert free_at <= pacing.WAKE_WINDOW_S + 1
    assert max(waits) <= 1


def test_phones_that_wait_for_news_drift_apart() -> None:
    periods = [pacing.next_in_s(phone, load=0) for phone in PHONES]
    assert sum(periods) / len(periods) == pytest.approx(pacing.QUIET_S, rel=0.01)
    assert max(Counter(map(int, periods)).values()) <= 2 * len(PHONES) / 30


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_busier_server_is_asked_less_often(device_id: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert pacing.next_in_s(device_id, load=low) <= pacing.next_in_s(device_id, load=high)
    assert 0 <= pacing.place(device_id) < 1


@given(st.integers(1, 1_000), st.floats(0, 600), st.integers(1, 1_000))
def test_a_batch_never_leaves_its_limits(sent: int, took_s: float, batch: int) -> None:
    sent = min(sent, batch)
    wanted = pacing.next_batch(sent=sent, took_s=took_s, batch=batch, batch_max=1_000)
    assert 1 <= wanted <= 1_000
    assert wanted <= batch or took_s < pacing.EXCHANGE_S
    assert 1 <= pacing.batch_after_silence(sent=sent, took_s=took_s, batch=batch) <= batch
    assert 1 <= pacing.batch_after_too_large(sent=sent) <= max(sent - 1, 1)


def test_a_push_that_failed_at_once_says_nothing_of_its_size() -> None:
    assert pacing.batch_after_silence(sent=800, took_s=0.2, batch=1_000) == 1_000
    assert pacing.batch_after_silence(sent=800, took_s=30, batch=1_000) == 400
