"""Our own set of keys: rotation, and workers that learn of it."""

from __future__ import annotations

import pytest

from api import db, errors
from api.crews.identity import Identity, keys
from api.crews.models import SigningKey
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
    identity: Identity, database: db.Database, clock: HandClock, tokens: shapes.Tokens
) -> bool:
    with database.reading() as session:
        try:
            identity.authenticate(
                session, token=tokens.access_token, now=clock.now(), district_id=None
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
    tokens = _issue(identity, database, clock)
    assert _accepts(other, database, clock, tokens)
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
    tokens = _issue(worker, database, clock)
    assert _accepts(worker, database, clock, tokens)
    with database.unit_of_work() as session:
        session.query(SigningKey).delete()
    clock.advance(seconds=keys.FRESH_S + 1)
    assert not _accepts(worker, database, clock, tokens)


def test_rotating_forgets_keys_whose_tokens_have_died(
    identity: Identity, settings: Settings, database: db.Database, clock: HandClock
) -> None:
    for _ in range(5):
        _rotate(identity, database, clock)
        clock.advance(seconds=settings.access_token_s + 1)
    with database.reading() as session:
        assert session.query(SigningKey).count() == 2
