"""What happens to each kind of work: a row that names anything else would promise nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from schemas.promises import PolicyRow
from schemas.rules import requests, transitions

_REPORT: Final = "report"
_ORDERS: Final = frozenset({_REPORT, *transitions.Event})


def _of_request(kind: requests.Kind) -> frozenset[str]:
    """List what happens to a kind of request; only a complaint is contacted and called back."""
    common = {requests.STARTS[kind], str(requests.Event.dispatch), requests.ENDS[kind]}
    if kind is requests.Kind.complaint:
        common |= {requests.Event.contact, requests.Event.call_back}
    return frozenset(common)


EVENTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **{str(kind): _ORDERS for kind in transitions.Kind},
        **{str(kind): _of_request(kind) for kind in requests.Kind},
    }
)
"""The events by which a clock can start or stop, by the subject of its row."""


def faults(row: PolicyRow) -> Iterator[str]:
    """Name what a row waits for in vain."""
    known = EVENTS.get(row.subject)
    if known is None:
        yield f"there is no subject {row.subject}; it is one of {', '.join(sorted(EVENTS))}"
        return
    for event in (row.start, row.stop):
        if event not in known:
            yield (
                f"{event} never happens to {row.subject}; what does is {', '.join(sorted(known))}"
            )
