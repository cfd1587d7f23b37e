"""Doors of readings in doubt, unread meters and abnormal use; a part of the one table."""

from __future__ import annotations

from typing import Final

from schemas.crews import OFFICE, Role
from tests.api.walk.doors import Door, To
from tests.makers.neighbours import REASON

_LOOKS: Final = OFFICE | {Role.INTEGRATION}
_RIGHT: Final = {"total": "7", "method": "customer", "reason": REASON}


def _many(path: str, roles: frozenset[Role]) -> Door:
    return Door("GET", path, roles, to=To.MANY)


DOORS: Final = [
    Door("GET", "/v1/readings/{reading}", _LOOKS),
    Door("POST", "/v1/readings/{reading}/dispute", _LOOKS, {"key": "{reading}", "said": REASON}),
    _many("/v1/disputes", _LOOKS),
    _many("/v1/disputes?meter_id={meter}&reading_id={reading}", _LOOKS),
    Door("GET", "/v1/readings/{reading}/estimate", _LOOKS),
    Door("POST", "/v1/readings/{reading}/correction", OFFICE, _RIGHT),
    Door(
        "POST",
        "/v1/customer-readings",
        _LOOKS,
        {"key": "{report}", "meter_id": "{meter}", "total": "9"},
    ),
    Door("POST", "/v1/estimates", _LOOKS, {"meter_id": "{meter}", "estimator": "zero"}),
    _many("/v1/visit-proposals", OFFICE),
    _many("/v1/visit-proposals?meter_id={meter}", OFFICE),
    Door("POST", "/v1/visit-proposals/{visit}/decision", OFFICE, {"decision": "letter_sent"}),
    _many("/v1/routes/rotation", OFFICE),
    _many("/v1/abnormal-use", OFFICE),
    _many("/v1/abnormal-use?meter_id={meter}&owner_id={person}", OFFICE),
    Door("POST", "/v1/abnormal-use/{abnormal}/take", OFFICE),
    Door("POST", "/v1/abnormal-use/{abnormal}/close", OFFICE, {"found": "real"}),
]
