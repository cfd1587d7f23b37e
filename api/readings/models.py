"""Tables of readings: routes and their stops, values as they were got, and what was found in them.

Energy is kWh; `total` and `tariffs` are register values, before the meter's multiplier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district
from api.feed.synced import Synced
from schemas import readings
from schemas.rules.datums import Datum


class Route(Base):
    """What a reading route adds to its task, whose id it has."""

    __tablename__ = "routes"
    __table_args__ = (
        same_district("id", target="tasks"),
        Index("ix_routes_planned", "district_id", "planned_at", "id"),
        Index("ix_routes_live", "district_id", "live", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    planned_at: Mapped[dt.datetime]
    live: Mapped[bool]


class Stop(Synced, Base):
    """One meter on a route, with all that its checks need.

    `former_route_ids` are the routes that it was moved away from.
    `reading_id` names the reading that counts: the latest by event time.
    `awaited` says that its meter waited for a second visit when the route was planned.
    `finding_id` is what waits for the office, where another meter was found here at `found_at`;
    `former_meter_id` is the one on record before the office said that it was changed.
    """

    __tablename__ = "stops"
    __table_args__ = (
        same_district("route_id", target="routes"),
        same_district("meter_id", target="meters"),
        UniqueConstraint("district_id", "route_id", "sequence", name="uq_stops_sequence"),
        Index("ix_stops_meter", "district_id", "meter_id"),
        Index(
            "ix_stops_finding",
            "district_id",
            "finding_id",
            sqlite_where=text("finding_id IS NOT NULL"),
            postgresql_where=text("finding_id IS NOT NULL"),
        ),
    )
    entity = "stop"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    route_id: Mapped[str]
    live: Mapped[bool]
    sequence: Mapped[int]
    state: Mapped[str]
    service_point_id: Mapped[str]
    meter_id: Mapped[str]
    serial: Mapped[str]
    digits: Mapped[int]
    decimals: Mapped[int]
    multiplier: Mapped[Decimal]
    registers: Mapped[list[str]] = mapped_column(JsonType)
    address: Mapped[str]
    access_note: Mapped[str]
    keys: Mapped[str] = mapped_column(default="", server_default="")
    dogs: Mapped[str] = mapped_column(default="", server_default="")
    care: Mapped[bool]
    geometry: Mapped[dict[str, Any]] = mapped_column(JsonType)
    datum: Mapped[str]
    radius_m: Mapped[float]
    box: Mapped[str | None]
    previous_value: Mapped[Decimal | None]
    previous_at: Mapped[dt.datetime | None]
    reported_value: Mapped[Decimal | None]
    reported_at: Mapped[dt.datetime | None]
    reported_quality: Mapped[str | None]
    typical_kwh: Mapped[Decimal | None]
    low_kwh: Mapped[Decimal | None]
    high_kwh: Mapped[Decimal | None]
    active_history: Mapped[bool]
    awaited: Mapped[bool] = mapped_column(server_default=false())
    skip_code: Mapped[str | None]
    reading_id: Mapped[str | None]
    read_at: Mapped[dt.datetime | None]
    former_route_ids: Mapped[list[str]] = mapped_column(JsonType, default=list, server_default="[]")
    finding_id: Mapped[str | None]
    found_at: Mapped[dt.datetime | None]
    former_meter_id: Mapped[str | None]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Its route's readers hold it for as long as the route lives."""
        return f"route:{values['route_id']}" if values["live"] else None

    def wire(self) -> readings.Stop:
        """Shape the stop as phones and office see it."""
        return readings.Stop(
            id=self.id,
            route_id=self.route_id,
            sequence=self.sequence,
            state=readings.StopState(self.state),
            service_point_id=self.service_point_id,
            meter_id=self.meter_id,
            serial=self.serial,
            digits=self.digits,
            decimals=self.decimals,
            multiplier=self.multiplier,
            registers=self.registers,
            address=self.address,
            access_note=self.access_note,
            keys=self.keys,
            dogs=self.dogs,
            care=self.care,
            geometry=self.geometry,
            datum=Datum(self.datum),
            radius_m=self.radius_m,
            box=self.box,
            previous_value=self.previous_value,
            previous_at=self.previous_at,
            reported_value=self.reported_value,
            reported_at=self.reported_at,
            reported_quality=readings.Quality(self.reported_quality)
            if self.reported_quality
            else None,
            typical_kwh=self.typical_kwh,
            low_kwh=self.low_kwh,
            high_kwh=self.high_kwh,
            active_history=self.active_history,
            skip_code=readings.SkipCode(self.skip_code) if self.skip_code else None,
            finding_id=self.finding_id,
        )


