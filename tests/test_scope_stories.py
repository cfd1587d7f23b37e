"""Stories of real handhelds whose people, crews and sessions change while they have no signal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import pathlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import flask
import pytest
import werkzeug.serving

from api import acts, db
from api.app import equip
from api.clock import SystemClock
from api.crews import jobs
from api.crews import service as people
from api.crews.models import RefreshToken
from api.evidence.models import EvidenceFile
from api.feed import store as feed
from api.settings import Settings
from api.sync.receipts import proving
from api.tasks import service as orders
from field_sync import client, enrolment, errors, fieldwork, metering, safety, view
from field_sync.keys import FILE_NAME, FileKeys
from field_sync.proofs import Prover
from field_sync.store import outbox, records, uploads
from field_sync.store import settings as kept
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from schemas import crews as shapes
from schemas.crews import Refresh, Role
from schemas.rules.transitions import State
from schemas.sync import Status
from tests.conftest import HandClock
from tests.makers import crews
from tests.makers import readings as routes
from tests.makers import tasks as make
from tests.test_stories import Handheld, handheld

__all__ = ["handheld"]

Enrol = Callable[[str], Handheld]
WEEKS_AWAY = dt.timedelta(weeks=8)
NEW_PASSWORD = "another lamp in the window"
PHOTO = b"\xff\xd8\xff" + b"what the fuse box looked like"
COMMAND_S = 60
ERROR_MAX_S = 300
"""What a monotonic clock may drift by in the weeks without a contact, and a round trip."""
FIELD_SYNC = pathlib.Path(sys.executable).parent / "field-sync"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a phone that was away for weeks come with tokens that are dead for weeks."""
    return dataclasses.replace(settings, access_token_s=86_400, refresh_token_s=14 * 86_400)


def move(database: db.Database, clock: HandClock, person_id: str, *, into: str) -> None:
    """Put somebody of crew 1 into another crew."""
    with database.unit_of_work() as session:
        act = make.of_office(role=Role.SUPERVISOR, at=clock.now())
        out = shapes.CrewChange(member_ids=[])
        people.change_crew(session, act=act, crew_id="crew-1", change=out)
        come = shapes.CrewChange(member_ids=["chen", person_id])
        people.change_crew(session, act=act, crew_id=into, change=come)


def whole_job(li: Handheld, clock: HandClock, folder: pathlib.Path) -> dict[str, dt.datetime]:
    """Do an order without signal, with a photo; tell when each move truly was."""
    begun_at = clock.now()
    li.work("t1", clock)
    path = folder / "fuse.jpg"
    path.write_bytes(PHOTO)
    fieldwork.photo(li.store, li.edge, task_id="t1", path=path)
    return {
        "accept": begun_at,
        "arrive": begun_at + dt.timedelta(minutes=30),
        "restore": begun_at + dt.timedelta(minutes=50),
        "finish": begun_at + dt.timedelta(minutes=50),
    }


def require_applied(database: db.Database, truth: dict[str, dt.datetime]) -> None:
    """Hold an order's timeline against the truth: each move once, by Li, at its time."""
    with database.reading() as session:
        moments = orders.list_moments(
            session, district_id=make.DISTRICT, task_id="t1", after_number=0, limit=100
        )
        (file,) = session.query(EvidenceFile).all()
        task = orders.get_task(session, act=make.of_office(), task_id="t1")
        assert (task.state, task.evidence_missing) == (State.finished, 0)
        assert file.arrived_at is not None
    done = [each for each in moments if each.person_id == "li"]
    assert [each.event for each in done] == list(truth)
    for each in done:
        assert not each.clock_suspect
        assert (
            abs((each.happened_at - truth[each.event]).total_seconds())
            <= each.error_s
            < ERROR_MAX_S
        )


def require_nothing_left(li: Handheld) -> None:
    assert outbox.count_waiting(li.store) == uploads.count_waiting(li.store) == 0
    assert safety.of_handheld(li.store).unsafe.nothing


