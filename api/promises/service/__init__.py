"""The way into promises for other capabilities, doors and jobs."""

from api.promises.service.browsing import (
    Wanted,
    clocks_by_id,
    get_clock,
    list_clocks,
)
from api.promises.service.calendars import due, get_calendar, work_calendar
from api.promises.service.countries import seed as seed_country
from api.promises.service.days import put_year, seed_china, set_weekend
from api.promises.service.given import (
    Window,
    attach,
    give,
    list_windows,
    lock_foreseeable,
    notice,
    take_back,
    warn,
)
from api.promises.service.given import prove as prove_given
from api.promises.service.held import load
from api.promises.service.keeping import hand_over, note, prove, reopen, show, void
from api.promises.service.opening import REPORT, Subject
from api.promises.service.pausing import ReasonNotKnown, find_reason, go_on, pause
from api.promises.service.rulebook import (
    appointments,
    choose,
    get_set,
    in_force,
    limits,
    list_choices,
    list_sets,
    pace,
)
from api.promises.service.settling import settle_due

__all__ = [
    "REPORT",
    "ReasonNotKnown",
    "Subject",
    "Wanted",
    "Window",
    "appointments",
    "attach",
    "choose",
    "clocks_by_id",
    "due",
    "find_reason",
    "get_calendar",
    "get_clock",
    "get_set",
    "give",
    "go_on",
    "hand_over",
    "in_force",
    "limits",
    "list_choices",
    "list_clocks",
    "list_sets",
    "list_windows",
    "load",
    "lock_foreseeable",
    "note",
    "notice",
    "pace",
    "pause",
    "prove",
    "prove_given",
    "put_year",
    "reopen",
    "seed_china",
    "seed_country",
    "set_weekend",
    "settle_due",
    "show",
    "take_back",
    "void",
    "warn",
    "work_calendar",
]
