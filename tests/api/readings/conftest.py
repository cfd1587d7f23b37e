from __future__ import annotations

from collections.abc import Callable

import flask.testing
import pytest

from api import acts, db
from api.readings import jobs
from schemas.crews import Role
from tests.makers import crews, supervision
from tests.makers import readings as make

Night = Callable[..., dict[str, int]]


@pytest.fixture
def desk(client: flask.testing.FlaskClient, sign_in: crews.SignIn) -> supervision.Desk:
    """Seat a dispatcher at a desk."""
    return supervision.Desk(client, sign_in, Role.DISPATCHER)


@pytest.fixture
def portal(desk: supervision.Desk, sign_in: crews.SignIn) -> supervision.Desk:
    """Let the customers' portal in."""
    return desk.other(sign_in, Role.INTEGRATION)


@pytest.fixture
def night(database: db.Database) -> Night:
    """Let the nightly job run, some days after now; it says what it did."""

    def run(*, days: float = 1) -> dict[str, int]:
        at = make.NOW + days * make.MONTH / 30
        with database.unit_of_work() as session:
            act = acts.system(district_id=make.DISTRICT, now=at, job="flag_estimates")
            return jobs.run(session, act=act)

    return run
