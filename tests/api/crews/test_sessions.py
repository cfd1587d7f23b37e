"""Signing in, refreshing and signing out, through the doors."""

from __future__ import annotations

import datetime as dt
import threading

import argon2
import pytest
from flask.testing import FlaskClient as Client

from api import db, errors
from api.crews.identity import Identity, WrongPassword
from api.crews.models import Device, Person, RefreshToken, TokenFamily
from api.crews.service import passwords
from api.settings import Settings
from schemas import crews as shapes
from schemas.crews import Role
from tests.conftest import NOW, HandClock
from tests.makers import crews as make

Json = dict[str, object]


@pytest.fixture
def li(database: db.Database) -> str:
    """Make Li, who has a password and a phone."""
    with database.unit_of_work() as session:
        make.person(session, person_id="li", password=make.PASSWORD)
        make.device(session, person_id="li", device_id="phone")
    return "li"


def _try(client: Client, **asked: object) -> tuple[int, Json]:
    body = {"login": "li", "password": make.PASSWORD, **asked}
    answer = client.post("/v1/sessions", json=body)
    assert answer.json is not None
    return answer.status_code, dict(answer.json)


def _sign_in(client: Client, **asked: object) -> Json:
    status, tokens = _try(client, **asked)
    assert status == 201, tokens
    return tokens


def _refresh(client: Client, token: object, **asked: object) -> tuple[int, Json]:
    answer = client.post("/v1/sessions/refresh", json={"refresh_token": token, **asked})
    assert answer.json is not None
    return answer.status_code, dict(answer.json)


def _works(client: Client, tokens: Json) -> bool:
    return client.get("/v1/units", headers=make.bearer(tokens)).status_code == 200


def test_the_right_password_signs_in_and_the_token_opens_doors(client: Client, li: str) -> None:
    tokens = _sign_in(client)
    assert tokens["person_id"] == li
    assert tokens["device_id"] is None
    assert tokens["districts"] == [
        {
            "id": "d1",
            "parent_id": "haikou",
            "level": "district",
            "name": "d1",
            "path": "/hq/hainan/haikou/d1",
        }
    ]
    assert _works(client, tokens)


@pytest.mark.parametrize("typed", ["LI", "ｌｉ", "Ｌi"])
def test_capital_and_full_width_letters_of_a_login_make_no_difference(
    client: Client, li: str, typed: str
) -> None:
    assert _sign_in(client, login=typed)["person_id"] == li


def test_full_width_letters_of_a_password_are_the_same_letters(
    client: Client, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session).password_hash = passwords.hashed("ＡＢＣ１２３４５６７")
    assert _sign_in(client, password="ABC1234567")["person_id"] == "li"


@pytest.mark.parametrize("login", ["li", "nobody"])
def test_a_wrong_password_and_an_unknown_login_look_the_same(
    client: Client, li: str, login: str
) -> None:
    status, problem = _try(client, login=login, password="something else")
    assert (status, problem["code"], problem["fields"]) == (401, "wrong-password", {})


def test_an_unknown_login_costs_as_much_work_as_a_known_one() -> None:
    work = argon2.extract_parameters(passwords.hashed("any password"))
    assert argon2.extract_parameters(passwords.NOBODY) == work
    assert (work.memory_cost, work.time_cost) == (19 * 1024, 2)
    assert not passwords.matches("any password", password_hash=passwords.NOBODY)


