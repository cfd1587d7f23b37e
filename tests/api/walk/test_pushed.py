"""What a phone pushes about another's work reaches nothing of it, whichever operation it is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from schemas.operations import OPERATIONS
from tests.api.walk.conftest import Grounds, Walker
from tests.conftest import HandClock
from tests.makers import evidence as files
from tests.makers import neighbours
from tests.makers.neighbours import REASON, Names, Owner
from tests.makers.sync import Phone

Body = Mapping[str, object]
TELLS_OF_THE_PUSH = {"device_contacts", "device_ledgers", "devices", "held_operations", "receipts"}
"""What a contact leaves of itself, in the names of who pushed."""

NEVER_OF_OWN_WORK = {
    "not-found",
    "operation-failed",
    "operation-unknown",
    "operation-unreadable",
    "waits-for-order",
}


def bodies(names: Names) -> dict[str, Body]:
    """Write the body of each operation about somebody's work."""
    content = b"another picture"
    about_stop = {"stop_id": names["stop"]}
    soon = {"due_at": "2026-11-23T06:00:00Z", "words": "by two"}
    agreed = {"consent": {"name": "Li"}, "why": REASON}
    declared = {"sha256": files.sha256(content), "size_bytes": len(content)}
    return {
        "task.accept": {},
        "task.set_out": {},
        "task.start": {},
        "task.return": {"reason": REASON},
        "task.suspend": {"reason": REASON},
        "task.resume": {},
        "task.note": {"text": "dog in the yard"},
        "task.finish": {"cause": "blown fuse"},
        "task.amend": {"contact": {"saw": "", "set": "Li"}},
        "promise.make": {"customer": "Li", **soon},
        "promise.reagree": {"promise_id": names["promise"], **agreed, **soon},
        "repair.restored": {},
        "checkin.record": {},
        "evidence.declare": {**declared, "media_type": "image/jpeg"},
        "reading.take": {**about_stop, "total": "5"},
        "reading.skip": {**about_stop, "code": "dog"},
        "meter.found": {"serial": "X-1", "place": "in the yard"},
        "meter.changed": {**about_stop, "serial": "X-2", "digits": 5, "total": "5"},
        "meter.mismatch": {**about_stop, "serial": "X-3"},
    }


def subject(kind: str, names: Names) -> str:
    return names["route" if kind.startswith(("reading.", "meter.")) else "task"]


@pytest.fixture
def phone(client: Client, walker: Walker, clock: HandClock) -> Phone:
    return Phone(client, walker(Role.LINEMAN), clock)


def test_every_operation_is_tried(grounds: Grounds) -> None:
    assert bodies(grounds[Owner.MINE]).keys() == OPERATIONS.keys()


def test_an_operation_about_own_work_is_let_in(phone: Phone, grounds: Grounds) -> None:
    mine = grounds[Owner.MINE]
    for kind, body in bodies(mine).items():
        answer = phone.sync(phone.operation(kind, subject(kind, mine), body))
        codes = {each["code"] for each in answer["outcomes"]}
        assert not codes & NEVER_OF_OWN_WORK, (kind, codes)


@pytest.mark.parametrize("owner", [Owner.BESIDE, Owner.BEYOND])
def test_an_operation_about_anothers_work_waits_and_touches_nothing(
    phone: Phone, grounds: Grounds, owner: Owner, database: db.Database
) -> None:
    theirs = grounds[owner]
    before = neighbours.rows(database, db.Base.metadata)
    for kind, body in bodies(theirs).items():
        answer = phone.sync(phone.operation(kind, subject(kind, theirs), body))
        (outcome,) = answer["outcomes"]
        assert (outcome["status"], outcome["code"]) == ("held", "waits-for-order"), kind
    after = neighbours.rows(database, db.Base.metadata)
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed <= TELLS_OF_THE_PUSH


@pytest.mark.parametrize("owner", [Owner.BESIDE, Owner.BEYOND])
@pytest.mark.parametrize("kind", ["reading.take", "reading.skip"])
def test_a_stop_of_another_route_is_not_reached_by_way_of_ones_own(
    phone: Phone, grounds: Grounds, owner: Owner, kind: str, database: db.Database
) -> None:
    before = neighbours.rows(database, db.Base.metadata)
    body = bodies(grounds[owner])[kind]
    answer = phone.sync(phone.operation(kind, grounds[Owner.MINE]["route"], body))
    (outcome,) = answer["outcomes"]
    assert outcome["status"] in {"held", "rejected"}
    after = neighbours.rows(database, db.Base.metadata)
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed <= TELLS_OF_THE_PUSH
