"""The organisation tree: who sees which part of it, and which district a request is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import store
from api.crews.models import Person, Unit
from api.crews.service import trail
from schemas import crews as shapes
from schemas.base import ID_CHARS_MAX
from schemas.errors import Refused

DISTRICTS_TOLD_MAX: Final = 100


class DistrictNeeded(Refused):
    """You see more than one district. Name the one that you mean in the header X-District."""

    code = "district-needed"
    status = 400
    en = "Name the district that this is about in the header X-District."
    zh = "请在请求头 X-District 中指明所涉及的供电区县。"


class NoDistrict(Refused):
    """Your unit has no district yet. Ask an administrator to set one up beneath it."""

    code = "no-district"
    status = 403
    en = "There is no district beneath your unit yet."
    zh = "您所在的单位下还没有供电区县。"


class UnitExists(Refused):
    """There is a unit with this id already. Choose another id."""

    code = "unit-exists"
    status = 409
    en = "There is a unit {unit_id} already."
    zh = "单位 {unit_id} 已存在。"


class WrongLevel(Refused):
    """Levels follow each other: headquarters, province, city, district. Choose the next one."""

    code = "wrong-level"
    status = 422
    en = "A unit of level {level} cannot stand beneath {parent_id}."
    zh = "{level} 级单位不能隶属于 {parent_id}。"


class DistrictIsFounded(Refused):
    """A district is more than a unit. Begin it on the server with `lamplighter found`."""

    code = "district-is-founded"
    status = 422
    en = "The district {unit_id} is begun on the server with `lamplighter found`."
    zh = "供电区县 {unit_id} 须在服务器上用 `lamplighter found` 命令建立。"


def choose_district(session: Session, *, unit: store.sessions.Place, asked: str | None) -> str:
    """Choose the district that somebody's request is about.

    Args:
        session: the unit of work.
        unit: where the person belongs.
        asked: the district that they named, if they did.

    Raises:
        NotFound: the district asked for is not theirs.
        DistrictNeeded: they have several and named none.
        NoDistrict: they have none.
    """
    if asked is None:
        return _only_district(session, unit)
    if asked == unit.id and unit.level == shapes.Level.DISTRICT:
        return asked
    usable = len(asked) <= ID_CHARS_MAX and "\0" not in asked
    found = usable and store.units.find_unit_beneath(session, unit_id=asked, path=unit.path)
    if not found or found.level != shapes.Level.DISTRICT:
        raise errors.NotFound(what="district", id=asked)
    return found.id


def list_districts(session: Session, *, unit: Unit) -> Sequence[Unit]:
    """List the districts that a unit's people may name, the first hundred."""
    if unit.level == shapes.Level.DISTRICT:
        return [unit]
    return store.units.list_districts_beneath(session, path=unit.path, limit=DISTRICTS_TOLD_MAX)


def get_unit(session: Session, *, act: Act, unit_id: str) -> Unit:
    """Find a unit in the part of the tree that the actor may see.

    Raises:
        NotFound: it does not exist for them.
    """
    found = store.units.find_unit_beneath(session, unit_id=unit_id, path=act.principal.unit_path)
    if found is None:
        raise errors.NotFound(what="unit", id=unit_id)
    return found


def create_unit(session: Session, *, act: Act, draft: shapes.UnitDraft) -> Unit:
    """Set up a unit beneath another; only the server itself sets up a tree's top and districts.

    A district also needs its settings, which another capability keeps: `lamplighter found` makes
    both, and somebody who administers it.

    Raises:
        NotFound: the parent does not exist for the actor.
        UnitExists: there is a unit with this id.
        WrongLevel: its level does not follow its parent's.
        DistrictIsFounded: it is a district, and not the server itself that asks.
    """
    parent = None
    by_server = act.principal.unit_path == "/"
    if draft.parent_id is not None or not by_server:
        parent = get_unit(session, act=act, unit_id=draft.parent_id or "")
    if store.units.find_unit(session, unit_id=draft.id) is not None:
        raise UnitExists(unit_id=draft.id)
    levels = list(shapes.Level)
    expected = levels.index(shapes.Level(parent.level)) + 1 if parent else 0
    if levels.index(draft.level) != expected:
        raise WrongLevel(level=draft.level, parent_id=draft.parent_id)
    if draft.level is shapes.Level.DISTRICT and not by_server:
        raise DistrictIsFounded(unit_id=draft.id)
    unit = Unit(
        id=draft.id,
        parent_id=draft.parent_id,
        level=draft.level,
        name=draft.name,
        path=f"{parent.path if parent else ''}/{draft.id}",
    )
    session.add(unit)
    session.flush()
    trail.audit(session, act=act, what="unit.created", subject_id=unit.id)
    return unit


def get_unit_of(session: Session, *, person: Person) -> Unit:
    """Give the unit that a person belongs to."""
    unit = store.units.find_unit(session, unit_id=person.unit_id)
    assert unit is not None, "a foreign key holds it"
    return unit


def list_units(session: Session, *, act: Act, after_path: str | None, limit: int) -> Sequence[Unit]:
    """List a page of the units that the actor may see, parents before children."""
    return store.units.page_beneath(
        session, path=act.principal.unit_path, after_path=after_path, limit=limit
    )


def list_upward(session: Session, *, unit_id: str) -> Sequence[Unit]:
    """List a unit and all above it, from the bottom up."""
    unit = store.units.find_unit(session, unit_id=unit_id)
    return [] if unit is None else store.units.list_on_path(session, path=unit.path)


def view(unit: Unit) -> shapes.UnitView:
    """Shape a unit."""
    return shapes.UnitView(
        id=unit.id,
        parent_id=unit.parent_id,
        level=shapes.Level(unit.level),
        name=unit.name,
        path=unit.path,
    )


def _only_district(session: Session, unit: store.sessions.Place) -> str:
    """Give the one district of a unit."""
    if unit.level == shapes.Level.DISTRICT:
        return unit.id
    found = store.units.list_districts_beneath(session, path=unit.path, limit=2)
    if not found:
        raise NoDistrict
    if len(found) > 1:
        raise DistrictNeeded
    return found[0].id
