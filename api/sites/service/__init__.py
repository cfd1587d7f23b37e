"""Places: what stands where, and in whose area a position lies."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import msgspec
from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import service as crews
from api.sites import store
from api.sites.models import Area, District, Feeder, Meter, ServicePoint, Transformer
from api.sites.service import ground, reference
from schemas import places, promises
from schemas import sites as shapes
from schemas.errors import FieldValue, Refused

PlaceT = TypeVar("PlaceT", bound=store.Place)
AREAS_MAX: Final = 1_000


class UnknownZone(Refused):
    """The time zone is not in the IANA list. Write it as `Asia/Shanghai`."""

    code = "unknown-zone"
    status = 422
    en = "There is no time zone named {zone}."
    zh = "不存在名为{zone}的时区。"


class DistrictExists(Refused):
    """The district is already there. Change its settings instead."""

    code = "district-exists"
    en = "The district {id} exists already."
    zh = "供电区县 {id} 已存在。"


class TooManyAreas(Refused):
    """A district has room for that many areas. Draw larger ones, or redraw one that stands."""

    code = "too-many-areas"
    en = "The district has {areas_max} areas already."
    zh = "本供电区县已有 {areas_max} 个供电服务区域。"


def get_district(session: Session, *, district_id: str) -> District:
    """Get a district.

    Raises:
        NotFound: there is none with this id.
    """
    row = store.find_district(session, district_id=district_id)
    if row is None:
        raise errors.NotFound(what="district", id=district_id)
    return row


def list_districts(session: Session) -> Sequence[District]:
    """List every district, for jobs that go through them one by one."""
    return store.list_districts(session)


def create_district(
    session: Session, *, act: Act, district_id: str, settings: shapes.DistrictSettings
) -> District:
    """Create a district without any areas.

    Raises:
        DistrictExists: there is one with this id.
        UnknownZone: its time zone is none.
    """
    if store.find_district(session, district_id=district_id) is not None:
        raise DistrictExists(id=district_id)
    _check_zone(settings.zone)
    row = District(
        district_id=district_id,
        id=district_id,
        name=settings.name,
        zone=settings.zone,
        datum=settings.datum,
        fix_age_max_s=settings.fix_age_max_s,
        radius_m=settings.radius_m,
        dwell_s=settings.dwell_s,
        originals=str(settings.originals),
        reasons=[],
        photo_on_skip=[str(code) for code in settings.photo_on_skip],
        photo_on_confirm=settings.photo_on_confirm,
        revision=act.new_id(),
        version=1,
    )
    session.add(row)
    crews.audit(session, act=act, what="district.created", subject_id=district_id)
    return row


def set_district(session: Session, *, act: Act, settings: shapes.DistrictSettings) -> District:
    """Change what is set for the act's district.

    Raises:
        Stale: it changed since the actor looked.
        UnknownZone: its time zone is none.
    """
    row = get_district(session, district_id=act.district_id)
    _check_version(act, row.version)
    _check_zone(settings.zone)
    row.name, row.zone, row.datum = settings.name, settings.zone, settings.datum
    row.fix_age_max_s, row.radius_m = settings.fix_age_max_s, settings.radius_m
    row.dwell_s, row.originals = settings.dwell_s, str(settings.originals)
    row.photo_on_skip = [str(code) for code in settings.photo_on_skip]
    row.photo_on_confirm = settings.photo_on_confirm
    row.version += 1
    detail: dict[str, FieldValue] = {
        "zone": row.zone,
        "datum": str(row.datum),
        "radius_m": row.radius_m,
        "dwell_s": row.dwell_s,
        "originals": row.originals,
        "photo_on_skip": row.photo_on_skip,
        "photo_on_confirm": row.photo_on_confirm,
    }
    crews.audit(session, act=act, what="district.changed", subject_id=row.id, detail=detail)
    return row


def show_reasons(
    session: Session, *, district_id: str, reasons: Sequence[promises.PolicyReasons]
) -> None:
    """Let the phones of a district know what its work may be returned or suspended for.

    Nobody set that for the district: its policy sets say it, and its version stays.

    Raises:
        NotFound: there is no such district.
    """
    row = get_district(session, district_id=district_id)
    plain = msgspec.to_builtins(reasons)
    if row.reasons != plain:
        row.reasons = plain


def list_areas(session: Session, *, district_id: str) -> Sequence[Area]:
    """List every area of a district, by id."""
    return store.list_areas(session, district_id=district_id)


def get_area(session: Session, *, district_id: str, area_id: str) -> Area:
    """Get an area, or raise NotFound."""
    return _get(session, Area, "area", district_id=district_id, place_id=area_id)


def create_area(session: Session, *, act: Act, draft: shapes.AreaDraft) -> Area:
    """Draw a new area.

    Raises:
        TooManyAreas: the district has `AREAS_MAX` already.
        BadShape: its geometry is no clean polygon.
        WrongDatum: its datum means nothing there.
    """
    district = get_district(session, district_id=act.district_id)
    if len(store.list_areas(session, district_id=act.district_id)) >= AREAS_MAX:
        raise TooManyAreas(areas_max=AREAS_MAX)
    geometry = ground.clean_polygon(draft.geometry, datum=draft.datum)
    row = Area(
        district_id=act.district_id,
        id=act.new_id(),
        name=draft.name,
        area_class=draft.area_class,
        geometry=geometry,
        datum=draft.datum,
        version=1,
    )
    session.add(row)
    district.revision = act.new_id()
    session.flush()  # what is drawn of feeders stands on it
    reference.draw_areas(session, act=act, areas=[row])
    return _audited(session, act, row, "area.drawn")


def redraw_area(session: Session, *, act: Act, area_id: str, draft: shapes.AreaDraft) -> Area:
    """Replace an area's shape, name and class.

    Raises:
        NotFound: there is no such area.
        Stale: it changed since the actor looked.
        BadShape: its geometry is no clean polygon.
        WrongDatum: its datum means nothing there.
    """
    row = get_area(session, district_id=act.district_id, area_id=area_id)
    district = get_district(session, district_id=act.district_id)
    _check_version(act, row.version)
    geometry = ground.clean_polygon(draft.geometry, datum=draft.datum)
    row.name, row.area_class = draft.name, draft.area_class
    row.geometry, row.datum = geometry, draft.datum
    row.version += 1
    district.revision = act.new_id()
    reference.draw_areas(session, act=act, areas=[row])
    return _audited(session, act, row, "area.redrawn")


def draw_feeders(session: Session, *, act: Act, feeders: Sequence[Feeder]) -> None:
    """Draw feeders that have come, or changed, for the phones of their areas."""
    reference.draw_feeders(session, act=act, feeders=feeders)


def locate(session: Session, *, district_id: str, position: places.Position) -> shapes.Located:
    """Tell in which area a position lies, and how far the other areas are.

    Raises:
        NotFound: there is no such district.
    """
    district = get_district(session, district_id=district_id)
    return ground.locate(session, district=district, position=position)


def get_transformer(session: Session, *, district_id: str, transformer_id: str) -> Transformer:
    """Get a transformer, or raise NotFound."""
    return _get(
        session, Transformer, "transformer", district_id=district_id, place_id=transformer_id
    )


def get_service_point(session: Session, *, district_id: str, service_point_id: str) -> ServicePoint:
    """Get a service point, or raise NotFound."""
    return _get(
        session, ServicePoint, "service point", district_id=district_id, place_id=service_point_id
    )


def load_service_points(
    session: Session, *, district_id: str, ids: Iterable[str]
) -> dict[str, ServicePoint]:
    """Load the service points that exist among some ids."""
    return store.load(session, ServicePoint, district_id=district_id, ids=ids)


def get_meter(session: Session, *, district_id: str, meter_id: str) -> Meter:
    """Get a meter, standing or removed, or raise NotFound."""
    return _get(session, Meter, "meter", district_id=district_id, place_id=meter_id)


def load_meters(session: Session, *, district_id: str, ids: Iterable[str]) -> dict[str, Meter]:
    """Load the meters that exist among some ids."""
    return store.load(session, Meter, district_id=district_id, ids=ids)


def list_standing_meters(
    session: Session, *, district_id: str, service_point_ids: Iterable[str]
) -> list[Meter]:
    """List the meters that stand at some service points now."""
    return store.list_standing_meters(
        session, district_id=district_id, service_point_ids=service_point_ids
    )


def list_removals(
    session: Session, *, district_id: str, meter_ids: Iterable[str]
) -> dict[str, dt.datetime]:
    """Tell when meters were taken down, of those that were."""
    return store.list_removals(session, district_id=district_id, meter_ids=meter_ids)


def list_meter_ids_behind(session: Session, *, district_id: str, transformer_id: str) -> list[str]:
    """List the meters that stand behind a transformer, by id."""
    return store.list_meter_ids_behind(
        session, district_id=district_id, transformer_id=transformer_id
    )


def list_meters_by_serial(
    session: Session, *, district_id: str, serials: Iterable[str]
) -> dict[str, list[Meter]]:
    """List the meters with some serials by serial, those that were removed as well."""
    by_serial: dict[str, list[Meter]] = {}
    for meter in store.list_meters_by_serial(session, district_id=district_id, serials=serials):
        by_serial.setdefault(meter.serial, []).append(meter)
    return by_serial


def _get(
    session: Session, model: type[PlaceT], what: str, *, district_id: str, place_id: str
) -> PlaceT:
    row = store.find(session, model, district_id=district_id, place_id=place_id)
    if row is None:
        raise errors.NotFound(what=what, id=place_id)
    return row


def _audited(session: Session, act: Act, area: Area, what: str) -> Area:
    detail: dict[str, FieldValue] = {"area_class": str(area.area_class), "version": area.version}
    crews.audit(session, act=act, what=what, subject_id=area.id, detail=detail)
    return area


def _check_version(act: Act, version: int) -> None:
    if act.based_on is not None and act.based_on != version:
        raise errors.Stale(yours=act.based_on, current=version)


def _check_zone(zone: str) -> None:
    try:
        zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise UnknownZone(zone=zone) from error