@pytest.mark.rule("S35")
@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_a_lineman_who_is_in_another_crew_by_now_brings_the_old_crews_order_to_its_end(
    handheld: Enrol, database: db.Database, clock: HandClock, tmp_path: pathlib.Path, batch: int
) -> None:
    li = handheld("li")
    with li.store.writing():
        kept.put(li.store, Name.BATCH, batch)
        kept.put(li.store, Name.BATCH_MAX, batch)  # the record is gone after the first push
    truth = whole_job(li, clock, tmp_path)
    clock.advance(minutes=5)
    move(database, clock, "li", into="crew-2")
    clock.advance(minutes=5)
    li.sync()
    assert li.exceptions() == []
    require_nothing_left(li)
    with pytest.raises(errors.NotOnPhone):
        li.state("t1")
    require_applied(database, truth)


def test_a_lineman_who_works_on_after_a_crew_change_ends_the_order_in_his_own_hands(
    handheld: Enrol, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    li = handheld("li")
    move(database, clock, "li", into="crew-2")
    clock.advance(minutes=5)
    truth = whole_job(li, clock, tmp_path)
    clock.advance(minutes=5)
    li.sync()
    assert (Status.MERGED, "work-counted") in li.exceptions()
    require_nothing_left(li)
    assert (li.state("t1"), view.get_work(li.store, task_id="t1").task.person_id) == (
        State.finished,
        "li",
    )
    require_applied(database, truth)


def test_a_route_that_was_taken_away_leaves_the_phone_and_its_readings_count(
    handheld: Enrol, database: db.Database, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        route_id = routes.route(session, meter_ids=["M0001", "M0002"]).id
        stop_id = routes.stop_of(session, meter_id="M0001").id
    li, chen = handheld("li"), handheld("chen")
    total = decimal.Decimal(5)
    confirmed = ["first_reading"]
    metering.read(li.store, li.edge, stop_id=stop_id, total=total, confirmed=confirmed)
    clock.advance(minutes=1)
    with database.unit_of_work() as session:
        act = make.of_office(at=clock.now())
        task = orders.get_to_change(session, act=act, task_id=route_id)
        why = "the reader of this route has gone home ill"
        orders.reassign(session, act=act, task=task, crew_id="crew-2", person_id=None, why=why)
    clock.advance(minutes=1)
    li.sync()
    assert li.exceptions() == [(Status.MERGED, "route-moved-on")]
    assert view.list_stops(li.store, route_id=route_id) == []
    require_nothing_left(li)
    chen.sync()
    states = {each.state for each in view.list_stops(chen.store, route_id=route_id)}
    assert states == {"open", "read"}


def require_proved(database: db.Database, *, receipts: int) -> None:
    """Walk the receipts of every device, at least so many, up to what their keys signed."""
    walked: list[int] = []
    broken = proving.list_broken(
        database, district_id=crews.DISTRICT, told=lambda n, _: walked.append(n)
    )
    assert list(broken) == []
    assert max(walked) >= receipts


def lose_key(li: Handheld, damage: str) -> None:
    """Let a handheld's key be gone, or be there and not to be read."""
    key = li.store.home / FILE_NAME
    if damage == "taken away":
        key.unlink()
    else:
        key.write_text("nonsense")


def allow_another_key(li: Handheld, app: flask.Flask, *, headers: dict[str, str]) -> None:
    """Let the office allow a handheld another key."""
    device_id = kept.find(li.store, Name.DEVICE)
    allowed = app.test_client().post(
        f"/v1/devices/{device_id}/new-key",
        json={"reason": "the key file was on a card that broke"},
        headers=headers,
    )
    assert allowed.status_code == 200


@pytest.mark.rule("H29")
@pytest.mark.parametrize("damage", ["taken away", "spoilt"])
def test_a_handheld_that_lost_its_key_takes_another_and_loses_nothing(
    handheld: Enrol,
    app: flask.Flask,
    database: db.Database,
    clock: HandClock,
    tmp_path: pathlib.Path,
    sign_in: crews.SignIn,
    damage: str,
) -> None:
    li = handheld("li")
    noted_at = clock.now()
    fieldwork.note(li.store, li.edge, task_id="t1", text="signed by the first key")
    li.sync()
    clock.advance(minutes=1)
    truth = whole_job(li, clock, tmp_path)
    lose_key(li, damage)
    refused = client.sync_now(li.store, li.line, li.edge).refused
    told = {"taken away": errors.SignedOut, "spoilt": errors.KeyUnreadable}
    assert isinstance(refused, told[damage])
    login = enrolment.Login("li", crews.PASSWORD)

    def take_another() -> None:
        """The second time it asks by itself for the key that it began."""
        new_key = damage == "spoilt" and not FileKeys(li.store.home).is_changing
        enrolment.sign_in(li.store, li.line, li.edge, login=login, new_key=new_key)

    for _ in range(2):
        with pytest.raises(errors.ServerRefused) as differs:
            take_another()
        assert differs.value.fields["server_code"] == "device-key-differs"
    allow_another_key(li, app, headers=sign_in(Role.DISPATCHER))
    take_another()
    assert not FileKeys(li.store.home).is_changing
    require_proved(database, receipts=1)
    clock.advance(minutes=1)
    li.sync()
    assert li.exceptions() == []
    require_nothing_left(li)
    require_applied(database, {"note": noted_at, **truth})
    require_proved(database, receipts=len(truth))


def end_by_time(database: db.Database, app: flask.Flask, li: Handheld, clock: HandClock) -> str:
    """Let weeks go by; the job that forgets dead tokens has run as well."""
    clock.set(clock.now() + WEEKS_AWAY)
    with database.unit_of_work() as session:
        jobs.run(session, act=acts.system(district_id=make.DISTRICT, now=clock.now(), job="j"))
        assert session.query(RefreshToken).count() == 0
    return crews.PASSWORD


def end_by_password(database: db.Database, app: flask.Flask, li: Handheld, clock: HandClock) -> str:
    """Let an administrator give the person another password."""
    with database.unit_of_work() as session:
        act = make.of_office(role=Role.ADMINISTRATOR, at=clock.now())
        people.change_password(session, act=act, person_id="li", password=NEW_PASSWORD)
    return NEW_PASSWORD


def end_by_reuse(database: db.Database, app: flask.Flask, li: Handheld, clock: HandClock) -> str:
    """Let a copy of the handheld spend its refresh token, and that one's successor."""
    token = kept.find(li.store, Name.REFRESH_TOKEN)
    copy = li.line.proving(Prover(FileKeys(li.store.home), HandEdge(now=clock.now, seed=99)))
    for _ in range(3):
        assert token is not None
        token = copy.refresh(Refresh(refresh_token=token)).refresh_token
    clock.advance(hours=25)
    return crews.PASSWORD


@pytest.mark.rule("H10")
@pytest.mark.parametrize("end", [end_by_time, end_by_password, end_by_reuse])
def test_a_session_that_ended_in_the_dark_costs_a_sign_in_and_nothing_else(
    handheld: Enrol,
    app: flask.Flask,
    database: db.Database,
    clock: HandClock,
    tmp_path: pathlib.Path,
    end: Callable[[db.Database, flask.Flask, Handheld, HandClock], str],
) -> None:
    li = handheld("li")
    truth = whole_job(li, clock, tmp_path)
    waiting = [entry.wire for entry in outbox.list_kept(li.store)]
    password = end(database, app, li, clock)
    clock.advance(minutes=1)
    for _ in range(2):
        refused = client.sync_now(li.store, li.line, li.edge).refused
        assert isinstance(refused, errors.SignedOut)
        assert refused.code == "handheld-signed-out"
    fieldwork.note(li.store, li.edge, task_id="t1", text="nobody told me to stop")
    assert [entry.wire for entry in outbox.list_kept(li.store)][: len(waiting)] == waiting
    assert outbox.count_waiting(li.store) == len(waiting) + 1
    assert li.state("t1") is State.finished
    enrolment.sign_in(li.store, li.line, li.edge, login=enrolment.Login("li", password))
    li.sync()
    assert li.exceptions() == []
    require_nothing_left(li)
    require_applied(database, {**truth, "note": clock.now()})


def test_what_somebody_who_left_had_not_sent_is_let_in_by_the_office_whole(
    handheld: Enrol,
    database: db.Database,
    clock: HandClock,
    tmp_path: pathlib.Path,
    app: flask.Flask,
    sign_in: crews.SignIn,
) -> None:
    li = handheld("li")
    truth = whole_job(li, clock, tmp_path)
    office, desk = sign_in(Role.SUPERVISOR), app.test_client()
    clock.advance(minutes=5)
    with database.unit_of_work() as session:
        act = make.of_office(role=Role.ADMINISTRATOR, at=clock.now())
        people.deactivate(session, act=act, person_id="li")
        crew = shapes.CrewChange(member_ids=[])
        people.change_crew(session, act=act, crew_id="crew-1", change=crew)
    clock.advance(hours=1)
    assert isinstance(client.sync_now(li.store, li.line, li.edge).refused, errors.Wiped)
    assert records.count(li.store) == 0
    require_nothing_left(li)
    waiting = desk.get("/v1/quarantine?state=waiting", headers=office).get_json()["items"]
    assert len(waiting) == len(truth) + 1
    for each in waiting:
        accepted = desk.post(f"/v1/quarantine/{each['id']}/accept", headers=office)
        assert accepted.get_json()["outcome"]["status"] == "applied", accepted.text
    require_applied(database, truth)


@pytest.fixture
def address(app: flask.Flask, settings: Settings, database: db.Database) -> Iterator[str]:
    """Serve the application over HTTP, by the clock on the wall; gives its address."""
    equip(app, settings, database=database, clock=SystemClock())
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()


@pytest.mark.slow
def test_field_sync_as_a_process_goes_on_without_a_session_and_sends_all_after_a_sign_in(
    address: str, database: db.Database, tmp_path: pathlib.Path
) -> None:
    def field_sync(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FIELD_SYNC, "--home", str(tmp_path / "li"), *arguments],
            input=typed,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )

    def enrol(password: str) -> subprocess.CompletedProcess[str]:
        login = ("--login", "li", "--password", "-", "--server", address)
        return field_sync("enrol", *login, typed=password + "\n")

    with database.unit_of_work() as session:
        crews.person(session, person_id="li", password=crews.PASSWORD)
        make.task(session, task_id="t1")
        feed.start_lineage(session, name="lineage-1")
    for done in (enrol(crews.PASSWORD), field_sync("sync"), field_sync("accept", "t1")):
        assert done.returncode == 0, done.stderr
    with database.unit_of_work() as session:
        act = make.of_office(role=Role.ADMINISTRATOR, at=dt.datetime.now(dt.UTC))
        people.change_password(session, act=act, person_id="li", password=NEW_PASSWORD)
    refused = field_sync("sync")
    assert (refused.returncode, "signed out" in refused.stderr) == (4, True)
    assert field_sync("note", "t1", "nobody told me to stop").returncode == 0
    assert "capture goes on" in field_sync("status").stdout
    assert enrol(crews.PASSWORD).returncode != 0
    for done in (enrol(NEW_PASSWORD), field_sync("sync")):
        assert done.returncode == 0, done.stderr
    with database.reading() as session:
        moments = orders.list_moments(
            session, district_id=make.DISTRICT, task_id="t1", after_number=0, limit=100
        )
    assert [each.event for each in moments if each.person_id == "li"] == ["accept", "note"]
