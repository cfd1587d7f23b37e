"""Work as GeoJSON features for maps: its sites in WGS-84."""

from __future__ import annotations

from collections.abc import Sequence

from api.sites.service import geojson
from api.tasks.models import Task
from schemas import sites


def of_tasks(rows: Sequence[Task], *, next_key: str | None) -> sites.FeatureCollection:
    """Draw the sites of tasks, without the names and phones of customers.

    Args:
        rows: a page of the worklist; work without a site is not drawn.
        next_key: the key of the next page; None on the last.
    """
    features = [
        sites.Feature(
            id=row.id,
            geometry=geojson.in_wgs84(site.geometry, datum=site.datum),
            properties={
                "kind": row.kind,
                "state": row.state,
                "title": row.title,
                "urgency": row.urgency,
                "crew_id": row.crew_id,
                "person_id": row.person_id,
                "care": row.care,
                "radius_m": site.radius_m,
                "due_at": row.due_at,
            },
        )
        for row in rows
        if (site := row.work_site) is not None
    ]
    return sites.FeatureCollection(features=features, next=next_key)
