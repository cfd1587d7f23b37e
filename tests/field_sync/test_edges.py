"""The outermost edge: the machine's clocks, new ids, settings, and odd things from afar."""

from __future__ import annotations

import datetime as dt
import pathlib
import time
import uuid

import pytest

from field_sync import checks, clock, errors, ids, settings
from field_sync.store import records
from field_sync.store.connection import Store
from field_sync.testing.edge import START, HandEdge
from field_sync.words import Lang
from schemas import tasks
from schemas.places import Fix
from schemas.rules.datums import Datum
from schemas.rules.geofence import VerdictKind
from tests.makers import handheld as make


def test_the_machine_tells_one_boot_and_two_clocks() -> None:
    machine = clock.Machine()
    first = machine.moment()
    time.sleep(0.01)
    second = clock.Machine().moment()
    assert first.boot == second.boot
    assert 10 <= second.mono_ms - first.mono_ms < 5_000
    assert abs(second.wall - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_a_system_without_a_name_for_its_boots_counts_each_process_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(clock, "_BOOT_ID", tmp_path / "none")
    one, two = clock.Machine(), clock.Machine()
    assert one.moment().boot != two.moment().boot
    assert one.moment().mono_ms <= one.moment().mono_ms


def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    edge = HandEdge()
    made = []
    for _ in range(50):
        made.append(ids.new_id(edge))
        edge.advance(seconds=0.002)
    assert made == sorted(made)
    assert {uuid.UUID(each).version for each in made} == {7}
    assert {uuid.UUID(each).variant for each in made} == {uuid.RFC_4122}
    assert int(made[0].replace("-", "")[:12], 16) == int(START.timestamp() * 1000)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, Lang.ZH),
        ({"LANG": "de_DE.UTF-8"}, Lang.EN),
        ({}, Lang.EN),
        ({"LANG": "zh_CN", "FIELD_SYNC_LANG": "en"}, Lang.EN),
    ],
)
def test_the_language_is_the_persons_then_the_systems(
    environment: dict[str, str], lang: Lang
) -> None:
    assert settings.from_environment(environment).lang is lang


def test_the_store_lies_where_the_person_says() -> None:
    told = {"FIELD_SYNC_HOME": "/srv/h7"}
    assert settings.from_environment(told).home == pathlib.Path("/srv/h7")
    assert settings.from_environment(told, home=pathlib.Path("/h8")).home == pathlib.Path("/h8")
    assert settings.from_environment({}).home == pathlib.Path.home() / ".field-sync"


@pytest.mark.parametrize(
    "address", ["https://l.example/", "http://localhost:8000", "http://10.0.0.7:8000"]
)
def test_a_safe_address_is_kept_without_its_last_slash(address: str) -> None:
    assert settings.server_address(f" {address} ") == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["l.example", "ftp://l.example", "http://8.8.8.8", "http://l.example", "https://"]
)
def test_an_unsafe_address_is_refused(address: str) -> None:
    with pytest.raises(errors.WrongSetting):
        settings.server_address(address)


def test_a_site_that_is_no_shape_leaves_arrival_unsure(store: Store) -> None:
    site = tasks.WorkSite(geometry={"type": "Nonsense"}, datum=Datum.wgs84, radius_m=50)
    task = tasks.Task(
        id="t1",
        district_id="d1",
        kind=make.task().kind,
        state=make.task().state,
        version=1,
        title="x",
        site=site,
        opened_at=START,
        state_at=START,
    )
    fix = Fix(lat_deg=make.LAT_DEG, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=1.0)
    assert checks.arrival(store, task, fix).kind is VerdictKind.unsure


def test_the_districts_limit_for_a_fix_holds_as_soon_as_it_is_known(store: Store) -> None:
    fix = Fix(lat_deg=make.LAT_DEG, lon_deg=make.LON_DEG, accuracy_m=5.0, age_s=90.0)
    before = checks.arrival(store, make.task(), fix)
    make.hold(store, "district:d1", ("district", make.district(fix_age_max_s=60.0)))
    after = checks.arrival(store, make.task(), fix)
    assert (before.kind, after.kind) == (VerdictKind.inside, VerdictKind.unsure)
    assert records.count(store) == 1
