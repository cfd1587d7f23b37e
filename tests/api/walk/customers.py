"""Doors of promises to customers and of appointments; a part of the one table."""

from __future__ import annotations

from typing import Final

from schemas.crews import FIELD, OFFICE, Role
from tests.api.walk.doors import Door, To
from tests.makers.neighbours import REASON

LOOKS: Final = OFFICE | {Role.INTEGRATION}
TODAY: Final = "2026-11-23T00:00:00Z"
_SOON: Final = {"due_at": "2026-11-23T06:00:00Z", "words": "by two"}
_AGREED: Final = {"consent": {"name": "Li Hua"}, "why": REASON}
_ANEW: Final = {**_SOON, **_AGREED}
_SLOT: Final = {"from_at": TODAY, "customer": "Li", "words": "at eight"}
DOORS: Final = [
    Door("GET", "/v1/customer-promises", OFFICE, to=To.MANY),
    Door("GET", "/v1/customer-promises?task_id={task}", OFFICE, to=To.MANY),
    Door("GET", "/v1/appointment-slots?crew_id={crew}", LOOKS),
    Door("GET", "/v1/appointments", OFFICE, to=To.MANY),
    Door("GET", "/v1/appointments?crew_id={crew}", OFFICE, to=To.MANY),
    Door("POST", "/v1/appointments", LOOKS, {"crew_id": "{crew}", **_SLOT}, found=422),
    Door("GET", "/v1/appointments/{appointment}", OFFICE),
    Door(
        "POST",
        "/v1/appointments/{appointment}/move",
        OFFICE,
        {"crew_id": "crew-mine", "from_at": TODAY, "words": "later", **_AGREED},
        found=422,
    ),
    Door(
        "POST",
        "/v1/appointments/appointment-mine/move",
        OFFICE,
        {"crew_id": "{crew}", "from_at": TODAY, "words": "later", **_AGREED},
        found=422,
    ),
    Door("POST", "/v1/appointments/{appointment}/cancel", OFFICE, {"why": REASON}),
    Door("GET", "/v1/crews/{crew}/days-off", OFFICE),
    Door("PUT", "/v1/crews/{crew}/days-off/2026-11-24", OFFICE, {"why": REASON}),
    Door("DELETE", "/v1/crews/{crew}/days-off/2026-11-24", OFFICE),
    Door("POST", "/v1/customer-promises", LOOKS, {"customer": "Li", "task_id": "{task}", **_SOON}),
    Door(
        "POST",
        "/v1/customer-promises",
        LOOKS,
        {"customer": "Li", "service_point_id": "{point}", **_SOON},
    ),
    Door("POST", "/v1/tasks/{task}/promises", OFFICE | FIELD, {"customer": "Li", **_SOON}),
    Door(
        "POST",
        "/v1/tasks/{task}/promises/reagree",
        OFFICE | FIELD,
        {"promise_id": "{promise}", **_ANEW},
    ),
    Door("GET", "/v1/customer-promises/{promise}", OFFICE),
    Door("POST", "/v1/customer-promises/{promise}/agree", OFFICE, _ANEW),
    Door(
        "POST",
        "/v1/customer-promises/{promise}/tellings",
        OFFICE,
        {"customer": "Li", "words": "the road is flooded"},
    ),
    Door("PUT", "/v1/customer-promises/{promise}/order", OFFICE, {"task_id": "{task}"}),
    Door("POST", "/v1/customer-promises/{promise}/withdraw", OFFICE, {"why": REASON}),
]
