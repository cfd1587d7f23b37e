"""Guessing: nobody learns which logins there are, and nobody guesses fast."""

from __future__ import annotations

import dataclasses

import argon2
import pytest
from flask.testing import FlaskClient as Client
from werkzeug.test import TestResponse

from api import db, errors
from api.crews.identity import Identity, WrongPassword
from api.crews.models import Person
from api.crews.service import passwords
from api.settings import Settings
from schemas import crews as shapes
from tests.conftest import NOW, HandClock
from tests.makers import crews as make

NAT = "203.0.113.7"
ELSEWHERE = "198.51.100.1"
GUESS = "Spring2026!"


class Hashing:
    """A hasher that remembers what it was asked to compute."""

    def __init__(self) -> None:
        self.asked: list[argon2.Parameters] = []
        self._real = argon2.PasswordHasher()

    def verify(self, password_hash: str, password: str) -> bool:
        self.asked.append(argon2.extract_parameters(password_hash))
        return self._real.verify(password_hash, password)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Allow little, since each guess costs a hash."""
    return dataclasses.replace(settings, sign_ins_per_minute=3, sign_ins_per_quarter_hour=10)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    counted = Hashing()
    monkeypatch.setattr(passwords, "_HASHER", counted)
    return counted


@pytest.fixture
def people(database: db.Database, clock: HandClock) -> None:
    """Make people of every kind that a guess can meet, with hashes as they are made by day."""
    kept = passwords.hashed(make.PASSWORD)
    with database.unit_of_work() as session:
        for person_id in ("li", "wu", "chen"):
            make.person(session, person_id=person_id).password_hash = kept
        make.person(session, person_id="no-password")
        session.get_one(Person, "wu").left_at = clock.now()
        make.device(session, person_id="li", device_id="phone")


def ask(
    client: Client, login: str, password: str = GUESS, *, source: str = NAT, **more: str
) -> TestResponse:
    return client.post(
        "/v1/sessions",
        json={"login": login, "password": password, **more},
        environ_overrides={"REMOTE_ADDR": source},
    )


def told(answer: TestResponse) -> tuple[object, ...]:
    """Give all that an answer says, but for what names the request itself."""
    assert answer.json is not None
    body = {name: value for name, value in answer.json.items() if name != "request_id"}
    passing = {"X-Request-Id", "Date"}
    headers = sorted(each for each in answer.headers if each[0] not in passing)
    return answer.status_code, body, headers


def test_who_cannot_sign_in_looks_like_nobody_and_costs_as_much(
    client: Client, people: None, hashing: Hashing
) -> None:
    wrong = [
        ask(client, "nobody"),
        ask(client, "li"),
        ask(client, "wu"),
        ask(client, "wu", make.PASSWORD),
        ask(client, "no-password"),
        ask(client, "nobody", device_id="phone"),
        ask(client, "chen", device_id="phone"),
        ask(client, "li", device_id="phone"),
    ]
    assert wrong[0].status_code == 401
    assert [told(each) for each in wrong] == [told(wrong[0])] * len(wrong)
    assert hashing.asked == [hashing.asked[0]] * len(wrong)
    assert hashing.asked[0].memory_cost == passwords.MEMORY_KIB


def test_a_login_that_is_held_up_looks_alike_whether_it_is_one_or_not(
    client: Client, people: None, settings: Settings, hashing: Hashing
) -> None:
    for login in ("nobody", "li", "wu", "no-password"):
        for turn in range(settings.sign_ins_per_minute):
            ask(client, login, source=f"198.51.100.{turn}")
    hashing.asked.clear()
    held_up = [ask(client, login) for login in ("nobody", "li", "wu", "no-password")]
    assert held_up[0].status_code == 429
    assert [told(each) for each in held_up] == [told(held_up[0])] * len(held_up)
    assert hashing.asked == []


def test_one_password_tried_over_many_logins_is_slowed(
    client: Client, people: None, settings: Settings, clock: HandClock, hashing: Hashing
) -> None:
    allowed = settings.sign_ins_per_quarter_hour
    sprayed = [ask(client, f"reader-{n:04}") for n in range(allowed + 5)]
    assert [each.status_code for each in sprayed] == [401] * allowed + [429] * 5
    assert len(hashing.asked) == allowed
    assert int(sprayed[-1].headers["Retry-After"]) == 90
    assert ask(client, "li", make.PASSWORD).status_code == 429
    assert ask(client, "li", make.PASSWORD, source=ELSEWHERE).status_code == 201
    clock.advance(seconds=90)
    assert ask(client, "li", make.PASSWORD).status_code == 201


def test_an_attempt_that_was_not_let_in_counts_for_nobody(
    client: Client, people: None, settings: Settings
) -> None:
    for n in range(settings.sign_ins_per_quarter_hour):
        ask(client, f"reader-{n:04}")
    for _ in range(settings.sign_ins_per_minute + 1):
        assert ask(client, "li").status_code == 429
    assert ask(client, "li", make.PASSWORD, source=ELSEWHERE).status_code == 201


def test_who_has_one_good_password_gains_no_guesses_by_it(
    client: Client, people: None, settings: Settings
) -> None:
    guesses = 0
    while ask(client, f"reader-{guesses:04}").status_code == 401:
        guesses += 1
        assert ask(client, "li", make.PASSWORD).status_code in {201, 429}
        assert guesses <= settings.sign_ins_per_quarter_hour
    assert guesses == settings.sign_ins_per_quarter_hour


def test_a_phone_that_is_known_is_not_held_up_by_its_neighbours(
    client: Client, people: None, settings: Settings
) -> None:
    for n in range(settings.sign_ins_per_quarter_hour):
        ask(client, f"reader-{n:04}")
    assert ask(client, "li", make.PASSWORD).status_code == 429
    assert ask(client, "li", make.PASSWORD, device_id="phone").status_code == 201
    assert ask(client, "chen", make.PASSWORD, device_id="phone").status_code == 429


def test_who_is_signed_in_goes_on_whatever_happens_behind_their_address(
    client: Client, people: None, settings: Settings
) -> None:
    answer = ask(client, "li", make.PASSWORD)
    assert answer.json is not None
    for n in range(settings.sign_ins_per_quarter_hour + 1):
        ask(client, f"reader-{n:04}")
    refreshed = client.post(
        "/v1/sessions/refresh",
        json={"refresh_token": answer.json["refresh_token"]},
        environ_overrides={"REMOTE_ADDR": NAT},
    )
    assert refreshed.status_code == 201


def test_a_client_does_not_choose_its_address(
    client: Client, people: None, settings: Settings
) -> None:
    answers = [
        client.post(
            "/v1/sessions",
            json={"login": f"reader-{n:04}", "password": GUESS},
            headers={"X-Forwarded-For": f"10.{n}.0.1", "Forwarded": f"for=10.{n}.0.1"},
            environ_overrides={"REMOTE_ADDR": NAT},
        )
        for n in range(settings.sign_ins_per_quarter_hour + 1)
    ]
    assert answers[-1].status_code == 429


def test_the_count_of_an_address_is_one_for_all_workers(
    database: db.Database, people: None, settings: Settings
) -> None:
    workers = [Identity(settings), Identity(settings)]
    guess = shapes.SignIn(login="li", password=GUESS)
    for n in range(settings.sign_ins_per_quarter_hour):
        guess = shapes.SignIn(login=f"reader-{n:04}", password=GUESS)
        with pytest.raises(WrongPassword):
            workers[n % 2].sign_in(database, asked=guess, now=NOW, source=NAT)
    for worker in workers:
        with pytest.raises(errors.TooMany):
            worker.sign_in(database, asked=guess, now=NOW, source=NAT)


def test_a_login_is_no_name_of_another_limit(
    client: Client, people: None, settings: Settings
) -> None:
    for _ in range(settings.sign_ins_per_minute):
        ask(client, f"sign-ins from {ELSEWHERE}")
    assert ask(client, "li", source=ELSEWHERE).status_code == 401
