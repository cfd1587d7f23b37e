from __future__ import annotations

import datetime as dt

import pytest

from api import db
from api.evidence.models import EvidenceFile
from api.promises import service as promised
from api.tasks.models import Message
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews, evidence, promises
from tests.makers.supervision import DONE, Desk, minute, pass_time

WORDS = "the road over the dam was closed by the police until nine"
PERIOD = {"from_at": minute(0).isoformat(), "until_at": minute(24 * 60).isoformat()}


def arrive_late(database: db.Database) -> None:
    """Let the crew arrive at minute 60."""
    with database.unit_of_work() as session:
        late = promises.act(at=minute(60))
        promised.prove(session, act=late, subject_id="order-1", event="arrive")


def photo(database: db.Database) -> str:
    """Declare a photo of the order and give its id."""
    with database.unit_of_work() as session:
        evidence.declare(session, task_id="order-1")
        return str(session.query(EvidenceFile).one().id)


def test_a_case_closes_only_with_what_was_done(
    office: Desk, case_id: str, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(70))
    path = f"/v1/supervision/{case_id}/close"
    assert office.refused(path, done="处理中") == (422, "reason-not-concrete")
    assert office.refused(path, done=DONE) == (409, "still-overdue")
    arrive_late(database)
    closed = office.done(path, done=DONE)
    assert (closed["state"], closed["done"], closed["closed_by"]) == (
        "closed",
        DONE,
        "supervisor-d1",
    )
    assert closed["moments"][-1]["zh"] == f"办结：{DONE}。"
    assert office.refused(path, done=DONE) == (409, "case-settled")
    counted = office.get("/v1/supervision/points", by="crew", **PERIOD)["items"]
    assert counted == [{"id": "crew-1", "cases": 1, "points": 1}]


def test_evidence_that_comes_after_the_end_clears_a_closed_case(
    office: Desk, case_id: str, database: db.Database
) -> None:
    arrive_late(database)
    office.done(f"/v1/supervision/{case_id}/close", done=DONE)
    with database.unit_of_work() as session:
        proof = promises.act(at=minute(38), heard_at=minute(200))
        promised.prove(session, act=proof, subject_id="order-1", event="arrive")
    assert office.get(f"/v1/supervision/{case_id}")["state"] == "cleared"
    assert office.get("/v1/supervision/points", by="crew", **PERIOD)["items"] == []


def test_an_upheld_appeal_excuses_the_case(
    office: Desk,
    case_id: str,
    database: db.Database,
    sign_in: crews.SignIn,
    clock: HandClock,
) -> None:
    clock.set(minute(70))
    dispatcher = office.other(sign_in, Role.DISPATCHER)
    made = dispatcher.done(
        f"/v1/supervision/{case_id}/appeals",
        ground="not_our_liability",
        words=WORDS,
        evidence_id=photo(database),
    )
    decided = office.done(
        f"/v1/supervision/{case_id}/appeals/{made['id']}/decision",
        upheld=True,
        words="the police confirm the hour",
    )
    pass_time(database, 46 + 30 * 24 * 60)

    case = office.get(f"/v1/supervision/{case_id}")
    assert (case["state"], case["level"], case["climbs_at"]) == ("excused", "district", None)
    assert case["appeals"] == [decided]
    assert (decided["state"], decided["made_by"], decided["decided_by"]) == (
        "upheld",
        "dispatcher-d1",
        "supervisor-d1",
    )
    told = [(each["event"], each["by"]) for each in case["moments"]]
    assert told == [
        ("opened", "job:flag_overdue"),
        ("appealed", "dispatcher-d1"),
        ("upheld", "supervisor-d1"),
    ]
    assert office.get("/v1/supervision/points", by="crew", **PERIOD)["items"] == []
    again = office.refused(f"/v1/supervision/{case_id}/appeals", ground="not_true", words=WORDS)
    assert again == (409, "case-settled")


def test_a_rejected_appeal_leaves_the_case_as_it_was(office: Desk, case_id: str) -> None:
    boss = f"/v1/supervision/{case_id}/appeals"
    made = office.done(boss, ground="not_true", words=WORDS)
    assert office.get(f"/v1/supervision/{case_id}")["state"] == "open"
    assert made["state"] == "pending"


@pytest.mark.parametrize("state", ["upheld", "rejected"])
def test_nobody_decides_on_their_own_appeal(
    office: Desk, case_id: str, sign_in: crews.SignIn, state: str
) -> None:
    made = office.done(f"/v1/supervision/{case_id}/appeals", ground="not_true", words=WORDS)
    path = f"/v1/supervision/{case_id}/appeals/{made['id']}/decision"
    decision = {"upheld": state == "upheld", "words": "the log of the barrier says so"}
    assert office.refused(path, **decision) == (403, "own-appeal")

    mate = office.other(sign_in, Role.SUPERVISOR, person_id="mate", crew_id="crew-1")
    assert mate.refused(path, **decision) == (403, "own-appeal")
    other = office.other(sign_in, Role.ADMINISTRATOR)
    assert other.refused(path, **{**decision, "words": "忙"})[1] == "reason-not-concrete"
    assert other.done(path, **decision)["state"] == state
    assert other.refused(path, **decision) == (409, "appeal-decided")
    stands = office.get(f"/v1/supervision/{case_id}")["state"]
    assert stands == ("excused" if state == "upheld" else "open")


