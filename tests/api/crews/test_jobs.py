"""The nightly tidying of what is over of signing in."""

from __future__ import annotations

import datetime as dt

from api import acts, db
from api.crews import jobs
from api.crews.identity import Identity
from api.crews.models import RefreshToken, SignInBucket, SigningKey, TokenFamily
from api.settings import Settings
from schemas import crews as shapes
from tests.conftest import NOW
from tests.makers import crews as make


def _run(database: db.Database, *, now: dt.datetime) -> dict[str, int]:
    with database.unit_of_work() as session:
        return jobs.run(session, act=acts.system(district_id="d1", now=now, job="tidy"))


def _issue(database: db.Database, identity: Identity, *, now: dt.datetime) -> shapes.Tokens:
    with database.unit_of_work() as session:
        person = make.person(session)
        return identity.issue(session, person=person, device_id=None, now=now)


def test_expired_tokens_are_forgotten_and_living_ones_kept(
    database: db.Database, settings: Settings
) -> None:
    identity = Identity(settings)
    later = NOW + dt.timedelta(seconds=settings.refresh_token_s / 2)
    _issue(database, identity, now=NOW)
    living = _issue(database, identity, now=later)
    now = NOW + dt.timedelta(seconds=settings.refresh_token_s + 1)
    assert _run(database, now=now)["families_forgotten"] == 1
    with database.reading() as session:
        assert session.query(TokenFamily).count() == session.query(RefreshToken).count() == 1
    asked = shapes.Refresh(refresh_token=living.refresh_token)
    assert identity.refresh(database, asked=asked, now=now).person_id == "li"


def test_an_old_key_is_rotated_once_and_its_tokens_stay_good(
    database: db.Database, settings: Settings
) -> None:
    identity = Identity(settings)
    _issue(database, identity, now=NOW)
    now = NOW + jobs.KEY_AGE_MAX
    before = _issue(database, identity, now=now)
    assert [_run(database, now=now)["keys_rotated"] for _ in range(3)] == [1, 0, 0]
    with database.reading() as session:
        assert session.query(SigningKey).count() == 2
        identity.authenticate(session, token=before.access_token, now=now, district_id=None)


def test_failures_that_count_no_more_are_forgotten(database: db.Database) -> None:
    with database.unit_of_work() as session:
        for name, seconds in (("old", 0), ("new", 1)):
            empty_at = NOW + dt.timedelta(seconds=seconds)
            session.add(SignInBucket(login_sha256=name, empty_at=empty_at))
    _run(database, now=NOW)
    with database.reading() as session:
        assert [bucket.login_sha256 for bucket in session.query(SignInBucket)] == ["new"]
