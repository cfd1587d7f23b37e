"""Tables of people and crews: the organisation, who works in it, with what, and how they sign in.

Units, people, devices and everything of signing in belong to no district's work, so their keys are
ids alone; a device and an audit line still name their district.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api import columns, db


class Unit(db.Base):
    """A node of the organisation tree; a district's id is also the `district_id` of its work.

    `path` names every unit from the top, as `/hq/hainan/haikou/meilan`.
    """

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    level: Mapped[str]
    name: Mapped[str]
    path: Mapped[str] = mapped_column(unique=True)


class Person(db.Base):
    """Somebody, or another system, that can sign in; `left_at` ends that."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_unit", "unit_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(columns.JsonType)
    password_hash: Mapped[str | None]
    joined_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Crew(db.Base):
    """People who go out together; `disbanded_at` ends it."""

    __tablename__ = "crews"

    district_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(columns.JsonType)
    formed_at: Mapped[dt.datetime]
    disbanded_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class CrewMember(db.Base):
    """A person in a crew; without `since`, for as long as is known."""

    __tablename__ = "crew_members"
    __table_args__ = (
        db.same_district("crew_id", target="crews"),
        Index("ix_crew_members_person", "person_id", "district_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    since: Mapped[dt.datetime | None]


class FormerMember(db.Base):
    """A person who was in a crew, from when to when; never changed."""

    __tablename__ = "former_members"
    __table_args__ = (
        db.same_district("crew_id", target="crews"),
        Index("ix_former_members_person", "district_id", "person_id"),
        Index("ix_former_members_crew", "district_id", "crew_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    since: Mapped[dt.datetime | None]
    until: Mapped[dt.datetime]


class CrewArea(db.Base):
    """A service area that a crew serves: its own, or one that it is lent to for a reason.

    A lent area has its `reason`, and ends at `until` when that is set.
    """

    __tablename__ = "crew_areas"
    __table_args__ = (
        db.same_district("crew_id", target="crews"),
        Index("ix_crew_areas_area", "district_id", "area_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str] = mapped_column(primary_key=True)
    area_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]


class Shift(db.Base):
    """A time in which a crew is on duty; without an end it lasts until further notice."""

    __tablename__ = "shifts"
    __table_args__ = (
        db.same_district("crew_id", target="crews"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        Index("ix_shifts_crew", "district_id", "crew_id", "starts_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class Device(db.Base):
    """A phone or handheld enrolled by a person, and what it said at its last contact.

    Everything that it did until `covered_until` is known to the server; `queued` operations were
    still unsent then, the oldest made at `unsent_since` by the device's own clock.
    `copied_at` is when it was first seen to be two phones.
    `clock_fast_s` is how far its wall clock was ahead of ours; `clock_set_at` is the last contact
    that found it set by hand.
    `checkpoint_number` and `checkpoint_sha256` are of the newest checkpoint that it was shown.
    """

    __tablename__ = "devices"
    __table_args__ = (
        Index("ix_devices_person", "person_id"),
        Index("ix_devices_district", "district_id", "id"),
        Index("ix_devices_covered", "district_id", "covered_until", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str]
    app: Mapped[str]
    enrolled_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    copied_at: Mapped[dt.datetime | None]
    last_seen_at: Mapped[dt.datetime | None]
    covered_until: Mapped[dt.datetime]
    queued: Mapped[int] = mapped_column(default=0)
    files_queued: Mapped[int] = mapped_column(default=0)
    unsent_since: Mapped[dt.datetime | None]
    files_bytes: Mapped[int] = mapped_column(default=0)
    clock_fast_s: Mapped[float | None]
    clock_error_s: Mapped[float | None]
    clock_set_at: Mapped[dt.datetime | None]
    lat_deg: Mapped[float | None]
    lon_deg: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    position_at: Mapped[dt.datetime | None]
    checkpoint_number: Mapped[int | None]
    checkpoint_sha256: Mapped[str | None]
    key: Mapped[str | None]
    """The public JWK; a device enrolled before there were keys has none."""
    new_key_until: Mapped[dt.datetime | None]
    """Until when its person may give it another key, which the office has allowed once."""


class FormerKey(db.Base):
    """A key that a device had before; it proves what it signed then, and opens nothing."""

    __tablename__ = "former_keys"

    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    jkt: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    ended_at: Mapped[dt.datetime]


class SigningKey(db.Base):
    """A key of our own set; the newest signs, a retired one verifies until its tokens have died."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    private_pem: Mapped[bytes]
    made_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]


class TokenFamily(db.Base):
    """Every token that came of one sign-in; revoking it ends them all.

    `secret` makes each refresh token's one successor, so that a lost answer can be said again.
    `jkt` is the thumbprint of the key that they are bound to, when somebody proved it at sign-in;
    those of a device are bound to the device's key.
    """

    __tablename__ = "token_families"
    __table_args__ = (Index("ix_token_families_person", "person_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    device_id: Mapped[str | None] = mapped_column(ForeignKey("devices.id"))
    secret: Mapped[bytes]
    begun_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    jkt: Mapped[str | None]


class RefreshToken(db.Base):
    """A refresh token as the SHA-256 of its text; it is spent when it was exchanged."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("ix_refresh_tokens_expiry", "expires_at"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(ForeignKey("token_families.id"))
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class UsedProof(db.Base):
    """A proof of possession that a request which writes has used; forgotten when it is stale."""

    __tablename__ = "used_proofs"
    __table_args__ = (Index("ix_used_proofs_until", "until"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[dt.datetime]


class SignInBucket(db.Base):
    """What was done so often, named by the SHA-256 of what is counted; empty again at `empty_at`.

    Failed sign-ins of a login and from an address, uploads, and what else `identity.limits` counts.
    """

    __tablename__ = "sign_in_buckets"
    __table_args__ = (Index("ix_sign_in_buckets_empty", "empty_at"),)

    login_sha256: Mapped[str] = mapped_column(primary_key=True)
    empty_at: Mapped[dt.datetime]


class AuditLine(db.Base):
    """One act of the office: who did what to which subject, and when; never changed."""

    __tablename__ = "audit_lines"
    __table_args__ = (Index("ix_audit_lines_at", "district_id", "at", "id"),)

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    person_id: Mapped[str]
    what: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, object]] = mapped_column(columns.JsonType)
