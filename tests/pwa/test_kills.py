"""A few real kills lose nothing, and what they are compared by sees what would be lost."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections import Counter

import pytest

from tests.pwa.kills import Ledger, compare

ROOT = pathlib.Path(__file__).parents[2]
TIMEOUT_S = 600
BEGUN, SAVED, UNHEARD = "begun", "saved", "unheard"


@pytest.mark.slow
def test_a_few_kills_lose_nothing_and_double_nothing() -> None:
    storm = subprocess.run(
        [sys.executable, "-m", "tests.pwa.kills", "--kills", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert "Nothing was lost, nothing is there twice." in storm.stdout


@pytest.mark.parametrize(
    ("arrived", "wrong"),
    [
        ([SAVED], []),
        ([SAVED, BEGUN], []),
        ([BEGUN], ["called saved, and missing: saved"]),
        ([SAVED, SAVED], ["there 2 times: saved"]),
        ([SAVED, UNHEARD], ["nobody did it: unheard"]),
    ],
)
def test_what_is_lost_doubled_or_nobodys_is_named(arrived: list[str], wrong: list[str]) -> None:
    ledger = Ledger(begun={BEGUN, SAVED}, saved={SAVED})
    assert compare(Counter(arrived), ledger) == wrong
