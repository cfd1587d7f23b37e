from __future__ import annotations

import flask.testing
import pytest

from api import db
from tests.makers import crews, supervision, tasks


@pytest.fixture
def office(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, database: db.Database
) -> supervision.Desk:
    """Seat a supervisor in a district with one order, which its crew accepted and never reached."""
    with database.unit_of_work() as session:
        tasks.district(session)
        supervision.late_order(session)
    return supervision.Desk(client, sign_in)


@pytest.fixture
def case_id(office: supervision.Desk, database: db.Database) -> str:
    """Let the order be late, so that a case is open."""
    supervision.pass_time(database, 46)
    (case,) = office.get("/v1/supervision")["items"]
    return str(case["id"])
