"""Whole files after they came: rot and loss are found, and only what is nobody's is swept."""

from __future__ import annotations

import datetime as dt
import shutil

import flask.testing
import pytest
import structlog

from api import db
from api.evidence import keeping, service
from api.evidence.models import EvidenceFile
from api.settings import Settings
from schemas.crews import Role
from schemas.jobs import RunState
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import kept, tasks, tus
from tests.makers.crews import SignIn


@pytest.fixture
def office(sign_in: SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


def faulty(client: flask.testing.FlaskClient, office: dict[str, str]) -> list[tuple[str, str]]:
    answer = client.get("/v1/evidence/faulty", headers=office).json
    assert answer is not None
    return [(file["sha256"], file["fault"]) for file in answer["items"]]


def arrived(database: db.Database) -> list[bool]:
    with database.reading() as session:
        return [file.arrived_at is not None for file in session.query(EvidenceFile)]


def found(outcome: str) -> float:
    return float(keeping.SCRUBBED.labels(outcome)._value.get())


def test_files_are_looked_at_in_turn(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "SCRUBBED_MAX", 2)
    contents = [make.PHOTO, b"a", b"b", b"c"]
    for content in contents:
        kept.send(client, phone, content)
        clock.advance(minutes=1)
    before = found("whole")
    for _ in range(2):
        assert run("scrub_files").counts == {"looked_at": 2, "altered": 0, "lost": 0}
        clock.advance(minutes=1)
    assert found("whole") == before + 4
    first, last = (kept.blob(database, make.sha256(each)) for each in (make.PHOTO, b"c"))
    assert first is not None
    assert last is not None
    assert last.scrubbed_at - first.scrubbed_at == dt.timedelta(minutes=1)


def test_a_run_reads_no_more_than_it_may(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    run: kept.Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "SCRUBBED_BYTES_MAX", 1)
    for content in (b"aa", b"bb"):
        kept.send(client, phone, content)
    assert run("scrub_files").counts["looked_at"] == 1


def test_rot_is_reported_until_the_file_is_well_and_nothing_is_deleted(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    office: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
) -> None:
    kept.send(client, phone)
    path = kept.lying(settings)
    good = path.read_bytes()
    kept.spoil(path)
    before = found("altered")
    with structlog.testing.capture_logs() as logged:
        for _ in range(2):
            assert run("scrub_files").counts == {"looked_at": 1, "altered": 1, "lost": 0}
    assert found("altered") == before + 2
    rotten = [line for line in logged if line["event"] == "file.rotten"]
    assert [(line["sha256"], line["fault"]) for line in rotten] == [(kept.SHA256, "altered")] * 2
    assert faulty(client, office) == [(kept.SHA256, "altered")]
    assert (path.exists(), arrived(database)) == (True, [True])
    path.write_bytes(good)
    assert run("scrub_files").counts["altered"] == 0
    assert faulty(client, office) == []


def test_a_lost_file_is_missing_again_and_the_phone_sends_it_again(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    office: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
) -> None:
    kept.send(client, phone)
    assert tus.misses(database) == 0
    kept.lying(settings).unlink()
    for _ in range(2):
        assert run("scrub_files").counts["lost"] == 1
    assert faulty(client, office) == [(kept.SHA256, "lost")]
    assert (arrived(database), tus.misses(database)) == ([False], 1)
    with database.reading() as session:
        owed = service.missing_of(session, district_id=tasks.DISTRICT, device_id="device-li")
    assert [file.sha256 for file in owed] == [kept.SHA256]
    kept.send(client, phone)
    assert (arrived(database), tus.misses(database)) == ([True], 0)
    assert faulty(client, office) == []
    assert kept.lying(settings).read_bytes() == make.PHOTO


def test_a_lost_file_that_is_put_back_has_arrived_again(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
) -> None:
    kept.send(client, phone)
    path = kept.lying(settings)
    path.rename(path.with_name("away"))
    run("scrub_files")
    path.with_name("away").rename(path)
    assert run("scrub_files").counts == {"looked_at": 1, "altered": 0, "lost": 0}
    assert (arrived(database), tus.misses(database)) == ([True], 0)


def test_a_disk_that_is_not_there_has_lost_nothing(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
) -> None:
    kept.send(client, phone)
    shutil.move(settings.data_dir / "evidence", settings.data_dir / "elsewhere")
    failed = run("scrub_files")
    assert (failed.state, "DepotAway" in failed.error) == (RunState.failed, True)
    assert arrived(database) == [True]


def test_a_list_of_faulty_files_comes_in_pages(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    office: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
) -> None:
    contents = [make.PHOTO, b"a", b"b"]
    with database.unit_of_work() as session:
        for content in contents[1:]:
            make.declare(session, task_id="t1", content=content)
    for content in contents:
        kept.send(client, phone, content)
        kept.spoil(kept.lying(settings, make.sha256(content)))
    run("scrub_files")
    first = client.get("/v1/evidence/faulty?limit=2", headers=office).json
    assert first is not None
    rest = client.get(
        "/v1/evidence/faulty", query_string={"after": first["next"]}, headers=office
    ).json
    assert rest is not None
    listed = [file["sha256"] for file in first["items"] + rest["items"]]
    assert listed == sorted(make.sha256(each) for each in contents)
    assert rest["next"] is None
    assert client.get("/v1/evidence/faulty", headers=phone).status_code == 403
