"""One phone with ten thousand operations has its turns between the others', not before them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import flask
import pytest

from schemas import sync
from schemas.crews import Role
from tests.api.sync.conftest import Order
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone

WAITING = 10_000
TURNS_MAX = 3
"""Pushes of the big phone that a small one may wait for: the one under way, and bad luck."""
SLACK_S = 1.0


@pytest.fixture
def phone_of(
    app: flask.Flask, sign_in: crews.SignIn, clock: HandClock
) -> Callable[[str, str], Phone]:
    """Give people their phones, each with a client of its own."""

    def made(person_id: str, crew_id: str) -> Phone:
        headers = sign_in(Role.LINEMAN, person_id=person_id, crew_id=crew_id)
        return Phone(app.test_client(), headers, clock)

    return made


def timed(phone: Phone, operations: Sequence[bytes]) -> float:
    """Tell how many seconds a sync takes."""
    began = time.monotonic()
    phone.sync(*operations)
    return time.monotonic() - began


@pytest.mark.rule("S31")
@pytest.mark.slow
def test_small_phones_wait_for_a_push_of_a_big_one_and_never_for_all_of_it(
    phone_of: Callable[[str, str], Phone], order: Order
) -> None:
    big, small = phone_of("li", "crew-1"), phone_of("chen", "crew-2")
    big_order, small_order = order(), order(crew_id="crew-2")
    batches = [
        [big.operation("task.note", big_order, {"text": "a word"}) for _ in range(1_000)]
        for _ in range(WAITING // sync.OPERATIONS_MAX)
    ]
    pushes: list[float] = []
    done = threading.Event()

    def push_all() -> None:
        try:
            pushes.extend(timed(big, batch) for batch in batches)
        finally:
            done.set()

    pushing = threading.Thread(target=push_all)
    pushing.start()
    waits: list[float] = []
    for _ in range(200):
        if done.is_set():
            break
        note = small.operation("task.note", small_order, {"text": "another"})
        waits.append(timed(small, [note]))
        time.sleep(0.02)
    pushing.join()
    assert len(pushes) == len(batches)
    assert max(waits) <= TURNS_MAX * max(pushes) + SLACK_S
    assert max(waits) <= sum(pushes) / 2
