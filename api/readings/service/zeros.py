"""Meters that used nothing for three cycles: which of them somebody looks at.

All that are supplied at 10 kV or above, and of the others a share by what they are. The draw is the
same whenever it is asked; who was drawn is told why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.readings.service import thresholds
from api.sites import service as sites
from api.sites.models import Meter, ServicePoint
from schemas.rules import flags, zero_checks
from schemas.sites import CustomerClass

CODE: Final = "ER13"


def points_of(session: Session, *, act: Act, meters: Iterable[Meter]) -> dict[str, ServicePoint]:
    """Bring the service points of some meters, by their ids."""
    ids = sorted({meter.service_point_id for meter in meters})
    return sites.load_service_points(session, district_id=act.district_id, ids=ids)


def draw(
    flag: flags.Flag, meter: Meter, points: Mapping[str, ServicePoint], *, read_on: str
) -> flags.Flag | None:
    """Give the finding of a meter that is looked at, with why it was drawn; None for the others."""
    point = points[meter.service_point_id]
    on_feeder = point.feeder_id is not None and point.transformer_id is None
    residential = point.customer_class == CustomerClass.RESIDENTIAL
    group = zero_checks.group_of(on_feeder=on_feeder, residential=residential)
    drawn = zero_checks.draw(
        meter.id, group, period=read_on, shares=thresholds.IN_FORCE.zero_checks
    )
    if drawn is None:
        return None
    inputs = {**flag.inputs, "group": str(group), "share": f"{drawn.share:g}"}
    return dataclasses.replace(
        flag, inputs=inputs, en=f"{flag.en}; {drawn.en}", zh=f"{flag.zh}；{drawn.zh}"
    )