class Reading(Base):
    """A register value as it came, from whomever it came; never changed.

    `prompts` are the checks that the server found, `confirmed` those that the reader had seen.
    `estimator` names how an estimate was made.
    """

    __tablename__ = "readings"
    __table_args__ = (
        same_district("meter_id", target="meters"),
        same_district("stop_id", target="stops"),
        Index("ix_readings_meter", "district_id", "meter_id", "read_at", "id"),
        # Figures count a month of readings from this index alone.
        Index(
            "ix_readings_day",
            "district_id",
            "read_at",
            "id",
            "received_at",
            "quality",
            "reader_id",
            "route_id",
        ),
        Index("ix_readings_reader", "district_id", "reader_id", "read_at", "id"),
        Index("ix_readings_route", "district_id", "route_id", "read_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str]
    stop_id: Mapped[str | None]
    route_id: Mapped[str | None]
    reader_id: Mapped[str | None]
    device_id: Mapped[str | None]
    read_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    total: Mapped[Decimal]
    tariffs: Mapped[dict[str, str]] = mapped_column(JsonType)
    used_kwh: Mapped[Decimal | None]
    method: Mapped[str]
    quality: Mapped[str]
    estimator: Mapped[str | None]
    prompts: Mapped[list[str]] = mapped_column(JsonType)
    confirmed: Mapped[list[str]] = mapped_column(JsonType)
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    photos: Mapped[list[str]] = mapped_column(JsonType)
    note: Mapped[str]


class Skip(Base):
    """A meter that could not be read, and why; never changed."""

    __tablename__ = "skips"
    __table_args__ = (
        same_district("stop_id", target="stops"),
        Index("ix_skips_stop", "district_id", "stop_id"),
        Index("ix_skips_meter", "district_id", "meter_id", "happened_at"),
        Index("ix_skips_heard", "district_id", "received_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    stop_id: Mapped[str]
    meter_id: Mapped[str]
    route_id: Mapped[str]
    reader_id: Mapped[str]
    happened_at: Mapped[dt.datetime]
    error_s: Mapped[float]
    clock_suspect: Mapped[bool]
    received_at: Mapped[dt.datetime]
    code: Mapped[str]
    fix: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    photos: Mapped[list[str]] = mapped_column(JsonType, default=list, server_default="[]")
    note: Mapped[str]


class Flag(Base):
    """A finding about a reading, with every number it rests on."""

    __tablename__ = "flags"
    __table_args__ = (
        same_district("reading_id", target="readings"),
        UniqueConstraint("district_id", "reading_id", "code", name="uq_flags_finding"),
        Index("ix_flags_found", "district_id", "found_at", "id"),
        Index("ix_flags_meter", "district_id", "meter_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str]
    meter_id: Mapped[str]
    reader_id: Mapped[str | None]
    code: Mapped[str]
    rule_version: Mapped[int]
    severity: Mapped[str]
    cim: Mapped[str | None]
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonType)
    en: Mapped[str]
    zh: Mapped[str]
    found_at: Mapped[dt.datetime]
    told: Mapped[list[str]] = mapped_column(JsonType)
    outcome: Mapped[str | None]


class Reread(Base):
    """A reading that somebody else reads again: at most one for a reading, flagged or sampled.

    `reader_id` is who took the first and never takes the second; `route_id` is set when it is
    planned, `second_id` and `outcome` when it was read.
    """

    __tablename__ = "rereads"
    __table_args__ = (
        same_district("reading_id", target="readings"),
        Index("ix_rereads_open", "district_id", "outcome", "due_at", "reading_id"),
        Index("ix_rereads_meter", "district_id", "meter_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str]
    reader_id: Mapped[str | None]
    reason: Mapped[str]
    codes: Mapped[list[str]] = mapped_column(JsonType)
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    route_id: Mapped[str | None]
    second_id: Mapped[str | None]
    settled_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    en: Mapped[str]
    zh: Mapped[str]


class MeterEvent(Base):
    """Something that explains odd readings: an outage, a vacancy, a change of meter or datum.

    It is about one meter, or about all behind a transformer; without `to_at` it goes on.
    """

    __tablename__ = "meter_events"
    __table_args__ = (
        same_district("meter_id", target="meters"),
        same_district("transformer_id", target="transformers"),
        Index("ix_meter_events_meter", "district_id", "meter_id", "from_at"),
        Index("ix_meter_events_transformer", "district_id", "transformer_id", "from_at"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    meter_id: Mapped[str | None]
    transformer_id: Mapped[str | None]
    from_at: Mapped[dt.datetime]
    to_at: Mapped[dt.datetime | None]
    note: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[dt.datetime]


class Unjudged(Base):
    """A reading that the flagging job has still to look at; written with the reading."""

    __tablename__ = "readings_unjudged"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    reading_id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str]
    read_at: Mapped[dt.datetime]


class Imported(Base):
    """Something that came in from another system, by that system's own id of it.

    `kind` is `reading`, `route` or `customer`; `digest` is the SHA-256 of what it said, so that the
    same sent again is known and something else under its id is refused.
    """

    __tablename__ = "imported"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    own_id: Mapped[str]
    digest: Mapped[str]


class UseWindow(Base):
    """A meter's last 24 cycles, packed (`schemas.rules.use_windows`); kept with the readings.

    `touched_at` is the run that wrote it last.
    """

    __tablename__ = "use_windows"
    __table_args__ = (
        same_district("meter_id", target="meters"),
        Index("ix_use_windows_touched", "district_id", "touched_at", "meter_id"),
        {"sqlite_with_rowid": False},  # a sweep reads windows as they lie, by their meters
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str] = mapped_column(primary_key=True)
    touched_at: Mapped[dt.datetime]
    packed: Mapped[bytes]


class AbnormalUse(Base):
    """Use that somebody should look into: of each kind at most one open for a meter.

    `read_on` is the day of the reading that shows it; `found` is what it turned out to be.
    """

    __tablename__ = "abnormal_uses"
    __table_args__ = (
        same_district("meter_id", target="meters"),
        UniqueConstraint(
            "district_id", "meter_id", "kind", "read_on", name="uq_abnormal_uses_reading"
        ),
        Index(
            "uq_abnormal_uses_open",
            "district_id",
            "meter_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_abnormal_uses_due", "district_id", "due_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    meter_id: Mapped[str]
    kind: Mapped[str]
    code: Mapped[str]
    read_on: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonType)
    en: Mapped[str]
    zh: Mapped[str]
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    owner_id: Mapped[str | None]
    closed_at: Mapped[dt.datetime | None]
    found: Mapped[str | None]
    note: Mapped[str]
