"""The one table of doors; a door of the application that is not in it fails the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.crews import FIELD, OFFICE, Role
from tests.api.walk import customers, doubted, watched
from tests.api.walk.doors import Door, To
from tests.makers import basemap, crews, push, sites
from tests.makers import evidence as files
from tests.makers.neighbours import REASON

LEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
BOSS: Final = frozenset({Role.ADMINISTRATOR})
LOOKS: Final = OFFICE | {Role.INTEGRATION}
WORKS: Final = OFFICE | FIELD
ALL: Final = frozenset(Role)
TODAY: Final = "2026-11-23T00:00:00Z"
_TUS: Final = {"Tus-Resumable": "1.0.0"}
_PART: Final = {**_TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
_POSITION: Final = {"lat_deg": sites.LAT_DEG, "lon_deg": sites.LON_DEG}
_AREA: Final = {"name": "新片区", "area_class": "urban", "geometry": sites.square()}
_BROWSER: Final = push.browser("https://push.example/walker").subscription()
_ADDRESS: Final = "https://billing.example/events"
_WEBHOOK: Final = {"channel": "webhook", "name": "计费系统", "address": _ADDRESS}
_CSV: Final = {"Content-Type": "text/csv"}


def _many(path: str, roles: frozenset[Role], *, shared: bool = False, tree: bool = False) -> Door:
    return Door("GET", path, roles, to=To.MANY, shared=shared, tree=tree)


def _field(move: str, body: Mapping[str, object] | None = None) -> Door:
    return Door("POST", f"/v1/tasks/{{task}}/{move}", WORKS, body or {})


def _office(move: str, body: Mapping[str, object] | None = None) -> Door:
    return Door("POST", f"/v1/tasks/{{task}}/{move}", OFFICE, body)


def _import(what: str, first_line: str) -> Door:
    return Door(
        "POST",
        f"/v1/imports/{what}",
        frozenset({Role.ADMINISTRATOR, Role.INTEGRATION}),
        to=To.OWN,
        headers=_CSV,
        data=first_line.encode(),
    )


_ORGANISATION: Final = [
    _many("/v1/units", ALL, shared=True, tree=True),
    Door(
        "POST",
        "/v1/units",
        BOSS,
        {"id": "new", "parent_id": "{district}", "level": "city", "name": "新"},
        tree=True,
        found=422,
    ),
    _many("/v1/audit", LEADS),
    _many("/v1/custody/checkpoints", LEADS),
    Door("GET", "/v1/custody/keys", LEADS, to=To.SAME),
    _many("/v1/custody/findings", LEADS),
    Door(
        "POST", "/v1/custody/findings/{finding}/explanation", LEADS, {"note": f"{REASON}, {REASON}"}
    ),
    _many("/v1/people", OFFICE),
    Door("GET", "/v1/people?unit_id={district}", OFFICE, tree=True),
    Door(
        "POST",
        "/v1/people",
        BOSS,
        {"login": "new-{district}", "name": "新", "roles": ["reader"], "unit_id": "{district}"},
        tree=True,
    ),
    Door("GET", "/v1/people/{person}", OFFICE, tree=True),
    Door("GET", "/v1/people/{person}/enrolment.svg", OFFICE, tree=True),
    Door("PUT", "/v1/people/{person}/roles", BOSS, {"roles": ["reader"]}, tree=True),
    Door("PUT", "/v1/people/{person}/roles", BOSS, {"roles": ["lineman"]}, tree=True),
]
_CREWS: Final = [
    _many("/v1/crews", LOOKS),
    _many("/v1/crews?area_id={area}", LOOKS),
    _many("/v1/crews/geojson", LOOKS),
    Door("POST", "/v1/crews", LEADS, {"name": "新", "member_ids": ["{person}"]}),
    Door("GET", "/v1/crews/{crew}", LOOKS),
    Door("PATCH", "/v1/crews/{crew}", LEADS, {"name": "新"}),
    Door("PATCH", "/v1/crews/crew-mine", LEADS, {"member_ids": ["person-mine", "{person}"]}),
    Door("PUT", "/v1/crews/{crew}/loans/a9", OFFICE, {"reason": REASON}),
    Door("DELETE", "/v1/crews/{crew}/loans/a8", OFFICE),
    Door("GET", "/v1/crews/{crew}/shifts", OFFICE),
    Door("POST", "/v1/crews/{crew}/shifts", OFFICE, {"shifts": [{"starts_at": TODAY}]}),
    Door("DELETE", "/v1/crews/{crew}/shifts/{shift}", OFFICE),
    Door("DELETE", "/v1/crews/crew-mine/shifts/{shift}", OFFICE),
    _many("/v1/devices", OFFICE),
    _many("/v1/devices?person_id={person}", OFFICE),
    Door("POST", "/v1/devices", ALL, {"name": "新", "app": "x", "key": crews.KEY}, to=To.OWN),
    Door(
        "POST",
        "/v1/devices",
        ALL,
        {"id": "{device}", "name": "新", "app": "x", "key": crews.KEY},
        by=Role.LINEMAN,
    ),
    Door("GET", "/v1/devices/{device}", OFFICE),
    _many("/v1/devices/unsynced", OFFICE),
    Door("GET", "/v1/devices/unsynced?unit_id={district}", OFFICE, tree=True),
]
_PLACES: Final = [
    Door("GET", "/v1/districts/current", ALL, to=To.OWN),
    Door("PUT", "/v1/districts/current", BOSS, {"name": "新"}, to=To.OWN),
    _many("/v1/areas", ALL, shared=True),
    _many("/v1/areas/geojson", ALL, shared=True),
    _many("/v1/areas/located?lat_deg=20.04&lon_deg=110.32", ALL, shared=True),
    Door("POST", "/v1/areas", BOSS, _AREA, to=To.OWN),
    Door("GET", "/v1/areas/{area}", ALL, shared=True),
    Door("PUT", "/v1/areas/{area}", BOSS, _AREA),
    Door("GET", "/v1/basemap", ALL, to=To.SAME),
    Door("GET", f"/v1/basemap/{basemap.SHA256}", ALL, to=To.SAME),
    _many("/v1/feeders", LOOKS),
    _many("/v1/feeders/geojson", LOOKS),
    *(
        _many(f"/v1/{kind}{shown}{query}", LOOKS)
        for kind in ("transformers", "switches", "service-points")
        for shown in ("", "/geojson")
        for query in ("", "?feeder_id={feeder}")
    ),
    Door("GET", "/v1/transformers/{transformer}", LOOKS),
    _many("/v1/service-points?transformer_id={transformer}", LOOKS),
    Door("GET", "/v1/service-points/{point}", LOOKS),
    _many("/v1/meters", LOOKS),
    _many("/v1/meters?service_point_id={point}", LOOKS),
    Door("GET", "/v1/meters/{meter}", LOOKS),
    _import("feeders", "id,name,kv,station\nF01,Lingshan,10,Lingshan 110 kV\n"),
]
_TASKS: Final = [
    _many("/v1/tasks", ALL),
    _many("/v1/tasks?crew_id={crew}&person_id={person}", ALL),
    _many("/v1/tasks/geojson", ALL),
    Door("GET", "/v1/tasks/{task}", ALL),
    Door("GET", "/v1/tasks/{task}/timeline", ALL),
    Door("GET", "/v1/tasks/{task}/verify", LOOKS),
    Door("GET", "/v1/tasks/{task}/holders", LOOKS),
    Door("GET", "/v1/tasks/{task}/bundle", OFFICE),
    Door("PATCH", "/v1/tasks/{task}", OFFICE, {"contact": "Li"}),
    _office("assign", {"crew_id": "{crew}", "why": REASON}),
    _office("reassign", {"crew_id": "{crew}", "why": REASON}),
    Door("POST", "/v1/tasks/task-mine/reassign", OFFICE, {"crew_id": "{crew}", "why": REASON}),
    Door("POST", "/v1/tasks/task-mine/reassign", OFFICE, {"person_id": "{person}", "why": REASON}),
    Door("POST", "/v1/tasks/task-mine/reassign", OFFICE, {"crew_id": "{crew}", "why": REASON}),
    _field("accept"),
    _field("set-out"),
    Door("GET", "/v1/tasks/{task}/check-ins", ALL),
    Door("POST", "/v1/tasks/{task}/check-ins", WORKS, {}),
    _field("start"),
    _field("suspend", {"reason": REASON}),
    _field("resume"),
    _field("note", {"text": "dog in the yard"}),
    _field("amend", {"contact": {"saw": "", "set": "Li"}}),
    _field("restore"),
    _field("return", {"reason": REASON}),
    _field("finish", {"cause": "blown fuse"}),
    _office("call-back", {"result": "satisfied"}),
    _office("archive"),
    _office("reopen", {"cause": "the light flickers again"}),
    Door("POST", "/v1/tasks/{task}/chase", LOOKS, {"words": REASON}),
    _office("looked", {"note": "both are right"}),
    _many("/v1/check-ins", OFFICE),
    _many("/v1/check-ins?person_id={person}", OFFICE),
    _many("/v1/check-ins/geojson", OFFICE),
    _many("/v1/repairs", OFFICE),
    _many("/v1/repairs?task_id={task}", OFFICE),
    Door(
        "POST",
        "/v1/repairs",
        LOOKS,
        {"key": "{report}", "description": "没电", "service_point_id": "{point}"},
    ),
    Door("GET", "/v1/repairs/{report}", LOOKS),
]
_EVIDENCE: Final = [
    _many("/v1/evidence", OFFICE),
    Door("GET", "/v1/evidence?task_id={task}", OFFICE),
    _many("/v1/evidence/faulty", OFFICE),
    Door("GET", "/v1/evidence/{file}", OFFICE),
    Door("GET", "/v1/evidence/{file}/content", OFFICE),
    Door("GET", "/v1/evidence/{file}/picture", OFFICE),
    Door("GET", "/v1/evidence/{file}/thumbnail", OFFICE),
    Door("GET", "/v1/evidence/{file}/copy", OFFICE),
    Door("POST", "/v1/evidence/{file}/waive", LEADS, {"reason": REASON}),
    _many("/v1/likenesses", OFFICE),
    Door("POST", "/v1/likenesses/{likeness}/decision", OFFICE, {"decision": "allowed"}),
    Door("POST", "/v1/uploads", ALL, to=To.OWN, headers=files.creation(), by=Role.LINEMAN),
    Door(
        "POST",
        "/v1/uploads",
        ALL,
        by=Role.LINEMAN,
        headers={**_TUS, "Upload-Concat": "final;/v1/uploads/{part}"},
    ),
    Door("HEAD", "/v1/uploads/{upload}", ALL, headers=_TUS, by=Role.LINEMAN),
    Door("PATCH", "/v1/uploads/{upload}", ALL, headers=_PART, data=b"12345", by=Role.LINEMAN),
    Door(
        "POST",
        "/v1/uploads/{upload}",
        ALL,
        by=Role.LINEMAN,
        headers={**_TUS, "X-HTTP-Method-Override": "HEAD"},
    ),
    Door("DELETE", "/v1/uploads/{upload}", ALL, headers=_TUS, by=Role.LINEMAN),
]
_READINGS: Final = [
    _many("/v1/routes", LOOKS),
    _many("/v1/routes?crew_id={crew}&person_id={person}", LOOKS),
    Door("POST", "/v1/routes", OFFICE, {"name": "新", "meter_ids": ["{meter}"]}),
    Door(
        "POST",
        "/v1/routes",
        OFFICE,
        {"name": "新", "meter_ids": ["meter-mine"], "crew_id": "{crew}"},
    ),
    Door(
        "POST",
        "/v1/routes",
        OFFICE,
        {"name": "新", "meter_ids": ["meter-mine"], "person_id": "{person}"},
    ),
    Door("GET", "/v1/routes/{route}", LOOKS),
    Door("GET", "/v1/routes/{route}/stops", LOOKS),
    Door("GET", "/v1/routes/{route}/geojson", LOOKS),
    Door("GET", "/v1/exports/routes/{route}", LOOKS),
    Door(
        "POST",
        "/v1/routes/{route}/moves",
        OFFICE,
        {"stop_ids": ["{stop}"], "to_route_id": "none", "reason": REASON},
        found=404,
    ),
    Door("GET", "/v1/routes/{route}/order", LOOKS),
    Door("PUT", "/v1/routes/{route}/order", OFFICE, {"stop_ids": ["other"]}),
    _many("/v1/exports/readings?layout=json", LOOKS),
    Door("POST", "/v1/imports/readings", LOOKS, to=To.OWN, headers=_CSV, data=b"serial\n"),
    Door("POST", "/v1/imports/routes", LOOKS, to=To.OWN, headers=_CSV, data=b"serial\n"),
    _many("/v1/readings", LOOKS),
    _many("/v1/readings?route_id={route}", LOOKS),
    _many("/v1/readings?meter_id={meter}&reader_id={person}", LOOKS),
    Door(
        "POST", "/v1/readings", LOOKS, {"meter_id": "{meter}", "total": "5", "method": "customer"}
    ),
    Door("GET", "/v1/meters/{meter}/readings", LOOKS),
    _many("/v1/flags", LOOKS),
    _many("/v1/flags?meter_id={meter}&reader_id={person}", LOOKS),
    _many("/v1/flags/precision", OFFICE),
    _many("/v1/rereads", OFFICE),
    _many("/v1/rereads?meter_id={meter}&route_id={route}", OFFICE),
    _many("/v1/meter-findings", OFFICE),
    _many("/v1/meter-findings?meter_id={meter}&route_id={route}", OFFICE),
    Door("GET", "/v1/meter-findings/{meter_finding}", OFFICE),
    Door("POST", "/v1/meter-findings/{meter_finding}/settle", OFFICE, {"resolution": "dismissed"}),
    _many("/v1/evidence-gaps", OFFICE),
    _many("/v1/evidence-gaps?meter_id={meter}&reader_id={person}", OFFICE),
    _many("/v1/meter-events", LOOKS),
    _many("/v1/meter-events?meter_id={meter}", LOOKS),
    Door(
        "POST",
        "/v1/meter-events",
        LOOKS,
        {"kind": "outage", "meter_id": "{meter}", "from_at": TODAY},
    ),
    Door(
        "POST",
        "/v1/meter-events",
        LOOKS,
        {"kind": "outage", "transformer_id": "{transformer}", "from_at": TODAY},
    ),
]
_PROMISES: Final = [
    _many("/v1/promises", OFFICE),
    _many("/v1/promises?subject_id={task}&crew_id={crew}", OFFICE),
    Door("GET", "/v1/promises/{clock}", OFFICE),
    Door("GET", "/v1/policies", OFFICE, to=To.SAME),
    Door("GET", "/v1/policies/sgcc-2022", OFFICE, to=To.SAME),
    _many("/v1/district-policies", OFFICE),
    Door(
        "PUT",
        "/v1/district-policies",
        BOSS,
        {"policy": "sgcc-2022", "effective_from": TODAY},
        to=To.OWN,
    ),
    Door("GET", "/v1/calendar", ALL, to=To.OWN),
    Door("PUT", "/v1/calendar/years/2031", LEADS, {"published": True}, to=To.OWN),
    Door("PUT", "/v1/calendar/weekend", LEADS, {"rest_weekdays": [6]}, to=To.OWN),
    Door("POST", "/v1/calendar/china", LEADS, to=To.OWN),
    Door("POST", "/v1/calendar/holidays", LEADS, {"country": "PL", "year": 2026}, to=To.OWN),
    _many("/v1/notices", OFFICE),
    _many("/v1/notices?receiver={device}", OFFICE),
    Door("POST", "/v1/notices/{notice}/retry", LEADS),
    _many("/v1/customer-notices", OFFICE),
    _many("/v1/customer-notices?state=by_telephone&task_id={task}", OFFICE),
    Door("POST", "/v1/customer-notices/{told}/told", OFFICE, {"words": "来电已告知"}),
    _many("/v1/receivers", BOSS),
    Door("POST", "/v1/receivers", BOSS, _WEBHOOK, to=To.OWN),
    Door("GET", "/v1/receivers/{receiver}", BOSS),
    Door("PATCH", "/v1/receivers/{receiver}", BOSS, {"name": "计费系统"}),
    Door("POST", "/v1/receivers/{receiver}/rotate", BOSS, {}),
    Door("POST", "/v1/receivers/{receiver}/test", BOSS),
    Door("POST", "/v1/receivers/{receiver}/retry", BOSS),
    Door("DELETE", "/v1/receivers/{receiver}", BOSS),
    Door("GET", "/v1/push/key", FIELD, to=To.SAME, by=Role.LINEMAN),
    Door("PUT", "/v1/push/subscription", FIELD, _BROWSER, to=To.OWN, by=Role.LINEMAN),
    Door("DELETE", "/v1/push/subscription", FIELD, to=To.OWN, by=Role.LINEMAN),
    Door("GET", "/v1/jobs", LEADS, to=To.SAME),
    _many("/v1/jobs/runs", LEADS),
    Door("GET", "/v1/jobs/flag_overdue", LEADS, to=To.OWN),
    Door("POST", "/v1/jobs/sweep_uploads/run", BOSS, to=To.OWN),
]
_SYNC: Final = [
    Door(
        "POST",
        "/v1/sync",
        FIELD,
        {"contact": {"device_at": TODAY, "mono_ms": 1, "boot": "b"}},
        to=To.MANY,
        shared=True,
    ),
    Door("GET", "/v1/sync/ack", FIELD, to=To.OWN),
    Door("GET", "/v1/sync/limits", ALL, to=To.SAME),
    _many("/v1/sync/receipts", OFFICE),
    _many("/v1/sync/held", OFFICE),
    Door("POST", "/v1/sync/held/{held}/retry", OFFICE),
    _many("/v1/quarantine", OFFICE),
    _many("/v1/quarantine?device_id={device}", OFFICE),
    _many("/v1/quarantine/devices", OFFICE),
    Door("GET", "/v1/quarantine/{quarantined}", OFFICE),
    Door("POST", "/v1/quarantine/{quarantined}/accept", OFFICE),
    Door("POST", "/v1/quarantine/{quarantined}/dismiss", OFFICE, {"reason": REASON}),
]
_ENDS: Final = [
    _office("cancel", {"reason": REASON}),
    Door("DELETE", "/v1/crews/{crew}", LEADS),
    Door(
        "POST",
        "/v1/devices/{device}/new-key",
        OFFICE,
        {"reason": "the card with its key broke on the way to feeder 7"},
    ),
    Door("DELETE", "/v1/devices/{device}", OFFICE),
    Door("PUT", "/v1/people/{person}/password", BOSS, {"password": "another lamp"}, tree=True),
    Door("DELETE", "/v1/people/{person}", BOSS, tree=True),
    Door("DELETE", "/v1/sessions/current", ALL, to=To.OWN, anywhere=True),
]
"""What ends a thing comes after what needs it; signing out is the last of all."""


def _anybody(method: str, path: str, why: str) -> Door:
    return Door(method, path, ALL, to=To.ANYBODY, why=why)


OPEN: Final = [
    _anybody("POST", "/v1/sessions", "its password speaks for whoever comes"),
    _anybody("POST", "/v1/sessions/refresh", "its refresh token speaks for whoever comes"),
    _anybody("POST", "/v1/sync/last-words", "the device's key speaks, its tokens are dead"),
    _anybody("OPTIONS", "/v1/uploads", "what a client of tus may ask before it sends anything"),
    _anybody("OPTIONS", "/v1/uploads/{upload}", "the same of every upload, there or not"),
    _anybody("GET", "/", "leads to what there is"),
    _anybody("GET", "/app", "leads to the phone app"),
    _anybody("GET", "/app/", "the phone app, in which somebody signs in"),
    _anybody("GET", "/app/sw.js", "a part of it, the same for everybody"),
    _anybody("GET", "/docs/", "describes the doors"),
    _anybody("GET", "/docs/swagger-ui.css", "how the description looks"),
    _anybody("GET", "/openapi.json", "describes the doors"),
    _anybody("GET", "/refusals", "describes the refusals"),
    _anybody("GET", "/health", "asked by what restarts the server"),
    _anybody("GET", "/ready", "asked by the proxy"),
    _anybody("GET", "/metrics", "asked by Prometheus, and kept from the outside by the proxy"),
]
"""Doors without a token, each with the reason; nothing else may be open."""

DOORS: Final = [
    *_ORGANISATION,
    *_CREWS,
    *_PLACES,
    *customers.DOORS,
    *_TASKS,
    *_EVIDENCE,
    *_READINGS,
    *doubted.DOORS,
    *_PROMISES,
    *watched.FIGURES,
    *watched.SUPERVISION,
    *watched.REQUESTS,
    *_SYNC,
    *_ENDS,
]
"""Every door that asks for a token, in an order in which a day could open them."""
