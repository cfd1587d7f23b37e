"""The way into promises for other capabilities, doors and jobs."""

from api.promises.service.calendars import (
    due,
    get_calendar,
    put_year,
    seed_china,
    set_weekend,
)
from api.promises.service.keeping import (
    REPORT,
    Subject,
    hand_over,
    load,
    note,
    redo_provisional,
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
    "choose",
    "due",
    "get_calendar",
    "get_set",
    "hand_over",
    "in_force",
    "limits",
    "list_choices",
    "list_sets",
    "load",
    "note",
    "put_year",
    "redo_provisional",
    "reopen",
    "seed_china",
    "set_weekend",
    "settle_due",
    "void",
]
