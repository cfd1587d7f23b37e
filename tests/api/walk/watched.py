"""The doors of supervision, of service requests and of figures, for the one table."""

from __future__ import annotations

from typing import Final

from schemas.crews import OFFICE, Role
from tests.api.walk.doors import Door, To
from tests.makers.neighbours import REASON

_LEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_BOSS: Final = frozenset({Role.ADMINISTRATOR})
_LOOKS: Final = OFFICE | {Role.INTEGRATION}
_DAY: Final = "first_day=2026-11-23&last_day=2026-11-23"
_PERIOD: Final = "from_at=2026-11-01T00:00:00Z&until_at=2026-12-01T00:00:00Z"
_DISPUTE: Final = {"kind": "reading_dispute", "description": "表数不对"}
_ACTION: Final = {"what": REASON, "owner_id": "{person}", "due_on": "2026-12-24"}


def _many(path: str, roles: frozenset[Role]) -> Door:
    return Door("GET", path, roles, to=To.MANY)


SUPERVISION: Final = [
    _many("/v1/supervision", OFFICE),
    Door("GET", "/v1/supervision/{case}", OFFICE),
    _many("/v1/supervision?subject_id={task}&crew_id={crew}", OFFICE),
    Door("GET", "/v1/supervision?unit_id={district}", OFFICE, tree=True),
    _many(f"/v1/supervision/points?by=crew&{_PERIOD}", OFFICE),
    Door(
        "GET", f"/v1/supervision/points?by=unit&unit_id={{district}}&{_PERIOD}", OFFICE, tree=True
    ),
    Door("POST", "/v1/supervision/{case}/acknowledge", _LEADS, {"remark": REASON}),
    Door("POST", "/v1/supervision/{case}/raise", _LEADS, {"reason": REASON}),
    Door(
        "POST",
        "/v1/supervision/{case}/appeals/{appeal}/decision",
        _LEADS,
        {"upheld": False, "words": REASON},
    ),
    Door("POST", "/v1/supervision/{case}/appeals", OFFICE, {"ground": "not_true", "words": REASON}),
    Door(
        "POST",
        "/v1/supervision/{case}/actions",
        _LEADS,
        _ACTION,
    ),
    Door(
        "POST",
        "/v1/supervision/case-mine/actions",
        _LEADS,
        _ACTION,
    ),
    _many("/v1/actions", OFFICE),
    _many("/v1/actions?owner_id={person}&subject_id={task}", OFFICE),
    Door("POST", "/v1/actions/{action}/done", OFFICE, {"words": REASON}),
    Door("POST", "/v1/supervision/{case}/close", _LEADS, {"done": REASON}),
]
REQUESTS: Final = [
    _many("/v1/requests", _LOOKS),
    _many("/v1/requests?person_id={person}", _LOOKS),
    Door(
        "POST",
        "/v1/requests",
        _LOOKS,
        {**_DISPUTE, "key": "{report}", "meter_id": "{meter}"},
    ),
    Door(
        "POST",
        "/v1/requests",
        _LOOKS,
        {**_DISPUTE, "key": "{report}", "service_point_id": "{point}"},
    ),
    Door("POST", "/v1/requests", _LOOKS, {**_DISPUTE, "key": "{report}", "task_id": "{task}"}),
    Door("GET", "/v1/requests/{request}", _LOOKS),
    Door("GET", "/v1/requests/{request}/timeline", _LOOKS),
    Door("GET", "/v1/requests/{request}/verify", _LOOKS),
    Door("POST", "/v1/requests/{request}/chase", _LOOKS, {"words": REASON}),
    Door(
        "POST", "/v1/requests/{request}/give", OFFICE, {"person_id": "{person}", "reason": REASON}
    ),
    Door(
        "POST",
        "/v1/requests/{request}/actions",
        _LEADS,
        _ACTION,
    ),
    Door("POST", "/v1/requests/{request}/contact", _LOOKS, {"words": REASON}),
    Door("POST", "/v1/requests/{request}/answer", _LOOKS, {"words": REASON}),
    Door("POST", "/v1/requests/{request}/call-back", OFFICE, {"result": "satisfied"}),
    Door("POST", "/v1/requests/{request}/archive", OFFICE),
    Door("POST", "/v1/requests/{request}/withdraw", OFFICE, {"reason": REASON}),
    Door("GET", "/v1/taxonomies", _LOOKS, to=To.SAME),
    Door("GET", "/v1/units/{district}/posts", OFFICE, tree=True),
    Door("PUT", "/v1/units/{district}/posts/duty", _BOSS, {"person_id": "{person}"}, tree=True),
]
FIGURES: Final = [
    Door("GET", "/v1/figures", _LOOKS, to=To.SAME),
    Door("GET", f"/v1/figures/arrive_in_time?unit_id={{district}}&{_DAY}", _LOOKS, tree=True),
    Door("GET", f"/v1/figures/arrive_in_time/past?unit_id={{district}}&{_DAY}", _LOOKS, tree=True),
    _many(f"/v1/figures/arrive_in_time/denominator?{_DAY}", _LOOKS),
    Door(
        "GET",
        f"/v1/figures/arrive_in_time/undecided?unit_id={{district}}&{_DAY}",
        _LOOKS,
        tree=True,
    ),
    _many("/v1/reports", _LOOKS),
    Door("GET", "/v1/reports/weekly/2026-11-16?unit_id={district}", _LOOKS, tree=True),
]
