"""The way into insight for doors and jobs."""

from api.insight.service.asking import Question, get_figure, get_past
from api.insight.service.definitions import ALL as DEFINITIONS
from api.insight.service.issuing import compose_due, enter_due, list_issued
from api.insight.service.reports import Composed, Wanted, compose, find, names_for
from api.insight.service.rows import Key, Opened, list_rows

__all__ = [
    "DEFINITIONS",
    "Composed",
    "Key",
    "Opened",
    "Question",
    "Wanted",
    "compose",
    "compose_due",
    "enter_due",
    "find",
    "get_figure",
    "get_past",
    "list_issued",
    "list_rows",
    "names_for",
]
