"""What the office sees of each phone: what it left unsent, since when, and how right its clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient as Client

from api import db
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers.sync import Phone


def standing(phone: Phone, *, queued: int = 0, files: int = 0, minutes: int = 0) -> None:
    """Let a phone say at a contact, the second of its boot, what it leaves behind."""
    phone.sync()
    since = phone.wall() - dt.timedelta(minutes=minutes)
    phone.sync(
        status={
            "queued": queued,
            "unsent_since": since if queued else None,
            "files_queued": files,
            "files_bytes": files * 1_000,
            "app": "field-sync 2",
        }
    )


def unsynced(client: Client, headers: dict[str, str], **query: str) -> dict[str, Any]:
    answer = client.get("/v1/devices/unsynced", query_string=query, headers=headers)
    assert answer.json is not None
    return {"status": answer.status_code, **answer.json}


@pytest.mark.rule("S30")
def test_the_office_sees_who_has_what_unsent_the_longest_first(
    phone: Phone, other_phone: Phone, client: Client, sign_in: crews.SignIn
) -> None:
    phone.ahead_s = 7_200
    standing(phone, queued=3, minutes=10)
    standing(other_phone, queued=1, files=2, minutes=90)
    office = sign_in(Role.DISPATCHER)
    first, second = unsynced(client, office)["items"]
    assert (first["person_id"], first["queued"], first["files_queued"]) == ("chen", 1, 2)
    assert (first["files_bytes"], first["app"]) == (2_000, "field-sync 2")
    assert first["last_seen_at"] == "2026-11-23T00:00:00.000000Z"
    assert (second["person_id"], second["queued"], second["files_queued"]) == ("li", 3, 0)
    covered_until = dt.datetime.fromisoformat(second["covered_until"])
    true = dt.datetime(2026, 11, 22, 23, 50, tzinfo=dt.UTC)
    assert abs((covered_until - true).total_seconds()) <= 30
    page = unsynced(client, office, limit="1")
    assert [item["person_id"] for item in page["items"]] == ["chen"]
    rest = unsynced(client, office, limit="1", after=page["next"])
    assert [item["person_id"] for item in rest["items"]] == ["li"]


def test_a_phone_with_nothing_left_or_revoked_is_not_listed(
    phone: Phone, other_phone: Phone, client: Client, sign_in: crews.SignIn
) -> None:
    office = sign_in(Role.DISPATCHER)
    standing(phone, queued=3)
    standing(other_phone, files=1)
    standing(phone)
    (left,) = unsynced(client, office)["items"]
    assert left["person_id"] == "chen"
    client.delete(f"/v1/devices/{left['id']}", headers=office)
    assert unsynced(client, office)["items"] == []


def test_the_list_can_be_of_one_unit(
    phone: Phone, client: Client, sign_in: crews.SignIn, database: db.Database
) -> None:
    standing(phone, queued=1)
    office = sign_in(Role.DISPATCHER)
    assert len(unsynced(client, office, unit_id=crews.DISTRICT)["items"]) == 1
    assert unsynced(client, office, unit_id="nowhere")["status"] == 404
    assert unsynced(client, office, after="bm9uZQ")["status"] == 422


@pytest.mark.rule("S30")
def test_the_office_sees_how_wrong_a_clock_is_and_when_it_was_set(
    phone: Phone, client: Client, sign_in: crews.SignIn, clock: HandClock
) -> None:
    office = sign_in(Role.DISPATCHER)
    phone.ahead_s = 90
    standing(phone, queued=1)
    (seen,) = unsynced(client, office)["items"]
    assert abs(seen["clock_fast_s"] - 90) <= seen["clock_error_s"]
    assert seen["clock_set_at"] is None
    clock.advance(minutes=10)
    phone.ahead_s = -3_600
    standing(phone, queued=1)
    clock.advance(minutes=10)
    standing(phone, queued=1)
    (seen,) = unsynced(client, office)["items"]
    assert abs(seen["clock_fast_s"] + 3_600) <= seen["clock_error_s"]
    assert seen["clock_set_at"] == "2026-11-23T00:10:00.000000Z"
