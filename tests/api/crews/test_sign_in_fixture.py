"""The fixture `sign_in`, which every other capability's tests stand on."""

from __future__ import annotations

import pytest

from api import db
from api.crews.identity import Identity
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import crews as make


@pytest.mark.parametrize("role", list(Role))
def test_everybody_can_be_signed_in(
    role: Role,
    sign_in: make.SignIn,
    database: db.Database,
    settings: Settings,
    clock: HandClock,
) -> None:
    headers = sign_in(role, crew_id="crew-7")
    with database.reading() as session:
        principal = Identity(settings).authenticate(
            session,
            token=headers["Authorization"].removeprefix("Bearer "),
            now=clock.now(),
            district_id=headers["X-District"],
        )
    assert principal.roles == {role}
    assert principal.crew_ids == {"crew-7"}
    assert principal.district_id == "d1"
    assert principal.unit_path == "/hq/hainan/haikou/d1"
    assert (principal.device_id is not None) == (role in {Role.LINEMAN, Role.READER})
