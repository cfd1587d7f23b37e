"""Photos that the district's policy asks for and that did not come: told, never a refusal.

One that comes later, as evidence of the same meter on the same route, closes the gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.readings import store
from api.readings.brought import EvidenceGap
from api.readings.models import Stop
from api.sites import service as sites
from api.sites.models import District
from schemas import evidence_gaps, readings
from schemas.evidence_gaps import GapKind
from schemas.rules import photo_wanted

_DISTRICTS: Final = db.in_hand("readings.photo_policies")
"""Where a unit of work keeps the districts whose policy it asked for."""


def look_at_reading(
    session: Session, *, act: Act, stop: Stop, meter_id: str, body: readings.ReadingTaken
) -> None:
    """Note a value that was confirmed against a prompt without the photo that policy asks for."""
    photos = len(body.photo_sha256)
    if photos or not body.confirmed:
        return  # the district is asked only where it matters
    district = _district(session, act)
    if photo_wanted.of_reading(body.confirmed, photos=photos, on_confirm=district.photo_on_confirm):
        _keep(session, act, GapKind.PROMPT, stop, meter_id=meter_id, codes=body.confirmed)


def look_at_skip(session: Session, *, act: Act, stop: Stop, body: readings.ReadingSkipped) -> None:
    """Note a skip without the photo that policy asks for."""
    photos = len(body.photo_sha256)
    if photos:
        return
    district = _district(session, act)
    if photo_wanted.of_skip(body.code, photos=photos, on_skip=district.photo_on_skip):
        codes = [str(body.code)]
        _keep(session, act, GapKind.SKIP, stop, meter_id=stop.meter_id, codes=codes)


def list_gaps(
    session: Session, *, act: Act, chosen: store.GapFilter, after: store.After, limit: int
) -> list[evidence_gaps.EvidenceGap]:
    """List the photos that are still missing, the latest first."""
    rows = store.page_of_gaps(
        session, district_id=act.district_id, chosen=chosen, after=after, limit=limit
    )
    return [
        evidence_gaps.EvidenceGap(
            id=row.id,
            kind=GapKind(row.kind),
            meter_id=row.meter_id,
            stop_id=row.stop_id,
            reader_id=row.reader_id,
            happened_at=row.happened_at,
            codes=row.codes,
            told=evidence_gaps.told(GapKind(row.kind), row.codes),
        )
        for row in rows
    ]


def _district(session: Session, act: Act) -> District:
    """Give the district, which a unit of work is asked for once."""
    held: dict[str, District] = session.info.setdefault(_DISTRICTS, {})
    if act.district_id not in held:
        held[act.district_id] = sites.get_district(session, district_id=act.district_id)
    return held[act.district_id]


def _keep(
    session: Session, act: Act, kind: GapKind, stop: Stop, *, meter_id: str, codes: Sequence[str]
) -> None:
    row: dict[str, object] = {
        "district_id": act.district_id,
        "id": act.operation_id or act.new_id(),
        "kind": str(kind),
        "meter_id": meter_id,
        "stop_id": stop.id,
        "reader_id": act.principal.person_id,
        "happened_at": act.happened.at,
        "codes": list(codes),
    }
    db.append(session, EvidenceGap, row)
