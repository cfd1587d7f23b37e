"""Our own set of keys: rotation, and workers that learn of it."""

from __future__ import annotations

import dataclasses

import pytest

from api import db, errors
from api.crews.identity import Identity, WrongPassword, keys, tokens
from api.crews.models import SigningKey
from api.crews.service import passwords
from api.settings import Settings
from schemas import crews as shapes
from tests.conftest import HandClock
from tests.makers import crews as make


@pytest.fixture
def identity(settings: Settings) -> Identity:
    """Make one worker's identity."""
    return Identity(settings)


def _issue(identity: Identity, database: db.Database, clock: HandClock) -> shapes.Tokens:
    with database.unit_of_work() as session:
        person = make.person(session)
        return identity.issue(session, person=person, device_id=None, now=clock.now())


def _accepts(
    identity: Identity, database: db.Database, clock: HandClock, issued: shapes.Tokens
) -> bool:
    with database.reading() as session:
        try:
            identity.authenticate(
                session, token=issued.access_token, now=clock.now(), district_id=None
            )
        except errors.NotSignedIn:
            return False
    return True


def _rotate(identity: Identity, database: db.Database, clock: HandClock) -> None:
    with database.unit_of_work() as session:
        identity.rotate_keys(session, now=clock.now())


def test_another_worker_accepts_a_token_at_once(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    assert _accepts(Identity(settings), database, clock, _issue(identity, database, clock))


def test_tokens_signed_before_a_rotation_live_out_their_life(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    before = _issue(identity, database, clock)
    _rotate(identity, database, clock)
    after = _issue(identity, database, clock)
    for worker in (identity, Identity(settings)):
        assert _accepts(worker, database, clock, before)
        assert _accepts(worker, database, clock, after)


def test_a_new_key_signs_after_a_rotation(
    identity: Identity, database: db.Database, clock: HandClock
) -> None:
    _issue(identity, database, clock)
    with database.unit_of_work() as session:
        kid = identity.rotate_keys(session, now=clock.now())
        assert identity._ring.signing(session, now=clock.now()).kid == kid


def test_a_retired_key_verifies_nothing_once_its_last_token_has_died(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    other = Identity(settings)
    issued = _issue(identity, database, clock)
    assert _accepts(other, database, clock, issued)
    with database.reading() as session:
        kid = session.query(SigningKey).one().kid
    _rotate(identity, database, clock)
    clock.advance(seconds=settings.access_token_s + keys.FRESH_S + 1)
    with database.reading() as session:
        for ring in (identity._ring, other._ring):
            assert ring.find_verifying(session, kid, now=clock.now()) is None


def test_a_key_that_the_database_lost_is_forgotten_by_every_worker(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    settings_of_long_life = Settings(
        data_dir=settings.data_dir, database_url=settings.database_url, access_token_s=3_600
    )
    worker = Identity(settings_of_long_life)
    issued = _issue(worker, database, clock)
    assert _accepts(worker, database, clock, issued)
    with database.unit_of_work() as session:
        session.query(SigningKey).delete()
    clock.advance(seconds=keys.FRESH_S + 1)
    assert not _accepts(worker, database, clock, issued)


def test_rotating_forgets_keys_whose_tokens_have_died(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    for _ in range(5):
        _rotate(identity, database, clock)
        clock.advance(seconds=settings.access_token_s + 1)
    with database.reading() as session:
        assert session.query(SigningKey).count() == 2


@pytest.mark.parametrize(("family_id", "person_id"), [("none", None), (None, "wu")])
def test_a_well_signed_token_of_no_family_is_worthless(
    identity: Identity,
    database: db.Database,
    clock: HandClock,
    family_id: str | None,
    person_id: str | None,
) -> None:
    issued = _issue(identity, database, clock)
    with database.unit_of_work() as session:
        make.person(session, person_id="wu")
        claims = identity._read(session, token=issued.access_token, now=clock.now())
        key = identity._ring.signing(session, now=clock.now())
    changed = dataclasses.replace(
        claims,
        family_id=family_id or claims.family_id,
        person_id=person_id or claims.person_id,
    )
    forged = tokens.sign(changed, key=key, policy=identity._policy)
    with database.unit_of_work() as session:
        with pytest.raises(errors.NotSignedIn):
            identity.authenticate(session, token=forged, now=clock.now(), district_id=None)
        if family_id is not None:
            with pytest.raises(errors.NotSignedIn):
                identity.sign_out(session, token=forged, now=clock.now())


def test_a_password_changed_while_it_was_looked_at_lets_nobody_in(
    identity: Identity, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        person = make.person(session, password=make.PASSWORD)
        asked = shapes.SignIn(login="li", password=make.PASSWORD)
        attempt = identity._attempt(session, asked=asked, source=None, now=clock.now())
        person.password_hash = passwords.hashed("another lamp")
    with database.unit_of_work() as session, pytest.raises(WrongPassword):
        identity._admit(session, attempt=attempt, device_id=None, now=clock.now())
