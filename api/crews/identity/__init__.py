"""Who somebody is: signing in by password, tokens that live shortly, keys that sign them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import secrets
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from api import errors, http, ids
from api.acts import Act, Principal
from api.crews import store
from api.crews.identity import families, keys, limits, tokens
from api.crews.identity.possession import Possession
from api.crews.models import Person, TokenFamily
from api.crews.service import devices, passwords, people, units
from api.db import Database
from api.settings import Settings
from schemas import crews as shapes
from schemas.errors import Refused

_log = structlog.get_logger()


class WrongPassword(Refused):
    """The login or the password is wrong, or the person has left. Try again or ask the office."""

    code = "wrong-password"
    status = 401
    en = "The login or the password is not right."
    zh = "账号或密码不正确。"


@dataclasses.dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt to sign in, counted, before its password was looked at."""

    login: str
    person_id: str | None
    password_hash: str
    source: str | None
    """The address that it was counted for; None where it is known, or its device is."""


class Identity:
    """Signs people in and tells whose a token is."""

    def __init__(
        self,
        settings: Settings,
        *,
        new_id: ids.IdMaker = ids.new_id,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Stand at the door of a server with these settings.

        Args:
            settings: issuer, lives of tokens, limit of failed sign-ins.
            new_id: makes ids of families, tokens and keys.
            random_bytes: makes secrets.
        """
        self._policy = tokens.Policy(issuer=settings.issuer, life_s=settings.access_token_s)
        self._refresh_life = dt.timedelta(seconds=settings.refresh_token_s)
        self._failures_per_minute = settings.sign_ins_per_minute
        self._failures_per_source = settings.sign_ins_per_quarter_hour
        self._ring = keys.KeyRing(token_life_s=settings.access_token_s, new_id=new_id)
        self._possession = Possession(self._ring)
        self._new_id = new_id
        self._random_bytes = random_bytes

    def sign_in(
        self,
        database: Database,
        *,
        asked: shapes.SignIn,
        now: dt.datetime,
        proof: http.Proof | None = None,
        source: str | None = None,
    ) -> shapes.Tokens:
        """Sign somebody in by password; whoever proves to hold a key gets tokens bound to it.

        Opens units of work of its own: the attempt must be counted even when it is refused, and
        nobody who writes may wait for a password to be hashed.
        The tokens of a device are bound to the device's own key, whatever was proved.

        Args:
            database: the database.
            asked: the login, the password and perhaps the device.
            now: the present instant.
            proof: that whoever asks holds a key, if it came with one.
            source: the address that the request comes from, where it is known.

        Raises:
            ProofWrong: the proof that came proves nothing; ProofStale, ProofUsed alike.
            TooMany: too many attempts failed for this login, or from this address.
            Busy: too many people are signing in.
            WrongPassword: the login or the password is wrong, or the person has left.
            DeviceRevoked: the device named was revoked.
            NotFound: the device named is not this person's.
        """
        with database.unit_of_work() as session:
            limits.forget_empty(session, now=now)
        with database.unit_of_work() as session:
            attempt = self._attempt(session, asked=asked, source=source, now=now)
        right = passwords.matches(asked.password, password_hash=attempt.password_hash)
        if not right or attempt.person_id is None:
            _log.info("sign_in.refused", person_id=attempt.person_id)
            raise WrongPassword
        with database.unit_of_work() as session:
            person = self._admit(session, attempt=attempt, device_id=asked.device_id, now=now)
            jkt = None
            if proof is not None:
                jkt = self._possession.prove(session, proof=proof, token=None, now=now)
            return self.issue(session, person=person, device_id=asked.device_id, now=now, jkt=jkt)

    def refresh(
        self,
        database: Database,
        *,
        asked: shapes.Refresh,
        now: dt.datetime,
        proof: http.Proof | None = None,
    ) -> shapes.Tokens:
        """Exchange a refresh token for new tokens; the same again while the answer may be lost.

        Opens a unit of work of its own: a family is ended even though the request is refused.

        Raises:
            NotSignedIn: the token is unknown, too old or ended, or its person has left.
            DeviceRevoked: its device was revoked.
            TokenReused: it was spent, and its successor too; its family is ended.
            ProofNeeded: it is bound to a key; ProofWrong, ProofStale, ProofUsed alike.
        """
        with database.unit_of_work() as session:
            held = functools.partial(
                self._possession.check, session, proof=proof, token=None, now=now
            )
            grant = families.exchange(
                session, asked=asked, life=self._refresh_life, now=now, hold=held
            )
            if isinstance(grant, families.Grant):
                return self._tokens(session, grant=grant, now=now)
        raise grant

    def issue(
        self,
        session: Session,
        *,
        person: Person,
        device_id: str | None,
        now: dt.datetime,
        jkt: str | None = None,
    ) -> shapes.Tokens:
        """Begin a family of tokens for a person.

        Args:
            session: the unit of work.
            person: whose they are.
            device_id: the device that they are bound to, and to whose key, if one is named.
            now: the present instant.
            jkt: the thumbprint of the key that they are bound to where no device is named.
        """
        grant = families.begin(
            session,
            person=person,
            device_id=device_id,
            family_id=self._new_id(),
            secrets=(
                self._random_bytes(families.SECRET_BYTES),
                self._random_bytes(families.SECRET_BYTES),
            ),
            life=self._refresh_life,
            now=now,
            jkt=jkt,
        )
        return self._tokens(session, grant=grant, now=now)

    def enrol(self, session: Session, *, act: Act, asked: shapes.Enrolment) -> shapes.Enrolled:
        """Enrol a device for whoever asks, with tokens bound to it.

        Raises:
            NotFound: the id is another person's device.
            DeviceRevoked: the device was enrolled before and revoked.
            DeviceKeyWrong: the key is no point on P-256.
            DeviceKeyDiffers: the device was enrolled with another key.
            TooManyDevices: the person has too many.
        """
        device = devices.enrol(session, act=act, asked=asked)
        person = session.get_one(Person, act.principal.person_id)
        issued = self.issue(session, person=person, device_id=device.id, now=act.received_at)
        return shapes.Enrolled(device_id=device.id, district_id=device.district_id, tokens=issued)

    def sign_out(
        self,
        session: Session,
        *,
        token: str,
        now: dt.datetime,
        proof: http.Proof | None = None,
    ) -> None:
        """End everything that came of the sign-in behind an access token.

        Raises:
            NotSignedIn: the token is not valid.
            ProofNeeded: it is bound to a key; ProofWrong, ProofStale, ProofUsed alike.
        """
        claims = self._read(session, token=token, now=now)
        family = session.get(TokenFamily, claims.family_id)
        if family is None:
            raise errors.NotSignedIn
        self._possession.check(session, proof=proof, jkt=claims.jkt, token=token, now=now)
        family.revoked_at = family.revoked_at or now

    def authenticate(
        self,
        session: Session,
        *,
        token: str,
        now: dt.datetime,
        district_id: str | None,
        proof: http.Proof | None = None,
    ) -> Principal:
        """Tell whose an access token is, as the database knows them now.

        Args:
            session: the unit of work; it may be a reading one, unless the proof is of writing.
            token: the token's text.
            now: the present instant.
            district_id: the district that the request names, if it does.
            proof: what came with the token, if anything did.

        Raises:
            NotSignedIn: the token, its person or its family is not valid any more.
            DeviceRevoked: its device was revoked.
            ProofNeeded: it is bound to a key; ProofWrong, ProofStale, ProofUsed alike.
            NotFound: the district is not theirs.
            DistrictNeeded: they have several districts and named none.
            NoDistrict: they have none.
        """
        claims = self._read(session, token=token, now=now)
        caller = store.sessions.find_caller(session, family_id=claims.family_id)
        if caller is None or caller.person_id != claims.person_id:
            raise errors.NotSignedIn
        families.check_standing(caller.standing)
        jkt = families.bound_to(caller.device_key, family_jkt=caller.family_jkt)
        if claims.jkt != jkt:
            raise errors.NotSignedIn
        self._possession.check(session, proof=proof, jkt=jkt, token=token, now=now)
        asked = district_id or caller.device_district_id
        chosen = units.choose_district(session, unit=caller.unit, asked=asked)
        return Principal(
            person_id=caller.person_id,
            roles=frozenset(map(shapes.Role, caller.roles)),
            district_id=chosen,
            unit_path=caller.unit.path,
            device_id=caller.standing.device_id,
            crew_ids=frozenset(crew_id for district, crew_id in caller.crews if district == chosen),
        )

    def grant_uploads(
        self, session: Session, *, person_id: str, device_id: str, now: dt.datetime
    ) -> http.Grant:
        """Give a revoked device a token that goes on with its uploads and opens nothing else."""
        device = devices.get_device(session, device_id=device_id)
        claims = tokens.Claims(
            person_id=person_id,
            family_id=device_id,
            token_id=self._new_id(),
            issued_at=now,
            expires_at=now + dt.timedelta(seconds=self._policy.life_s),
            jkt=families.bound_to(device.key, family_jkt=None),
        )
        key = self._ring.signing(session, now=now)
        text = tokens.sign(claims, key=key, policy=self._policy, kind=tokens.UPLOAD_TYPE)
        return http.Grant(text, claims.expires_at)

    def authenticate_upload(
        self,
        session: Session,
        *,
        token: str,
        now: dt.datetime,
        district_id: str | None,
        proof: http.Proof | None = None,
    ) -> Principal:
        """Tell whose an access token or a grant of uploads is; a grant's principal has no role.

        Raises:
            NotSignedIn: it is neither, or not any more.
            DeviceRevoked: it is the access token of a device that was revoked.
            ProofNeeded: it is bound to a key; ProofWrong, ProofStale, ProofUsed alike.
            NotFound: the district is not theirs.
            DistrictNeeded: they have several districts and named none.
            NoDistrict: they have none.
        """
        try:
            claims = self._read(session, token=token, now=now, kind=tokens.UPLOAD_TYPE)
        except errors.NotSignedIn:
            return self.authenticate(
                session, token=token, now=now, district_id=district_id, proof=proof
            )
        device = devices.get_device(session, device_id=claims.family_id)
        self._possession.check(session, proof=proof, jkt=claims.jkt, token=token, now=now)
        return Principal(
            person_id=device.person_id,
            roles=frozenset(),
            district_id=device.district_id,
            unit_path="",
            device_id=device.id,
        )

    def rotate_keys(self, session: Session, *, now: dt.datetime) -> str:
        """Sign with a new key from now on and give its id; tokens signed before stay valid."""
        kid = self._ring.rotate(session, now=now)
        _log.info("signing_key.rotated", kid=kid)
        return kid

    def _attempt(
        self, session: Session, *, asked: shapes.SignIn, source: str | None, now: dt.datetime
    ) -> _Attempt:
        """Count an attempt and look up what the password must match."""
        login = people.folded(asked.login)
        limits.count_attempt(session, login=login, per_minute=self._failures_per_minute, now=now)
        person = store.people.find_by_login(session, login=login)
        device = store.devices.find_device(session, device_id=asked.device_id or "")
        if person is not None and device is not None and device.person_id == person.id:
            source = None  # a stranger does not know it, and shares the address with its crew
        if source is not None:
            allowed = self._failures_per_source
            limits.count_source(session, source=source, allowed=allowed, now=now)
        if person is None or person.left_at is not None or person.password_hash is None:
            return _Attempt(login, None, passwords.NOBODY, source)
        return _Attempt(login, person.id, person.password_hash, source)

    def _admit(
        self, session: Session, *, attempt: _Attempt, device_id: str | None, now: dt.datetime
    ) -> Person:
        """Let in whoever knew the password, unless it was changed or they left meanwhile."""
        person = session.get(Person, attempt.person_id)
        if person is None or person.left_at or person.password_hash != attempt.password_hash:
            raise WrongPassword
        if device_id is not None:
            devices.get_own(session, person_id=person.id, device_id=device_id)
        limits.forgive_login(session, login=attempt.login)
        if attempt.source is not None:
            allowed = self._failures_per_source
            limits.forgive_source(session, source=attempt.source, allowed=allowed, now=now)
        _log.info("sign_in.admitted", person_id=person.id, device_id=device_id)
        return person

    def _tokens(
        self, session: Session, *, grant: families.Grant, now: dt.datetime
    ) -> shapes.Tokens:
        """Sign an access token and put it beside the refresh token."""
        person = grant.person
        claims = tokens.Claims(
            person_id=person.id,
            family_id=grant.family.id,
            token_id=self._new_id(),
            issued_at=now,
            expires_at=now + dt.timedelta(seconds=self._policy.life_s),
            jkt=families.bound_to(grant.device_key, family_jkt=grant.family.jkt),
        )
        key = self._ring.signing(session, now=now)
        unit = units.get_unit_of(session, person=person)
        return shapes.Tokens(
            access_token=tokens.sign(claims, key=key, policy=self._policy),
            access_expires_at=claims.expires_at,
            token_type="Bearer" if claims.jkt is None else "DPoP",
            refresh_token=grant.refresh_token,
            refresh_expires_at=grant.expires_at,
            person_id=person.id,
            name=person.name,
            roles=[shapes.Role(role) for role in person.roles],
            device_id=grant.family.device_id,
            districts=[units.view(each) for each in units.list_districts(session, unit=unit)],
        )

    def _read(
        self, session: Session, *, token: str, now: dt.datetime, kind: str = tokens.TYPE
    ) -> tokens.Claims:
        """Check a token's own text."""
        find_key = functools.partial(self._ring.find_verifying, session, now=now)
        return tokens.read(token, find_key=find_key, policy=self._policy, now=now, kind=kind)
