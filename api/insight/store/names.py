"""What the groups of a figure are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.crews.models import Crew, Person
from api.readings.models import Route
from api.sites.models import Area
from schemas.figures import By

_Named = type[Crew] | type[Area] | type[Route]
_MODELS: Final[Mapping[By, _Named]] = MappingProxyType(
    {By.crew: Crew, By.area: Area, By.route: Route}
)


def names_of(session: Session, *, district_id: str, by: By, ids: Collection[str]) -> dict[str, str]:
    """Give the names of some groups of a district; what has none is called by its id."""
    if by is By.reader:
        people = select(Person.id, Person.name).where(Person.id.in_(sorted(ids)))
        return dict(session.execute(people).all())
    if by not in _MODELS:
        return {}
    model = _MODELS[by]
    key: InstrumentedAttribute[str] = model.id
    question = select(key, model.name).where(model.district_id == district_id, key.in_(sorted(ids)))
    return dict(session.execute(question).all())
