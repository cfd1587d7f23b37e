"""Grounds to walk on: the same things three times, and people of every role."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import pytest

from api import db, ids
from api.feed import store as feed
from api.notices.channels import vapid
from api.settings import Settings
from schemas.crews import FIELD, Role
from tests.makers import basemap, crews, neighbours
from tests.makers.neighbours import Names, Owner

Grounds = Mapping[Owner, Names]
Walker = Callable[[Role], dict[str, str]]


@pytest.fixture
def settings(settings: Settings, tmp_path: pathlib.Path) -> Settings:
    """Provide a basemap."""
    archive = basemap.write(tmp_path / "basemap.pmtiles", basemap.ARCHIVE)
    return dataclasses.replace(settings, basemap=str(archive))


@pytest.fixture
def grounds(database: db.Database) -> Grounds:
    """Make everything of mine, of a crew beside me, and of another district."""
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
        vapid.opened(session, now=neighbours.NOW)  # whoever asks for it first has it made
        return {owner: neighbours.settle(session, owner) for owner in Owner}


@pytest.fixture
def walker(grounds: Grounds, sign_in: crews.SignIn) -> Walker:
    """Sign in somebody of a role; a lineman is the one whose things are mine."""
    mine = grounds[Owner.MINE]

    def signed_in(role: Role) -> dict[str, str]:
        if role is Role.LINEMAN:
            return sign_in(role, person_id=mine["person"], device_id=mine["device"])
        return sign_in(role, crew_id=mine["crew"] if role in FIELD else None)

    return signed_in
