"""A phone whose crew declared a photo."""

from __future__ import annotations

import pytest

from api import db
from schemas.crews import Role
from tests.makers import evidence as make
from tests.makers import tasks
from tests.makers.crews import SignIn


@pytest.fixture
def phone(database: db.Database, sign_in: SignIn) -> dict[str, str]:
    """Give li's headers; his crew declared a photo for task t1 on his phone."""
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id="device-li")
    with database.unit_of_work() as session:
        tasks.task(session, task_id="t1")
        make.declare(session, task_id="t1")
    return headers