def test_somebody_without_a_password_cannot_sign_in(client: Client, database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.person(session, person_id="wu")
    assert _try(client, login="wu")[1]["code"] == "wrong-password"


def test_a_login_that_failed_too_often_waits_even_with_the_right_password(
    client: Client, li: str, settings: Settings, clock: HandClock
) -> None:
    for _ in range(settings.sign_ins_per_minute):
        assert _try(client, password="a guess")[0] == 401
    status, problem = _try(client)
    assert (status, problem["code"]) == (429, "too-many")
    assert problem["fields"] == {"retry_after_s": 6}
    clock.advance(seconds=6)
    assert _try(client)[0] == 201


def test_the_limit_is_one_for_all_workers(
    database: db.Database, li: str, settings: Settings
) -> None:
    workers = [Identity(settings), Identity(settings)]
    wrong = shapes.SignIn(login="li", password="a guess")
    for turn in range(settings.sign_ins_per_minute):
        with pytest.raises(WrongPassword):
            workers[turn % 2].sign_in(database, asked=wrong, now=NOW)
    for worker in workers:
        with pytest.raises(errors.TooMany):
            worker.sign_in(database, asked=wrong, now=NOW)


def test_the_failures_of_one_login_do_not_stop_another(
    client: Client, li: str, settings: Settings
) -> None:
    for _ in range(settings.sign_ins_per_minute + 1):
        _try(client, login="wang", password="a guess")
    assert _try(client)[0] == 201


@pytest.mark.slow
def test_two_hundred_readers_sign_in_behind_one_address(
    client: Client, database: db.Database, clock: HandClock
) -> None:
    behind = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}}
    with database.unit_of_work() as session:
        for n in range(200):
            make.person(session, person_id=f"reader-{n}", password=make.PASSWORD)
    for n in range(200):
        asked = {"login": f"reader-{n}", "password": make.PASSWORD}
        if n % 4 == 0:
            mistyped = {**asked, "password": "mistyped"}
            assert client.post("/v1/sessions", json=mistyped, **behind).status_code == 401
        assert client.post("/v1/sessions", json=asked, **behind).status_code == 201
        clock.advance(seconds=4)


def test_signing_in_forgives_the_failures_before_it(
    client: Client, li: str, settings: Settings
) -> None:
    for _ in range(settings.sign_ins_per_minute + 1):
        assert _try(client, password="a guess")[0] == 401
        assert _try(client)[0] == 201


def test_an_access_token_dies_after_its_life(
    client: Client, li: str, settings: Settings, clock: HandClock
) -> None:
    tokens = _sign_in(client)
    clock.advance(seconds=settings.access_token_s - 1)
    assert _works(client, tokens)
    clock.advance(seconds=1)
    assert not _works(client, tokens)


def test_a_refresh_token_gives_new_tokens(client: Client, li: str, clock: HandClock) -> None:
    first = _sign_in(client)
    clock.advance(hours=8)
    status, second = _refresh(client, first["refresh_token"])
    assert status == 201
    assert second["refresh_token"] != first["refresh_token"]
    assert _works(client, second)


def test_after_a_lost_answer_the_same_successor_comes_again(client: Client, li: str) -> None:
    first = _sign_in(client)
    _, lost = _refresh(client, first["refresh_token"])
    status, again = _refresh(client, first["refresh_token"])
    assert status == 201
    assert again["refresh_token"] == lost["refresh_token"]
    assert again["refresh_expires_at"] == lost["refresh_expires_at"]
    assert _works(client, again)


def test_a_spent_token_whose_successor_is_spent_ends_the_family(client: Client, li: str) -> None:
    first = _sign_in(client)
    _, second = _refresh(client, first["refresh_token"])
    _, third = _refresh(client, second["refresh_token"])
    status, problem = _refresh(client, first["refresh_token"])
    assert (status, problem["code"]) == (401, "token-reused")
    assert not _works(client, third)
    assert _refresh(client, third["refresh_token"])[1]["code"] == "not-signed-in"


def test_a_reused_token_ends_its_own_family_only(client: Client, li: str) -> None:
    other, first = _sign_in(client), _sign_in(client)
    _, second = _refresh(client, first["refresh_token"])
    _refresh(client, second["refresh_token"])
    _refresh(client, first["refresh_token"])
    assert _works(client, other)


def test_an_old_or_unknown_refresh_token_is_refused(
    client: Client, li: str, settings: Settings, clock: HandClock
) -> None:
    tokens = _sign_in(client)
    clock.advance(seconds=settings.refresh_token_s)
    assert _refresh(client, tokens["refresh_token"])[1]["code"] == "not-signed-in"
    assert _refresh(client, "made-up")[1]["code"] == "not-signed-in"
    assert _refresh(client, tokens["access_token"])[1]["code"] == "not-signed-in"


def test_no_secret_is_kept_as_it_was_given(client: Client, li: str, database: db.Database) -> None:
    tokens = _sign_in(client)
    _, second = _refresh(client, tokens["refresh_token"])
    with database.reading() as session:
        rows = [*session.query(RefreshToken), *session.query(TokenFamily), *session.query(Person)]
        kept = repr([vars(row) for row in rows])
    for secret in (tokens["refresh_token"], second["refresh_token"], make.PASSWORD):
        assert str(secret) not in kept


