"""A token of the office, and the key that signed it."""

from __future__ import annotations

import pytest

from api import db
from schemas.crews import Role
from tests.makers import crews as make
from tests.makers import forging
from tests.makers.forging import Mint


@pytest.fixture
def token(sign_in: make.SignIn) -> str:
    return sign_in(Role.DISPATCHER)["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def mint(token: str, database: db.Database) -> Mint:
    with database.reading() as session:
        return forging.mint(session, token)
