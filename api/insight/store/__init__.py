"""Questions of insight: the rows that figures count, their sums and pages, reports as issued.

It reads the tables of other slices, since rows can only be counted where they lie (decision 31);
it writes none but its own.
"""

from api.insight.store.counting import DIMENSIONS, Counted, Key, Tally, Wanted, page, tally
from api.insight.store.issued import (
    Place,
    find_first_work,
    find_issued,
    list_issued,
    list_spans,
)
from api.insight.store.ledgers import Asked
from api.insight.store.names import names_of

__all__ = [
    "DIMENSIONS",
    "Asked",
    "Counted",
    "Key",
    "Place",
    "Tally",
    "Wanted",
    "find_first_work",
    "find_issued",
    "list_issued",
    "list_spans",
    "names_of",
    "page",
    "tally",
]
