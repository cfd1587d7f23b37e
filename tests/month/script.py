"""The month: October 2025 of a district, with the days before and after it.

National Day and Mid-Autumn make 1 to 8 October holidays; Sunday 28 September and Saturday
11 October are worked instead. The office publishes these days on that Sunday.
The server sleeps through a night and a day, and two runs of jobs are killed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.promises import service as promises
from tests.makers import crews
from tests.makers import tasks as work
from tests.month import cases, customers, repairs, requests
from tests.month.deeds import MEMBERS, Deed, office, phone, wall

BEGINS: Final = "2025-09-26 08:00"
ENDS: Final = "2025-11-03 06:30"
ASLEEP: Final = (wall("2025-10-16 22:00"), wall("2025-10-17 22:00"))
"""Nobody reaches the server between these, and no job runs."""
KILLED: Final = frozenset(
    {
        ("flag_overdue", wall("2025-10-21 11:46")),
        ("issue_reports", wall("2025-11-01 06:00")),
    }
)
"""Whoever runs one of these jobs at this minute is killed before its run takes effect."""


def deeds() -> list[Deed]:
    """List every deed of the month, in the order in which they are heard."""
    stories = (repairs.all_of_them, customers.all_of_them, requests.all_of_them, cases.all_of_them)
    told = [
        Deed(wall(BEGINS), _prepare),
        office("2025-09-28 12:00", lambda session, act: promises.seed_china(session, act=act)),
        *(deed for story in stories for deed in story()),
    ]
    return sorted(told, key=lambda deed: deed.at)


def _prepare(session: Session) -> None:
    """Give each crew a phone and shifts, and say who answers for what."""
    begins = wall(BEGINS)
    work.district(session)
    for crew_id in MEMBERS:
        phone(session, crew_id).covered_until = begins
        crews.shift(session, crew_id=crew_id, shift_id=f"month-{crew_id}", starts_at=begins)
    requests.prepare(session, at=begins)
