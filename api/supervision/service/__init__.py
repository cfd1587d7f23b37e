"""The way into supervision for other capabilities, doors and jobs."""

from api.supervision.service.actions import (
    ActionDoneBefore,
    DueInPast,
    OwnerGone,
    act_done,
    list_actions,
    set_action,
    set_action_on,
)
from api.supervision.service.appeals import (
    AppealDecided,
    AppealPending,
    OwnAppeal,
    appeal,
    decide,
)
from api.supervision.service.cases import Breach, clear, end, open_case, reopen
from api.supervision.service.climbing import AtTheTop, climb_due, raise_case
from api.supervision.service.office import (
    StillOverdue,
    Wanted,
    acknowledge,
    chase_subject,
    close,
    get_case,
    list_cases,
    whole,
)
from api.supervision.service.points import Period, list_points
from api.supervision.service.settled import CaseSettled

__all__ = [
    "ActionDoneBefore",
    "AppealDecided",
    "AppealPending",
    "AtTheTop",
    "Breach",
    "CaseSettled",
    "DueInPast",
    "OwnAppeal",
    "OwnerGone",
    "Period",
    "StillOverdue",
    "Wanted",
    "acknowledge",
    "act_done",
    "appeal",
    "chase_subject",
    "clear",
    "climb_due",
    "close",
    "decide",
    "end",
    "get_case",
    "list_actions",
    "list_cases",
    "list_points",
    "open_case",
    "raise_case",
    "reopen",
    "set_action",
    "set_action_on",
    "whole",
]
