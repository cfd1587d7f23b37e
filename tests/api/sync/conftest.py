"""A crew with a phone, and orders in its hands."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable

import flask.testing
import pytest

from api import db, ids
from api.feed import store as feed
from api.settings import Settings
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.sync import Phone

Order = Callable[..., str]
DEVICE = "phone-7"


@pytest.fixture(autouse=True)
def district(database: db.Database) -> None:
    with database.unit_of_work() as session:
        make.district(session)
        feed.start_lineage(session, name=ids.new_id())


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the stories; what happens when it does not is told elsewhere."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def order(database: db.Database) -> Order:
    """Make a dispatched repair; gives its id."""

    def made(**wanted: object) -> str:
        with database.unit_of_work() as session:
            return make.task(session, **wanted).id  # type: ignore[arg-type]  # a story's own words

    return made


@pytest.fixture
def phone(client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock) -> Phone:
    return Phone(client, sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1"), clock)


@pytest.fixture
def other_phone(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, clock: HandClock
) -> Phone:
    return Phone(client, sign_in(Role.LINEMAN, person_id="chen", crew_id="crew-2"), clock)


@pytest.fixture
def signing(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
    tmp_path: pathlib.Path,
) -> Phone:
    """A phone whose device has a key."""
    keys = FileKeys(tmp_path)
    with database.unit_of_work() as session:
        crews.person(session, person_id="li")
        crews.device(session, person_id="li", device_id=DEVICE, key=keys.make(HandEdge()))
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id=DEVICE)
    return Phone(client, headers, clock, keys=keys, device_id=DEVICE)
