"""The code that leads a phone to the app names the login and the right address, and no secret."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET

import flask
import pytest
from flask.testing import FlaskClient as Client

from api import db
from api.app import equip
from api.crews.service import invitation
from api.settings import Settings, SettingsError, from_environment
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews as make


@pytest.fixture
def boss(sign_in: make.SignIn) -> dict[str, str]:
    """Sign in an administrator, in a district where somebody reads meters."""
    sign_in(Role.READER, person_id="wang")
    return sign_in(Role.ADMINISTRATOR)


def test_the_code_leads_to_where_the_office_asked(client: Client, boss: dict[str, str]) -> None:
    login = client.get("/v1/people/wang", headers=boss).get_json()["login"]
    answer = client.get("/v1/people/wang/enrolment.svg", headers=boss)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data == invitation.drawn(f"http://localhost/app/#login={login}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_code_leads_to_the_public_address_whatever_host_was_asked(
    app: flask.Flask,
    settings: Settings,
    database: db.Database,
    clock: HandClock,
    boss: dict[str, str],
) -> None:
    public = dataclasses.replace(settings, public_url="https://office.example")
    equip(app, public, database=database, clock=clock)
    client, headers = app.test_client(), {**boss, "Host": "evil.example"}
    login = client.get("/v1/people/wang", headers=headers).get_json()["login"]
    answer = client.get("/v1/people/wang/enrolment.svg", headers=headers)
    assert answer.data == invitation.drawn(f"https://office.example/app/#login={login}")


@pytest.mark.parametrize("host", ["a." * 200, "a<b>"])
def test_a_host_that_is_none_leads_nowhere(client: Client, boss: dict[str, str], host: str) -> None:
    answer = client.get("/v1/people/wang/enrolment.svg", headers={**boss, "Host": host})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")


def test_a_login_is_written_so_that_it_stays_one(client: Client) -> None:
    address = invitation.address(public_url="https://office.example", login="li+wei@d1")
    assert address == "https://office.example/app/#login=li%2Bwei%40d1"


def test_a_code_is_a_drawing_without_anything_that_runs() -> None:
    picture = ET.fromstring(invitation.drawn("https://office.example/app/#login=li"))  # noqa: S314 - ours
    kinds = {each.tag.rpartition("}")[2] for each in picture.iter()}
    assert kinds == {"svg", "g", "path"}


@pytest.mark.parametrize(
    "url", ["office.example", "https://", "https://a/app", "https://a?b", "x:"]
)
def test_a_public_address_is_a_scheme_and_a_host(url: str) -> None:
    with pytest.raises(SettingsError, match="LAMPLIGHTER_PUBLIC_URL"):
        from_environment({"LAMPLIGHTER_PUBLIC_URL": url})


def test_a_stroke_at_the_end_of_the_public_address_is_no_part_of_it() -> None:
    settings = from_environment({"LAMPLIGHTER_PUBLIC_URL": "https://office.example:8443/"})
    assert settings.public_url == "https://office.example:8443"
