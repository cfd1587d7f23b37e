"""Shifts: when a crew is on duty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from api import errors
from api.acts import Act
from api.crews import store
from api.crews.models import Shift
from api.crews.service import crews, trail
from schemas import crews as shapes
from schemas.errors import Refused


class ShiftEndsFirst(Refused):
    """A shift ends before it begins. Mend its times."""

    code = "shift-ends-first"
    status = 422
    en = "A shift must end after it begins."
    zh = "班次的结束时间必须晚于开始时间。"


def add_shifts(
    session: Session, *, act: Act, crew_id: str, drafts: Sequence[shapes.ShiftDraft]
) -> list[Shift]:
    """Add shifts to a crew's roster; where they overlap it is on duty all the same.

    Raises:
        NotFound: there is no such crew.
        CrewDisbanded: it was disbanded.
        ShiftEndsFirst: a shift ends before it begins.
    """
    crew = crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    if crew.disbanded_at is not None:
        raise crews.CrewDisbanded(crew_id=crew_id)
    if any(each.ends_at is not None and each.ends_at <= each.starts_at for each in drafts):
        raise ShiftEndsFirst
    shifts = [
        Shift(
            district_id=act.district_id,
            id=act.new_id(),
            crew_id=crew_id,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
        )
        for draft in drafts
    ]
    session.add_all(shifts)
    session.flush()
    trail.audit(
        session,
        act=act,
        what="crew.shifts_added",
        subject_id=crew_id,
        detail={"shift_ids": [shift.id for shift in shifts]},
    )
    return shifts


def end_shift(session: Session, *, act: Act, crew_id: str, shift_id: str) -> None:
    """End a shift now; one that has not begun is taken from the roster, one that is over stays.

    Raises:
        NotFound: there is no such crew or shift.
    """
    crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    shift = store.crews.find_shift(
        session, district_id=act.district_id, crew_id=crew_id, shift_id=shift_id
    )
    if shift is None:
        raise errors.NotFound(what="shift", id=shift_id)
    if shift.ends_at is not None and shift.ends_at <= act.received_at:
        return
    if shift.starts_at >= act.received_at:
        session.delete(shift)
    else:
        shift.ends_at = act.received_at
    trail.audit(
        session,
        act=act,
        what="crew.shift_ended",
        subject_id=crew_id,
        detail={"shift_id": shift_id},
    )


def list_shifts(
    session: Session,
    *,
    act: Act,
    crew_id: str,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> Sequence[Shift]:
    """List a page of a crew's shifts that are not over, in the order of their starts.

    Raises:
        NotFound: there is no such crew.
    """
    crews.get_crew(session, district_id=act.district_id, crew_id=crew_id)
    return store.crews.page_shifts(
        session,
        district_id=act.district_id,
        crew_id=crew_id,
        ending_after=act.received_at,
        after=after,
        limit=limit,
    )


def shifts_between(
    session: Session, *, district_id: str, crew_id: str, start: dt.datetime, end: dt.datetime
) -> Sequence[Shift]:
    """List a crew's shifts that meet a stretch of time, in the order of their starts."""
    return store.crews.list_shifts_between(
        session, district_id=district_id, crew_id=crew_id, start=start, end=end
    )


def view(shift: Shift) -> shapes.ShiftView:
    """Shape a shift."""
    return shapes.ShiftView(
        id=shift.id, crew_id=shift.crew_id, starts_at=shift.starts_at, ends_at=shift.ends_at
    )
