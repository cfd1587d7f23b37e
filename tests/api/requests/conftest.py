from __future__ import annotations

import flask.testing
import pytest

from api import db
from schemas.crews import Role
from tests.makers import crews, sites, supervision, tasks


@pytest.fixture
def office(
    client: flask.testing.FlaskClient, sign_in: crews.SignIn, database: db.Database
) -> supervision.Desk:
    """Seat a dispatcher in a district with a meter, where Wang answers for operations."""
    with database.unit_of_work() as session:
        tasks.district(session)
        sites.feeder(session)
        sites.transformer(session)
        sites.service_point(session)
        sites.meter(session, meter_id="M0001")
        crews.person(session, person_id="wang", roles=[Role.DISPATCHER], name="王强")
        crews.person(
            session, person_id="zhao", roles=[Role.SUPERVISOR], unit_id="haikou", name="赵敏"
        )
    desk = supervision.Desk(client, sign_in, Role.DISPATCHER)
    boss = desk.other(sign_in, Role.ADMINISTRATOR, unit_id="haikou")
    boss.put("/v1/units/d1/posts/operations", person_id="wang")
    boss.put("/v1/units/haikou/posts/duty", person_id="zhao")
    return desk
