"""The rehearsed day: a short one loses nothing, and its proof sees what would be lost."""

from __future__ import annotations

import datetime as dt
import decimal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from schemas import evidence, readings, sync
from schemas.errors import Words
from tests.day import messages, proof

ROOT = Path(__file__).parents[1]
AT = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
DEVICE = "phone-1"
TIMEOUT_S = 400


@pytest.mark.slow
def test_a_short_day_loses_nothing_and_nothing_happens_twice(database_kind: str) -> None:
    day = subprocess.run(
        [sys.executable, "-m", "tests.day", "--quick", "--database", database_kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert day.returncode == 0, day.stdout + day.stderr
    assert "Nothing was lost, nothing happened twice." in day.stdout


def operation(n: int, *, type_: str = "task.note") -> messages.KeptOperation:
    wire = {"id": f"op-{n}", "n": n, "type": type_, "at": AT.isoformat()}
    return messages.KeptOperation(
        n=n,
        id=f"op-{n}",
        type=type_,
        subject="t1",
        status=sync.Status.APPLIED,
        code="",
        wire=msgspec.Raw(msgspec.json.encode(wire)),
    )


def receipt(n: int, *, status: sync.Status = sync.Status.APPLIED) -> sync.KeptReceipt:
    return sync.KeptReceipt(
        device_id=DEVICE,
        n=n,
        operation_id=f"op-{n}",
        type="task.note",
        subject_id="t1",
        status=status,
        code="applied",
        detail=Words(en="Applied.", zh="已生效。"),
        happened_at=AT,
        error_s=0.0,
        clock_suspect=False,
        received_at=AT,
        operation={"id": f"op-{n}", "n": n, "type": "task.note", "at": AT.isoformat()},
    )


def reading(reading_id: str) -> readings.Reading:
    return readings.Reading(
        id=reading_id,
        meter_id="m1",
        route_id="r1",
        stop_id="s1",
        reader_id="p1",
        read_at=AT,
        received_at=AT,
        total=decimal.Decimal(1),
        tariffs={},
        used_kwh=None,
        method=readings.Method.READ,
        quality=readings.Quality.ACTUAL,
        prompts=[],
        confirmed=[],
    )


def phone(
    *operations: messages.KeptOperation,
    said: int | None = None,
    differing: list[str] | None = None,
    slow_s: float = 0.0,
) -> proof.Phone:
    made = [messages.Made(n=each.n, id=each.id, type=each.type) for each in operations]
    return proof.Phone(
        login="lineman0101",
        slow_s=slow_s,
        made=made if said is None else made[:said],
        account=messages.Account(
            device_id=DEVICE,
            operations=list(operations),
            files=[],
            records=1,
            differing=differing or [],
        ),
    )


def found(
    *receipts: sync.KeptReceipt,
    taken: list[readings.Reading] | None = None,
    files: list[evidence.EvidenceFile] | None = None,
) -> proof.Found:
    return proof.Found(
        receipts=receipts, check_ins=[], readings=taken or [], moments=[], files=files or []
    )


def test_an_operation_without_a_receipt_is_seen() -> None:
    check = proof.settled_once([phone(operation(1), operation(2))], found(receipt(1)))

    assert not check.holds
    assert "lineman0101 2 task.note: 0 receipts" in check.detail


def test_an_operation_with_two_receipts_is_seen() -> None:
    assert not proof.settled_once([phone(operation(1))], found(receipt(1), receipt(1))).holds


def test_a_receipt_of_nobodys_operation_is_seen() -> None:
    assert not proof.settled_once([phone(operation(1))], found(receipt(1), receipt(2))).holds


def test_an_outcome_that_the_phone_does_not_know_is_seen() -> None:
    held = found(receipt(1, status=sync.Status.HELD))

    assert not proof.settled_once([phone(operation(1))], held).holds
    assert not proof.settled_well(held).holds


def test_an_act_that_a_phone_forgot_is_seen() -> None:
    assert not proof.kept_on_phones([phone(operation(1), operation(2), said=1)]).holds


@pytest.mark.parametrize("ids", [[], ["op-1", "op-1"], ["op-1", "op-9"]])
def test_an_effect_that_is_missing_doubled_or_of_nobody_is_seen(ids: list[str]) -> None:
    phones = [phone(operation(1, type_="reading.take"))]

    check = proof.effects_once(phones, found(taken=[reading(each) for each in ids]))

    assert not check.holds


def test_a_phone_that_differs_from_a_fresh_pull_is_seen() -> None:
    assert not proof.converged([phone(operation(1), differing=["crew:c1 task t1"])]).holds


def test_an_act_dated_by_a_slow_clock_is_seen() -> None:
    assert proof.dated_truly([phone(operation(1))], found(receipt(1))).holds
    assert not proof.dated_truly([phone(operation(1), slow_s=7_200)], found(receipt(1))).holds


def test_what_is_whole_holds() -> None:
    phones, server = [phone(operation(1))], found(receipt(1))

    assert proof.settled_once(phones, server).holds
    assert proof.settled_well(server).holds
    assert proof.kept_on_phones(phones).holds
    assert proof.converged(phones).holds
