"""Tables of places; every position and shape keeps the datum that it was given in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from api import columns, db
from api.db import Base
from api.feed.synced import Synced
from schemas import sites as shapes
from schemas.promises import PolicyReasons
from schemas.readings import SkipCode
from schemas.rules import outlines
from schemas.rules.datums import Datum


class District(Synced, Base):
    """A district and what is set for it; its id is its own district's id.

    `revision` names the present drawing of its areas: every change of an area gives a new one, so
    an index of areas can be kept for as long as its revision stands.
    `reasons` are what its work may be returned or suspended for, by policy set, as phones pick it.
    """

    __tablename__ = "districts"
    entity = "district"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]
    datum: Mapped[str]
    fix_age_max_s: Mapped[float]
    radius_m: Mapped[float]
    dwell_s: Mapped[float] = mapped_column(server_default=text("180"))
    originals: Mapped[str] = mapped_column(server_default="hash")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(columns.JsonType, server_default="[]")
    photo_on_skip: Mapped[list[str]] = mapped_column(
        columns.JsonType, default=list, server_default="[]"
    )
    photo_on_confirm: Mapped[bool] = mapped_column(default=False, server_default=false())
    revision: Mapped[str]
    version: Mapped[int]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Every phone of the district holds its facts."""
        return f"district:{values['district_id']}"

    def wire(self) -> shapes.District:
        """Shape the district as phones get it."""
        return shapes.District(
            id=self.id,
            name=self.name,
            zone=self.zone,
            datum=Datum(self.datum),
            fix_age_max_s=self.fix_age_max_s,
            radius_m=self.radius_m,
            version=self.version,
            dwell_s=self.dwell_s,
            originals=shapes.Originals(self.originals),
            reasons=msgspec.convert(self.reasons, list[PolicyReasons]),
            photo_on_skip=[SkipCode(code) for code in self.photo_on_skip],
            photo_on_confirm=self.photo_on_confirm,
        )


class Area(Synced, Base):
    """A service area: a polygon with a class."""

    __tablename__ = "areas"
    entity = "area"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area_class: Mapped[str]
    geometry: Mapped[dict[str, Any]] = mapped_column(columns.JsonType)
    datum: Mapped[str]
    version: Mapped[int]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Whoever works in the area holds it."""
        return f"area:{values['id']}"

    def wire(self) -> shapes.Area:
        """Shape the area as phones draw it."""
        return shapes.Area(
            id=self.id,
            name=self.name,
            area_class=shapes.AreaClass(self.area_class),
            geometry=outlines.thin(self.geometry),
            datum=Datum(self.datum),
            version=self.version,
        )


class Feeder(Base):
    """A medium-voltage feeder, the station that it leaves from, and its lines where they are known.

    The lines are of the feeder as the office drew it; `AreaFeeder` is what phones get of them.
    """

    __tablename__ = "feeders"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kv: Mapped[float]
    station: Mapped[str]
    geometry: Mapped[dict[str, Any] | None] = mapped_column(columns.JsonType)
    datum: Mapped[str] = mapped_column(server_default=Datum.wgs84.value)


class AreaFeeder(Synced, Base):
    """What of a feeder lies near an area, made small for phones; drawn anew when either changes."""

    __tablename__ = "area_feeders"
    __table_args__ = (
        db.same_district("area_id", target="areas"),
        db.same_district("feeder_id", target="feeders"),
        UniqueConstraint("district_id", "area_id", "feeder_id", name="uq_area_feeders_pair"),
        Index("ix_area_feeders_feeder", "district_id", "feeder_id"),
    )
    entity = "feeder"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    area_id: Mapped[str]
    feeder_id: Mapped[str]
    name: Mapped[str]
    kv: Mapped[float]
    station: Mapped[str]
    geometry: Mapped[dict[str, Any]] = mapped_column(columns.JsonType)
    datum: Mapped[str]
    version: Mapped[int]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Whoever works in the area holds it."""
        return f"area:{values['area_id']}"

    def wire(self) -> shapes.AreaFeeder:
        """Shape the feeder as phones draw it."""
        return shapes.AreaFeeder(
            id=self.id,
            name=self.name,
            kv=self.kv,
            station=self.station,
            area_id=self.area_id,
            feeder_id=self.feeder_id,
            geometry=self.geometry,
            datum=Datum(self.datum),
            version=self.version,
        )


class Transformer(Base):
    """A distribution transformer on a feeder."""

    __tablename__ = "transformers"
    __table_args__ = (
        db.same_district("feeder_id", target="feeders"),
        Index("ix_transformers_feeder", "district_id", "feeder_id", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    feeder_id: Mapped[str]
    kva: Mapped[float]
    lat_deg: Mapped[float]
    lon_deg: Mapped[float]
    datum: Mapped[str]


class Switch(Base):
    """A switch of the grid and how it normally stands."""

    __tablename__ = "switches"
    __table_args__ = (
        db.same_district("feeder_id", target="feeders"),
        Index("ix_switches_feeder", "district_id", "feeder_id", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    feeder_id: Mapped[str]
    normally: Mapped[str]
    lat_deg: Mapped[float]
    lon_deg: Mapped[float]
    datum: Mapped[str]


class ServicePoint(Base):
    """Where a customer is served; `number` is the customer's number with the utility."""

    __tablename__ = "service_points"
    __table_args__ = (
        db.same_district("feeder_id", target="feeders"),
        db.same_district("transformer_id", target="transformers"),
        UniqueConstraint("district_id", "number", name="uq_service_points_number"),
        Index("ix_service_points_place", "district_id", "lat_deg", "lon_deg"),
        Index("ix_service_points_transformer", "district_id", "transformer_id", "id"),
        Index("ix_service_points_feeder", "district_id", "feeder_id", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    address: Mapped[str]
    access_note: Mapped[str]
    keys: Mapped[str] = mapped_column(default="", server_default="")
    dogs: Mapped[str] = mapped_column(default="", server_default="")
    care: Mapped[str | None]
    customer_name: Mapped[str]
    customer_phone: Mapped[str]
    customer_class: Mapped[str]
    lat_deg: Mapped[float]
    lon_deg: Mapped[float]
    datum: Mapped[str]
    feeder_id: Mapped[str | None]
    transformer_id: Mapped[str | None]


class Meter(Base):
    """A meter's time at a service point, from its installation to its removal."""

    __tablename__ = "meters"
    __table_args__ = (
        db.same_district("service_point_id", target="service_points"),
        Index(
            "uq_meters_standing_serial",
            "district_id",
            "serial",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_meters_service_point", "district_id", "service_point_id", "id"),
        Index("ix_meters_serial", "district_id", "serial"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    service_point_id: Mapped[str]
    serial: Mapped[str]
    digits: Mapped[int]
    decimals: Mapped[int]
    multiplier: Mapped[Decimal]
    registers: Mapped[list[str]] = mapped_column(columns.JsonType)
    box: Mapped[str | None]
    installed_at: Mapped[dt.datetime]
    installed_value: Mapped[Decimal]
    removed_at: Mapped[dt.datetime | None]
    removed_value: Mapped[Decimal | None]
