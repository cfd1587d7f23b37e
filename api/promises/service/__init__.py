"""The way into promises for other capabilities, doors and jobs."""

from api.promises.service.browsing import (
    Wanted,
    acknowledge,
    get_case,
    get_clock,
    list_cases,
    list_clocks,
)
from api.promises.service.calendars import due, get_calendar
from api.promises.service.days import put_year, seed_china, set_weekend
from api.promises.service.keeping import (
    REPORT,
    Subject,
    hand_over,
    load,
    note,
    prove,
    reopen,
    void,
)
from api.promises.service.rulebook import (
    choose,
    get_set,
    in_force,
    limits,
    list_choices,
    list_sets,
)
from api.promises.service.settling import settle_due

__all__ = [
    "REPORT",
    "Subject",
    "Wanted",
    "acknowledge",
    "choose",
    "due",
    "get_calendar",
    "get_case",
    "get_clock",
    "get_set",
    "hand_over",
    "in_force",
    "limits",
    "list_cases",
    "list_choices",
    "list_clocks",
    "list_sets",
    "load",
    "note",
    "prove",
    "put_year",
    "reopen",
    "seed_china",
    "set_weekend",
    "settle_due",
    "void",
]
