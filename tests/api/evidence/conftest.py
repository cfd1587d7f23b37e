"""A phone whose crew declared a photo, and each place that files may lie in."""

from __future__ import annotations

import pathlib

import pytest

from api import db
from api.evidence import depot
from api.settings import Settings
from schemas.crews import Role
from tests import s3
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import kept, tasks
from tests.makers.crews import SignIn


@pytest.fixture
def phone(database: db.Database, sign_in: SignIn) -> dict[str, str]:
    """Give li's headers; his crew declared a photo for task t1 on his phone."""
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="device-li")
    with database.unit_of_work() as session:
        tasks.task(session, task_id="t1")
        make.declare(session, task_id="t1")
    return headers


@pytest.fixture(params=["disk", "s3"])
def depot_settings(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Settings:
    """Choose a disk, then an S3 store; each test has a place of its own in it."""
    if request.param == "disk":
        return Settings(data_dir=tmp_path)
    server: s3.S3 = request.getfixturevalue("s3_server")
    return Settings(
        data_dir=tmp_path,
        evidence_url=server.url(f"{tmp_path.parent.name}-{tmp_path.name}"),
        evidence_endpoint=server.endpoint,
    )


@pytest.fixture
def place(depot_settings: Settings) -> depot.Depot:
    """Open the depot of either kind."""
    return depot.opened(depot_settings)


@pytest.fixture
def run(database: db.Database, settings: Settings, clock: HandClock) -> kept.Run:
    return kept.Run(database, settings, clock)
