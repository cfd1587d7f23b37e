"""What a well-made token is worth: what the database says now."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient as Client

from api import db
from api.crews.models import Device, Person, RefreshToken, TokenFamily
from schemas.crews import Role
from tests.api.crews.rfc8725.showing import DOORS, knock
from tests.conftest import HandClock
from tests.makers import crews as make
from tests.makers import forging
from tests.makers.forging import Mint


def test_a_signature_has_a_twin_that_is_as_good_and_gains_nothing(
    client: Client, token: str
) -> None:
    """ECDSA is malleable, and that is accepted: nothing here is known by a token's text."""
    twin = forging.twin(token)
    assert twin != token
    assert knock(client, twin)[0] == 200
    assert knock(client, token, door=DOORS[3])[0] == 204
    for door in DOORS[:3]:
        assert knock(client, twin, door=door)[0] == 401


def test_a_token_of_somebody_who_left_is_worthless(
    client: Client, token: str, mint: Mint, database: db.Database, clock: HandClock
) -> None:
    assert knock(client, token)[0] == 200
    with database.unit_of_work() as session:
        session.get_one(Person, mint.body["sub"]).left_at = clock.now()
    for door in DOORS[:3]:  # to end what is ended already harms nobody
        assert knock(client, token, door=door)[0] == 401


@pytest.mark.parametrize("how", ["ended", "forgotten"])
def test_a_token_of_an_ended_sign_in_is_worthless(
    client: Client, token: str, mint: Mint, database: db.Database, clock: HandClock, how: str
) -> None:
    assert knock(client, token)[0] == 200
    with database.unit_of_work() as session:
        session.get_one(TokenFamily, mint.body["sid"]).revoked_at = clock.now()
        if how == "forgotten":
            session.query(RefreshToken).delete()
            session.query(TokenFamily).delete()
    for door in DOORS[:3]:
        assert knock(client, token, door=door)[0] == 401


def test_a_token_of_a_revoked_device_is_told_so(
    client: Client, sign_in: make.SignIn, database: db.Database, clock: HandClock
) -> None:
    token = sign_in(Role.LINEMAN, device_id="phone")["Authorization"].removeprefix("Bearer ")
    assert knock(client, token)[0] == 200
    with database.unit_of_work() as session:
        session.get_one(Device, "phone").revoked_at = clock.now()
    for door in DOORS[:2]:
        assert knock(client, token, door=door) == (401, "device-revoked")
