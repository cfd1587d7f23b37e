"""What work may be returned or suspended for: it reaches phones, and holds what they send."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from api import db
from api.promises import service as promises
from api.promises.service import rulebook
from api.tasks.models import Task
from schemas import promises as shapes
from schemas.rules.picking import ReasonFor
from schemas.rules.transitions import State
from tests.api.sync.conftest import Order
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.sync import Phone, changes

WORDS = "the owner has the key and comes at six"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
UNTIL = "2099-01-01T10:00:00Z"


def reasons_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = changes(answer, "district")[crews.DISTRICT]["reasons"]
    return listed


def choose(database: db.Database, policy: str) -> None:
    with database.unit_of_work() as session:
        choice = shapes.PolicyChoice(policy=policy, effective_from=LONG_AGO)
        promises.choose(session, act=make.of_office(), choice=choice)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> str:
    """Know a policy set for which words alone are enough for nothing; give its name."""
    usual = rulebook.SETS[rulebook.DEFAULT]
    policy = msgspec.structs.replace(usual, name="strict", own_words=[])
    monkeypatch.setattr(rulebook, "SETS", {**rulebook.SETS, policy.name: policy})
    return policy.name


def test_a_phone_gets_the_reasons_of_its_districts_policy_set(phone: Phone, order: Order) -> None:
    mine = order()
    answer = phone.sync()
    (told,) = reasons_of(answer)
    assert told["policy"] == rulebook.DEFAULT
    assert told["reasons"][0]["code"] == "no_access"
    assert told["reasons"][0]["words"]["zh"] == "无法进入现场"
    assert told["reasons"][0]["holds"] == ["arrive", "restore"]
    assert set(told["own_words"]) == set(ReasonFor)
    clocks = changes(answer, "task")[mine]["clocks"]
    assert {clock["policy"] for clock in clocks} == {rulebook.DEFAULT}


def test_reasons_that_stay_are_told_once(phone: Phone, order: Order) -> None:
    order()
    phone.sync()
    order()
    assert changes(phone.sync(), "district") == {}


def test_the_set_in_force_comes_first(phone: Phone, order: Order, database: db.Database) -> None:
    order()
    phone.sync()
    choose(database, "sgcc-2011")
    order()
    told = [each["policy"] for each in reasons_of(phone.sync())]
    assert told == ["sgcc-2011", rulebook.DEFAULT]


def test_what_a_file_says_anew_comes_with_the_next_work(
    phone: Phone, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    order()
    phone.sync()
    usual = rulebook.SETS[rulebook.DEFAULT]
    shorter = msgspec.structs.replace(usual, reasons=usual.reasons[:1])
    monkeypatch.setattr(rulebook, "SETS", {**rulebook.SETS, usual.name: shorter})
    order()
    (told,) = reasons_of(phone.sync())
    assert [each["code"] for each in told["reasons"]] == ["no_access"]


@pytest.mark.parametrize(
    ("set_", "body", "code"),
    [
        ("strict", {}, "reason-not-picked"),
        (rulebook.DEFAULT, {"code": "lunch"}, "reason-not-known"),
        (rulebook.DEFAULT, {"code": "customer_asked"}, "reason-lacks-end"),
    ],
)
@pytest.mark.usefixtures("strict")
def test_what_the_set_does_not_let_stand_is_refused_and_kept_for_the_office(
    phone: Phone, order: Order, database: db.Database, set_: str, body: dict[str, str], code: str
) -> None:
    choose(database, set_)
    mine = order(state=State.accepted)
    answer = phone.sync(phone.operation("task.suspend", mine, {"reason": WORDS, **body}))
    assert [each["code"] for each in answer["outcomes"]] == [code]
    with database.reading() as session:
        assert session.get_one(Task, (crews.DISTRICT, mine)).state == State.accepted


@pytest.mark.parametrize(
    ("set_", "body"),
    [
        ("strict", {"code": "no_access"}),
        (rulebook.DEFAULT, {}),
        (rulebook.DEFAULT, {"code": "customer_asked", "until": UNTIL}),
    ],
)
@pytest.mark.usefixtures("strict")
def test_what_the_set_lets_stand_is_applied(
    phone: Phone, order: Order, database: db.Database, set_: str, body: dict[str, str]
) -> None:
    choose(database, set_)
    mine = order(state=State.accepted)
    answer = phone.sync(phone.operation("task.suspend", mine, {"reason": WORDS, **body}))
    assert answer["outcomes"] == []
    with database.reading() as session:
        assert session.get_one(Task, (crews.DISTRICT, mine)).state == State.suspended