def test_signing_out_ends_access_and_refresh(client: Client, li: str) -> None:
    tokens = _sign_in(client)
    gone = client.delete("/v1/sessions/current", headers=make.bearer(tokens))
    assert gone.status_code == 204
    assert not _works(client, tokens)
    assert _refresh(client, tokens["refresh_token"])[1]["code"] == "not-signed-in"


def test_signing_out_without_a_token_is_refused(client: Client, database: db.Database) -> None:
    assert client.delete("/v1/sessions/current").status_code == 401


def test_an_enrolled_device_signs_in_again_as_itself(client: Client, li: str) -> None:
    assert _sign_in(client, device_id="phone")["device_id"] == "phone"


def test_nobody_signs_in_with_another_persons_device(
    client: Client, li: str, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        make.person(session, person_id="wu", password=make.PASSWORD)
    assert _try(client, login="wu", device_id="phone")[1]["code"] == "not-found"


@pytest.mark.rule("S29")
def test_a_revoked_device_is_told_so_at_every_door(
    client: Client, li: str, database: db.Database, clock: HandClock
) -> None:
    tokens = _sign_in(client, device_id="phone")
    with database.unit_of_work() as session:
        session.get_one(Device, "phone").revoked_at = clock.now()
    told = client.get("/v1/units", headers=make.bearer(tokens))
    assert (told.status_code, told.json and told.json["code"]) == (401, "device-revoked")
    assert _refresh(client, tokens["refresh_token"])[1]["code"] == "device-revoked"
    assert _try(client, device_id="phone")[1]["code"] == "device-revoked"


@pytest.mark.rule("S29")
def test_a_revoked_device_hears_of_it_though_its_token_is_not_known(
    client: Client, li: str, database: db.Database, clock: HandClock
) -> None:
    """World seed 164: who had left could not sign in, and a backup did not know the last token."""
    unknown = "x" * 43
    assert _refresh(client, unknown, device_id="phone")[1]["code"] == "not-signed-in"
    assert _refresh(client, unknown, device_id="no-such-phone")[1]["code"] == "not-signed-in"
    with database.unit_of_work() as session:
        session.get_one(Device, "phone").revoked_at = clock.now()
    assert _refresh(client, unknown)[1]["code"] == "not-signed-in"
    assert _refresh(client, unknown, device_id="phone")[1]["code"] == "device-revoked"


def test_who_has_left_can_do_nothing_more(
    client: Client, li: str, database: db.Database, clock: HandClock
) -> None:
    tokens = _sign_in(client)
    with database.unit_of_work() as session:
        session.get_one(Person, "li").left_at = clock.now()
    assert not _works(client, tokens)
    assert _refresh(client, tokens["refresh_token"])[1]["code"] == "not-signed-in"
    assert _try(client)[1]["code"] == "wrong-password"


def test_roles_count_as_they_are_now_not_as_when_signing_in(
    client: Client, li: str, database: db.Database
) -> None:
    tokens = _sign_in(client)
    assert client.get("/v1/people", headers=make.bearer(tokens)).status_code == 403
    with database.unit_of_work() as session:
        session.get_one(Person, "li").roles = [str(Role.DISPATCHER)]
    assert client.get("/v1/people", headers=make.bearer(tokens)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "li"},
        {"login": "li", "password": "x", "extra": 1},
        {"login": "li\0", "password": "x"},
        {"login": "li", "password": "x" * 129},
        {"login": 7, "password": ["x"]},
        {"login": "li", "password": "x", "device_id": "\0"},
        [],
        "text",
    ],
)
def test_an_odd_sign_in_is_refused_clearly(
    client: Client, database: db.Database, body: object
) -> None:
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["code"] == "invalid"


def test_who_waits_too_long_for_a_turn_hears_that_the_server_is_busy() -> None:
    turns = threading.Semaphore(1)
    taken = passwords.turn(turns, wait_s=0.01)
    with taken, pytest.raises(errors.Busy), passwords.turn(turns, wait_s=0.01):
        pytest.fail("two turns at once")
    with passwords.turn(turns, wait_s=0.01):
        pass


def test_the_family_of_a_long_signed_in_phone_keeps_on(
    client: Client, li: str, settings: Settings, clock: HandClock
) -> None:
    tokens = _sign_in(client, device_id="phone")
    start = clock.now()
    while clock.now() - start < dt.timedelta(seconds=3 * settings.refresh_token_s):
        clock.advance(seconds=settings.refresh_token_s / 2)
        status, tokens = _refresh(client, tokens["refresh_token"])
        assert status == 201
    assert tokens["device_id"] == "phone"
