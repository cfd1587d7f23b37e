"""Questions about signing in: keys, families of tokens, failed attempts."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.orm import Session

from api import db
from api.columns import InstantType
from api.crews.models import (
    Crew,
    CrewMember,
    Device,
    Person,
    RefreshToken,
    SignInBucket,
    SigningKey,
    TokenFamily,
    Unit,
    UsedProof,
)
from api.prepared import Prepared


class Standing(NamedTuple):
    """What can end a family of tokens: its person left, its device or it itself was revoked."""

    left_at: dt.datetime | None
    ended_at: dt.datetime | None
    device_id: str | None
    device_revoked_at: dt.datetime | None


class Bearer(NamedTuple):
    """Everything that a refresh token stands for, as the database knows it now."""

    family: TokenFamily
    person: Person
    device: Device | None

    @property
    def standing(self) -> Standing:
        """Tell what can end it."""
        device_id = self.device.id if self.device else None
        revoked_at = self.device.revoked_at if self.device else None
        return Standing(self.person.left_at, self.family.revoked_at, device_id, revoked_at)


class Place(NamedTuple):
    """A unit, as far as it says whose work somebody may see."""

    id: str
    path: str
    level: str


class Caller(NamedTuple):
    """Everything that an access token stands for, as the database knows it now."""

    person_id: str
    roles: Sequence[str]
    unit: Place
    standing: Standing
    device_district_id: str | None
    device_key: str | None
    family_jkt: str | None
    crews: frozenset[tuple[str, str]]
    """The living crews that the person is in: district and crew."""


_CALLER: Final = Prepared(
    select(
        TokenFamily.person_id,
        Person.roles,
        Unit.id,
        Unit.path,
        Unit.level,
        Person.left_at,
        TokenFamily.revoked_at,
        Device.id,
        Device.revoked_at,
        Device.district_id,
        Device.key,
        TokenFamily.jkt,
        Crew.district_id,
        Crew.id,
    )
    .join(Person, Person.id == TokenFamily.person_id)
    .join(Unit, Unit.id == Person.unit_id)
    .outerjoin(Device, Device.id == TokenFamily.device_id)
    .outerjoin(CrewMember, CrewMember.person_id == TokenFamily.person_id)
    .outerjoin(
        Crew,
        and_(
            Crew.district_id == CrewMember.district_id,
            Crew.id == CrewMember.crew_id,
            Crew.disbanded_at.is_(None),
        ),
    )
    .where(TokenFamily.id == bindparam("family_id"))
)


_BUCKET: Final = Prepared(
    select(SignInBucket.empty_at).where(SignInBucket.login_sha256 == bindparam("name_sha256"))
)


def find_caller(session: Session, *, family_id: str) -> Caller | None:
    """Find who asks: one question, written once, because every request asks it."""
    rows = _CALLER.rows(session, family_id=family_id)
    if not rows:
        return None
    person_id, roles, *place = rows[0][:5]
    crews = frozenset((row[12], row[13]) for row in rows if row[13] is not None)
    district_id, key, jkt = rows[0][9:12]
    standing = Standing(*rows[0][5:9])
    return Caller(person_id, roles, Place(*place), standing, district_id, key, jkt, crews)


def find_bearer(session: Session, *, family_id: str) -> Bearer | None:
    """Find whom a family of tokens belongs to."""
    question = (
        select(TokenFamily, Person, Device)
        .join(Person, Person.id == TokenFamily.person_id)
        .outerjoin(Device, Device.id == TokenFamily.device_id)
        .where(TokenFamily.id == family_id)
    )
    row = session.execute(question).one_or_none()
    return None if row is None else Bearer(*row)


def find_refresh_token(session: Session, *, sha256: str) -> RefreshToken | None:
    """Find a refresh token and hold its row, so that it is exchanged once."""
    question = select(RefreshToken).where(RefreshToken.sha256 == sha256).with_for_update()
    return session.scalars(question).one_or_none()


def revoke_families_of_person(session: Session, *, person_id: str, now: dt.datetime) -> None:
    """End everything that a person is signed in with."""
    session.execute(
        update(TokenFamily)
        .where(TokenFamily.person_id == person_id, TokenFamily.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def find_signing_key(session: Session) -> SigningKey | None:
    """Find the newest key that is not retired."""
    question = select(SigningKey).where(SigningKey.retired_at.is_(None))
    newest_first = question.order_by(SigningKey.made_at.desc(), SigningKey.kid.desc())
    return session.scalars(newest_first.limit(1)).one_or_none()


def find_key(session: Session, *, kid: str) -> SigningKey | None:
    """Find a key of our own set."""
    return session.get(SigningKey, kid, populate_existing=True)


def list_live_keys(session: Session) -> Sequence[SigningKey]:
    """List the keys that still sign."""
    return session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))).all()


def forget_keys_retired_before(session: Session, *, instant: dt.datetime) -> None:
    """Forget the keys whose last token has died."""
    session.execute(delete(SigningKey).where(SigningKey.retired_at < instant))


def forget_expired_tokens(session: Session, *, now: dt.datetime) -> int:
    """Forget refresh tokens past their life, then families of which none is left; count those."""
    session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now))
    begun = select(RefreshToken.family_id)
    gone = session.execute(
        delete(TokenFamily).where(TokenFamily.id.not_in(begun)).returning(TokenFamily.id)
    )
    return len(gone.all())


def use_proof(session: Session, *, proof_id: str, until: dt.datetime) -> bool:
    """Mark a proof as used; False when it is marked already."""
    marked = session.execute(
        db.insert_into(session, UsedProof)
        .values(id=proof_id, until=until)
        .on_conflict_do_nothing()
        .returning(UsedProof.id)
    )
    return marked.first() is not None


def forget_stale_proofs(session: Session, *, now: dt.datetime) -> None:
    """Forget the proofs that nobody would take any more."""
    session.execute(delete(UsedProof).where(UsedProof.until < now))


def forget_empty_buckets(session: Session, *, now: dt.datetime, limit: int) -> None:
    """Forget buckets that are empty; one that somebody holds is left, and waited for by nobody."""
    empty = select(SignInBucket.login_sha256).where(SignInBucket.empty_at <= now).limit(limit)
    free = empty.with_for_update(skip_locked=True)
    session.execute(delete(SignInBucket).where(SignInBucket.login_sha256.in_(free)))


def find_bucket(session: Session, *, name_sha256: str) -> dt.datetime | None:
    """Tell when a bucket is empty; None if there is none."""
    row = _BUCKET.first(session, name_sha256=name_sha256)
    return None if row is None else row[0]


def hold_bucket(session: Session, *, name_sha256: str, now: dt.datetime) -> dt.datetime:
    """Tell when a bucket is empty, now if there was none, and hold its row."""
    holding = _hold_bucket(db.dialect_of(session))
    ((empty_at,),) = holding.rows(session, name_sha256=name_sha256, now=now)
    assert isinstance(empty_at, dt.datetime)
    return empty_at


def fill_bucket(session: Session, *, name_sha256: str, empty_at: dt.datetime) -> None:
    """Write down when a bucket that is held is empty."""
    db.change(session, SignInBucket, {"login_sha256": name_sha256, "empty_at": empty_at})


def empty_bucket(session: Session, *, name_sha256: str) -> None:
    """Forget what was counted in a bucket."""
    session.execute(delete(SignInBucket).where(SignInBucket.login_sha256 == name_sha256))


@functools.cache
def _hold_bucket(dialect: str) -> Prepared:
    """Make an empty bucket, or write the one that is there as it is, which holds its row."""
    row = db.insert_for(dialect, SignInBucket).values(
        login_sha256=bindparam("name_sha256"), empty_at=bindparam("now", type_=InstantType())
    )
    held = row.on_conflict_do_update(
        index_elements=["login_sha256"], set_={"empty_at": SignInBucket.empty_at}
    )
    return Prepared(held.returning(SignInBucket.empty_at))
