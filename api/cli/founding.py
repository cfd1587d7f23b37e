"""The command that begins a real district: the units above it, the district, its administrator."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import msgspec
from sqlalchemy.orm import Session

from api import acts, clock
from api.cli.program import main, migrated, out
from api.crews import service as crews
from api.errors import NotFound
from api.settings import Settings
from api.sites import service as sites
from schemas import crews as shapes
from schemas import sites as places
from schemas.crews import Level, Role
from schemas.errors import Refused

_Named = tuple[str, str]


@main.command()
@click.argument("district_id")
@click.argument("name")
@click.option("--headquarters", type=(str, str), metavar="ID NAME", required=True)
@click.option("--province", type=(str, str), metavar="ID NAME", required=True)
@click.option("--city", type=(str, str), metavar="ID NAME", required=True)
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="IANA time zone.")
@click.option("--login", default="admin", show_default=True, help="Who administers it.")
@click.option("--password", help="Asked for when it is not given; `-` reads it from the input.")
@click.pass_obj
def found(
    settings: Settings,
    *,
    district_id: str,
    name: str,
    headquarters: _Named,
    province: _Named,
    city: _Named,
    zone: str,
    login: str,
    password: str | None,
) -> None:
    """Begin district DISTRICT_ID named NAME; units above it that are there already stay."""
    above = [
        (Level.HEADQUARTERS, headquarters),
        (Level.PROVINCE, province),
        (Level.CITY, city),
    ]
    line = [*above, (Level.DISTRICT, (district_id, name))]
    secret = _password(password)
    database = migrated(settings)
    try:
        with database.unit_of_work() as session:
            now = clock.SystemClock().now()
            act = acts.system(district_id=district_id, now=now, job="found")
            _raise_units(session, act=act, line=line)
            district = msgspec.convert({"name": name, "zone": zone}, places.DistrictSettings)
            sites.create_district(session, act=act, district_id=district_id, settings=district)
            draft = {"login": login, "name": login, "password": secret}
            person = msgspec.convert({**draft, "roles": [Role.ADMINISTRATOR]}, shapes.PersonDraft)
            crews.create_person(session, act=act, draft=person)
    except (Refused, msgspec.ValidationError) as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        database.close()
    out.print(f"District {district_id} is there; {login} administers it.")


def _raise_units(session: Session, *, act: acts.Act, line: Sequence[tuple[Level, _Named]]) -> None:
    """Set up what is missing of a line of units, from the top.

    Raises:
        Refused: a unit of the line stands elsewhere in the tree.
    """
    parent_id: str | None = None
    for level, (unit_id, name) in line:
        draft = msgspec.convert(
            {"id": unit_id, "parent_id": parent_id, "level": level, "name": name},
            shapes.UnitDraft,
        )
        try:
            standing = crews.get_unit(session, act=act, unit_id=unit_id)
        except NotFound:
            standing = crews.create_unit(session, act=act, draft=draft)
        if (standing.level, standing.parent_id) != (level, parent_id):
            message = f"There is a unit {unit_id} already, in another place of the organisation."
            raise click.ClickException(message)
        parent_id = unit_id


def _password(given: str | None) -> str:
    if given == "-":
        return sys.stdin.readline().rstrip("\n")
    if given is not None:
        return given
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