def test_one_appeal_waits_at_a_time_and_holds_the_end(
    office: Desk, case_id: str, database: db.Database
) -> None:
    arrive_late(database)
    path = f"/v1/supervision/{case_id}/appeals"
    assert office.refused(path, ground="not_true", words="忙") == (422, "reason-not-concrete")
    nowhere = office.refused(path, ground="not_true", words=WORDS, evidence_id="none")
    assert nowhere == (404, "not-found")
    office.done(path, ground="not_true", words=WORDS)
    assert office.refused(path, ground="not_true", words=WORDS) == (409, "appeal-pending")
    assert office.refused(f"/v1/supervision/{case_id}/close", done=DONE) == (409, "appeal-pending")
    gone = office.refused(f"{path}/none/decision", upheld=True, words=WORDS)
    assert gone == (404, "not-found")


def test_a_corrective_action_has_an_owner_a_day_and_an_end(
    office: Desk, case_id: str, database: db.Database, clock: HandClock
) -> None:
    clock.set(minute(70))
    path = f"/v1/supervision/{case_id}/actions"
    action = {"what": "spare fuses into every van", "owner_id": "li", "due_on": "2026-11-25"}
    made = office.done(path, **action)
    assert made["due_at"] == "2026-11-25T15:59:59.000000Z"
    assert (made["overdue"], made["subject_id"]) == (False, "order-1")

    clock.set(dt.datetime(2026, 11, 25, 16, 0, tzinfo=dt.UTC))
    (late,) = office.get("/v1/actions", standing="overdue", owner_id="li")["items"]
    assert (late["id"], late["overdue"]) == (made["id"], True)
    done = office.done(
        f"/v1/actions/{made['id']}/done",
        words="fuses handed out to all seven vans",
        evidence_id=photo(database),
    )
    assert (done["overdue"], done["done_by"]) == (False, "supervisor-d1")
    assert office.get("/v1/actions", standing="overdue")["items"] == []
    assert office.get("/v1/actions", standing="open")["items"] == []
    assert office.get("/v1/actions", standing="done", subject_id="order-1")["items"] == [done]
    case = office.get(f"/v1/supervision/{case_id}")
    assert case["actions"] == [done]
    assert [each["event"] for each in case["moments"]] == ["opened", "action_set", "action_done"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"due_on": "2026-11-22"}, (422, "due-in-past")),
        ({"owner_id": "nobody"}, (404, "not-found")),
        ({"owner_id": "gone"}, (409, "owner-gone")),
        ({"what": "处理"}, (422, "reason-not-concrete")),
    ],
)
def test_a_wrong_action_is_refused(
    office: Desk,
    case_id: str,
    database: db.Database,
    change: dict[str, str],
    refusal: tuple[int, str],
) -> None:
    with database.unit_of_work() as session:
        crews.person(session, person_id="gone").left_at = minute(0)
    action = {"what": "spare fuses into every van", "owner_id": "li", "due_on": "2026-11-25"}
    assert office.refused(f"/v1/supervision/{case_id}/actions", **action | change) == refusal


def test_an_action_is_done_once_and_shown_by_a_file_that_is_there(
    office: Desk, case_id: str
) -> None:
    action = {"what": "spare fuses into every van", "owner_id": "li", "due_on": "2026-11-25"}
    made = office.done(f"/v1/supervision/{case_id}/actions", **action)
    path = f"/v1/actions/{made['id']}/done"
    words = "fuses handed out to all seven vans"
    assert office.refused(path, words=words, evidence_id="none") == (404, "not-found")
    assert office.get("/v1/actions", standing="open")["items"] == [made]
    assert office.refused(path, words="忙") == (422, "reason-not-concrete")
    office.done(path, words=words)
    assert office.refused(path, words=words) == (409, "action-done")
    assert office.refused("/v1/actions/none/done", words=words) == (404, "not-found")


def test_a_list_of_actions_goes_on_where_its_page_ended(office: Desk, case_id: str) -> None:
    action = {"what": "spare fuses into every van", "owner_id": "li"}
    for day in (25, 26, 27):
        office.done(f"/v1/supervision/{case_id}/actions", **action, due_on=f"2026-11-{day}")
    first = office.get("/v1/actions", limit=2)
    rest = office.get("/v1/actions", limit=2, after=first["next"])
    days = [each["due_on"] for each in [*first["items"], *rest["items"]]]
    assert (days, rest["next"]) == (["2026-11-25", "2026-11-26", "2026-11-27"], None)


def test_a_chase_is_on_the_order_in_the_case_and_on_the_phone(
    office: Desk, case_id: str, database: db.Database, sign_in: crews.SignIn
) -> None:
    words = "the customer called again: the shop is dark"
    caller = office.other(sign_in, Role.INTEGRATION)
    caller.done("/v1/tasks/order-1/chase", words=words)

    moment = office.get("/v1/tasks/order-1/timeline")["items"][-1]
    assert (moment["event"], moment["detail"]) == ("chase", {"words": words})
    record = office.get(f"/v1/supervision/{case_id}")["moments"]
    assert ("chased", words) in {(each["event"], each["remark"]) for each in record}
    with database.reading() as session:
        told = [(each.kind, each.crew_id) for each in session.query(Message)]
    assert told == [("chased", "crew-1")]
    assert office.get("/v1/tasks/order-1/verify")["intact"] is True


def test_what_is_settled_is_not_chased(office: Desk) -> None:
    office.done("/v1/tasks/order-1/cancel", reason="the customer found his own fuse")
    refused = office.refused("/v1/tasks/order-1/chase", words="and now?")
    assert refused == (409, "already-settled")
    assert office.refused("/v1/tasks/none/chase", words="and now?") == (404, "not-found")
