"""Photos used again: what was asked about two files becomes a finding about a reading.

The question and the reading come in any order, so what is not decided as allowed is gone through
at each run; each finding is kept once, and running again adds none.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.photos import service as photos
from api.readings import store
from api.readings.models import Stop
from api.readings.service import findings, thresholds
from api.sites import service as sites
from schemas import photos as shapes
from schemas.rules import reuse

QUESTIONS_PER_PAGE: Final = 500
PAGES_MAX: Final = 100
"""A run goes through 50,000 questions of each state at most."""
_STATES: Final = (shapes.LikenessState.OPEN, shapes.LikenessState.QUESTIONED)


def flag_reused_photos(session: Session, *, act: Act) -> int:
    """Flag the readings whose photo is that of another meter; count what is new."""
    zone = sites.get_district(session, district_id=act.district_id).zone
    return sum(
        _flag_page(session, act, page, zone=zone)
        for state in _STATES
        for page in _pages(session, act, state)
    )


def _pages(
    session: Session, act: Act, state: shapes.LikenessState
) -> Iterator[list[shapes.Likeness]]:
    after_id = ""
    for _ in range(PAGES_MAX):
        page = photos.list_likenesses(
            session, act=act, state=state, after_id=after_id, limit=QUESTIONS_PER_PAGE
        )
        if not page:
            return
        yield page
        after_id = page[-1].id


def _flag_page(session: Session, act: Act, page: Sequence[shapes.Likeness], *, zone: str) -> int:
    """Flag what a page of questions says of readings that nobody has flagged so."""
    named = {stop_id for each in page for stop_id in (each.file_stop_id, each.other_stop_id)}
    wanted = sorted(stop_id for stop_id in named if stop_id is not None)
    stops = {
        stop.id: stop for stop in store.load_stops(session, district_id=act.district_id, ids=wanted)
    }
    reading_ids = [stop.reading_id for stop in stops.values() if stop.reading_id is not None]
    readers = store.list_readers(session, district_id=act.district_id, reading_ids=reading_ids)
    book = findings.Book(session, act=act, reading_ids=reading_ids)
    for each in page:
        later = stops.get(each.file_stop_id or "")
        earlier = stops.get(each.other_stop_id or "")
        if later is None or earlier is None or later.reading_id is None:
            continue
        flag = reuse.judge(_case(each, later, earlier, zone=zone), thresholds.IN_FORCE.photos)
        if flag is not None:
            book.keep(
                flag,
                reading_id=later.reading_id,
                meter_id=later.meter_id,
                reader_id=readers[later.reading_id],
            )
    return sum(book.counts.values())


def _case(question: shapes.Likeness, later: Stop, earlier: Stop, *, zone: str) -> reuse.Case:
    return reuse.Case(
        meter_id=later.meter_id,
        file_id=question.file_id,
        other_meter_id=earlier.meter_id,
        other_file_id=question.other_id,
        other_on=_day(earlier.read_at, zone),
        same_bytes=question.same_bytes,
        dhash_distance=question.dhash_distance,
        phash_distance=question.phash_distance,
    )


def _day(at: dt.datetime | None, zone: str) -> dt.date | None:
    return None if at is None else at.astimezone(zoneinfo.ZoneInfo(zone)).date()
