"""Places for tests: `makers.sites.district(session)` and what stands in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from api import ids
from api.sites.models import Area, District, Feeder, Meter, ServicePoint, Switch, Transformer
from schemas import sites as shapes
from schemas.rules.datums import Datum

DISTRICT = "d1"
LAT_DEG, LON_DEG = 20.04, 110.32
INSTALLED_AT = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_LAT_M = 110_700.0
_LON_M = 104_600.0


def north_east(*, north_m: float = 0, east_m: float = 0) -> tuple[float, float]:
    """Step from the middle of the district: (lat_deg, lon_deg), good to a metre in a kilometre."""
    return LAT_DEG + north_m / _LAT_M, LON_DEG + east_m / _LON_M


def square(*, north_m: float = 0, east_m: float = 0, side_m: float = 2_000) -> dict[str, object]:
    """Draw a square around a place of the district, as a GeoJSON polygon."""
    half = side_m / 2
    corners = [(-half, -half), (-half, half), (half, half), (half, -half), (-half, -half)]
    ring = []
    for north, east in corners:
        lat_deg, lon_deg = north_east(north_m=north_m + north, east_m=east_m + east)
        ring.append([lon_deg, lat_deg])
    return {"type": "Polygon", "coordinates": [ring]}


def district(
    session: Session,
    *,
    district_id: str = DISTRICT,
    name: str = "美兰供电局",
    zone: str = "Asia/Shanghai",
    datum: Datum = Datum.wgs84,
    fix_age_max_s: float = 120,
    radius_m: float = 50,
) -> District:
    """Make a district, or give the one that is there."""
    there = session.get(District, (district_id, district_id))
    if there is not None:
        return there
    row = District(
        district_id=district_id,
        id=district_id,
        name=name,
        zone=zone,
        datum=datum,
        fix_age_max_s=fix_age_max_s,
        radius_m=radius_m,
        dwell_s=shapes.DWELL_S,
        originals=str(shapes.Originals.HASH),
        revision=ids.new_id(),
        version=1,
    )
    session.add(row)
    session.flush()
    return row


def area(
    session: Session,
    *,
    area_id: str = "area-1",
    name: str = "灵山片区",
    area_class: shapes.AreaClass = shapes.AreaClass.URBAN,
    geometry: dict[str, object] | None = None,
    datum: Datum = Datum.wgs84,
    district_id: str = DISTRICT,
) -> Area:
    """Draw an area, by default a square of two kilometres around the middle."""
    row = Area(
        district_id=district_id,
        id=area_id,
        name=name,
        area_class=area_class,
        geometry=geometry or square(),
        datum=datum,
        version=1,
    )
    session.add(row)
    drawn_in = session.get(District, (district_id, district_id))
    assert drawn_in is not None, "make the district first"
    drawn_in.revision = ids.new_id()
    session.flush()
    return row


def feeder(
    session: Session,
    *,
    feeder_id: str = "F01",
    name: str = "灵山线",
    geometry: dict[str, object] | None = None,
    datum: Datum = Datum.wgs84,
    district_id: str = DISTRICT,
) -> Feeder:
    """Make a feeder of 10 kV, whose lines nobody knows unless told."""
    row = Feeder(
        district_id=district_id,
        id=feeder_id,
        name=name,
        kv=10.0,
        station="灵山变电站",
        geometry=geometry,
        datum=datum,
    )
    session.add(row)
    session.flush()
    return row


def transformer(
    session: Session,
    *,
    transformer_id: str = "T001",
    feeder_id: str = "F01",
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    datum: Datum = Datum.wgs84,
    district_id: str = DISTRICT,
) -> Transformer:
    """Make a transformer on a feeder."""
    row = Transformer(
        district_id=district_id,
        id=transformer_id,
        name=f"{transformer_id} 公变",
        feeder_id=feeder_id,
        kva=400.0,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        datum=datum,
    )
    session.add(row)
    session.flush()
    return row


def switch(
    session: Session,
    *,
    switch_id: str = "S001",
    feeder_id: str = "F01",
    normally: shapes.Normally = shapes.Normally.CLOSED,
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    district_id: str = DISTRICT,
) -> Switch:
    """Make a switch on a feeder."""
    row = Switch(
        district_id=district_id,
        id=switch_id,
        name=f"{switch_id} 开关",
        feeder_id=feeder_id,
        normally=normally,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        datum=Datum.wgs84,
    )
    session.add(row)
    session.flush()
    return row


def service_point(
    session: Session,
    *,
    service_point_id: str = "P0001",
    number: str | None = None,
    address: str = "灵山镇新市街 12 号",
    access_note: str = "",
    keys: str = "",
    dogs: str = "",
    care: shapes.Care | None = None,
    customer_class: shapes.CustomerClass = shapes.CustomerClass.RESIDENTIAL,
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    datum: Datum = Datum.wgs84,
    feeder_id: str | None = None,
    transformer_id: str | None = None,
    district_id: str = DISTRICT,
) -> ServicePoint:
    """Make a service point, hanging on nothing unless told."""
    row = ServicePoint(
        district_id=district_id,
        id=service_point_id,
        number=number or f"46{service_point_id}",
        address=address,
        access_note=access_note,
        keys=keys,
        dogs=dogs,
        care=care,
        customer_name="王秀英",
        customer_phone="+86 898 5555 0101",
        customer_class=customer_class,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        datum=datum,
        feeder_id=feeder_id,
        transformer_id=transformer_id,
    )
    session.add(row)
    session.flush()
    return row


def meter(
    session: Session,
    *,
    meter_id: str = "M0001",
    service_point_id: str = "P0001",
    serial: str | None = None,
    digits: int = 5,
    decimals: int = 0,
    multiplier: Decimal = Decimal(1),
    registers: Sequence[str] = (shapes.TOTAL,),
    box: str | None = None,
    installed_at: dt.datetime = INSTALLED_AT,
    removed_at: dt.datetime | None = None,
    district_id: str = DISTRICT,
) -> Meter:
    """Install a meter at a service point."""
    row = Meter(
        district_id=district_id,
        id=meter_id,
        service_point_id=service_point_id,
        serial=serial or f"SN{meter_id}",
        digits=digits,
        decimals=decimals,
        multiplier=multiplier,
        registers=list(registers),
        box=box,
        installed_at=installed_at,
        installed_value=Decimal(0),
        removed_at=removed_at,
        removed_value=None if removed_at is None else Decimal(0),
    )
    session.add(row)
    session.flush()
    return row
