"""The map: what this handheld holds of the ground, as GeoJSON that any map program draws."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from typing import Final

import click
import msgspec

from field_sync import errors, view
from field_sync.cli.program import Handheld
from field_sync.store.connection import Store
from schemas import sites
from schemas.rules import datums


@click.command("map")
@click.argument("path", type=click.Path(path_type=pathlib.Path, dir_okay=False))
@click.pass_obj
def draw(handheld: Handheld, path: pathlib.Path) -> None:
    """Write areas, feeders and the sites of work to a file as GeoJSON, in WGS-84."""
    features = list(_features(handheld.store))
    drawn = msgspec.json.encode(sites.FeatureCollection(features=features))
    try:
        with path.open("xb") as file:
            file.write(drawn)
    except OSError as error:
        raise errors.NotWritten(path=str(path), reason=error.strerror or "") from error
    handheld.say("drawn", count=len(features), path=path)


COMMANDS: Final = (draw,)


def _features(store: Store) -> Iterator[sites.Feature]:
    for area in view.list_areas(store):
        facts = {"kind": "area", "name": area.name, "area_class": area.area_class.value}
        yield _feature(area.id, area.geometry, area.datum, facts)
    for feeder in view.list_feeders(store):
        facts = {"kind": "feeder", "name": feeder.name, "area_id": feeder.area_id}
        yield _feature(feeder.feeder_id, feeder.geometry, feeder.datum, facts)
    for work in view.list_work(store):
        task = work.task
        if task.site is not None:
            facts = {"kind": "order", "name": task.title, "state": task.state.value}
            yield _feature(task.id, task.site.geometry, task.site.datum, facts)


def _feature(
    feature_id: str,
    geometry: Mapping[str, object],
    datum: datums.Datum,
    facts: Mapping[str, str],
) -> sites.Feature:
    return sites.Feature(
        id=feature_id,
        geometry=datums.convert_geometry(geometry, source=datum, target=datums.Datum.wgs84),
        properties=dict(facts),
    )
