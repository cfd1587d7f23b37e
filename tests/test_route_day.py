"""A whole route of 500 meters, walked in flight mode by a real handheld, lands in one push.

The phone's clock is two hours fast, its power is cut in the middle, and the server, on either
database, has each act once and at its true time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import pathlib
import shutil
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus

import flask
import httpx
import msgspec
import pytest

from api import db, ids
from api.feed import store as feed
from api.meter_findings.models import MeterFinding
from api.readings import service as readings
from api.readings.brought import EvidenceGap, WaitingReading
from api.readings.models import Reading, Skip
from api.settings import Settings
from api.sites import service as sites
from api.sync.models import Receipt
from field_sync import client, enrolment, fieldwork, meter_findings, metering, view
from field_sync.store import outbox
from field_sync.store.connection import Store, open_store
from field_sync.store.outbox import Entry
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas import evidence
from schemas.crews import Role
from schemas.readings import RouteDraft, SkipCode
from schemas.sites import DistrictSettings
from tests.conftest import HandClock
from tests.makers import crews, tasks
from tests.makers import readings as make

ADDRESS = "http://127.0.0.1"
STOPS = 500
ODD_EVERY, SKIP_EVERY, CHANGED_EVERY, MISMATCH_EVERY, FOUND_EVERY = 50, 25, 60, 110, 75
"""What happens at which meters; at the others the reader reads, and goes on."""
STEP_S = 40
FAST_S = 7_200.0
NEAR = dt.timedelta(seconds=3)
"""Two clocks drift apart by so much at most in a day."""
NOTED = "no photo: the camera fogged up"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast the day."""
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def route_id(database: db.Database) -> str:
    """Plan the route; some of its meters have a history, so that an odd value is asked about."""
    meters = [f"M{number:04}" for number in range(1, STOPS + 1)]
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
        crews.person(session, person_id="li", roles=[Role.READER], password=crews.PASSWORD)
        make.many_meters(session, meters)
        policy = DistrictSettings(name="美兰", photo_on_skip=[SkipCode.DOG], photo_on_confirm=True)
        sites.set_district(session, act=tasks.of_office(), settings=policy)
        for number in range(ODD_EVERY, STOPS + 1, ODD_EVERY):
            make.history(session, meter_id=meters[number - 1])
        draft = RouteDraft(name="灵山 3 号线", meter_ids=meters, person_id="li")
        return readings.plan_route(session, act=tasks.of_office(), draft=draft).id


class Air(httpx.BaseTransport):
    """The air between the handheld and the server.

    Attributes:
        requests: how many were made.
        pushed: how many operations each contact brought that was answered.
    """

    def __init__(self, app: flask.Flask) -> None:
        self.requests = 0
        self.pushed: list[int] = []
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, and count what it brought."""
        self.requests += 1
        response = self._inner.handle_request(request)
        # A phone whose clock is wrong is first given a nonce, and says it all again.
        if request.url.path == "/v1/sync" and response.status_code == HTTPStatus.OK:
            self.pushed.append(operations_in(request))
        return response


@pytest.fixture
def air(app: flask.Flask) -> Air:
    return Air(app)


@pytest.fixture
def line(air: Air) -> Iterator[Transport]:
    with Transport(httpx.Client(transport=air, base_url=ADDRESS)) as transport:
        yield transport


class Reader:
    """A reader with a handheld, who remembers when each act truly was."""

    def __init__(self, home: pathlib.Path, clock: HandClock) -> None:
        self.home = home
        self.clock = clock
        self.edge = HandEdge(now=clock.now, fast_s=FAST_S)
        self.store: Store = open_store(home)
        self.done: dict[str, dt.datetime] = {}

    def lose_power(self) -> None:
        """Go on with what the disk has; the memory of the program is gone."""
        left = self.home.with_name("after-power")
        shutil.copytree(self.home, left)
        self.store.close()
        self.home, self.store = left, open_store(left)

    def walk(self, stops: list[str]) -> None:
        """Go from meter to meter."""
        for stop_id in stops:
            stop = view.get_stop(self.store, stop_id=stop_id)
            self.clock.advance(seconds=STEP_S)
            self.at(stop_id, stop.sequence, odd=stop.active_history)

    def at(self, stop_id: str, number: int, *, odd: bool) -> None:
        """Do at a meter what happens there."""
        store, edge = self.store, self.edge
        serial, shown = f"N{number:04}", Decimal(number)
        if odd:
            self.confirm(stop_id)
        elif number % CHANGED_EVERY == 0:
            changed = meter_findings.changed(
                store, edge, stop_id=stop_id, serial=serial, digits=6, total=shown
            )
            self.keep(changed)
            self.clock.advance(seconds=5)
            self.keep(metering.read(store, edge, stop_id=stop_id, total=shown + 1))
        elif number % MISMATCH_EVERY == 0:
            differs = meter_findings.mismatch(
                store, edge, stop_id=stop_id, serial=serial, total=shown
            )
            self.keep(differs)
        elif number % SKIP_EVERY == 0:
            self.skip(stop_id, number)
        else:
            self.keep(metering.read(store, edge, stop_id=stop_id, total=shown))
        if number % FOUND_EVERY == 0:
            route_id = view.get_stop(store, stop_id=stop_id).route_id
            place = f"behind number {number}"
            found = meter_findings.found(
                store, edge, route_id=route_id, serial=f"X{number}", place=place
            )
            self.keep(found)

    def confirm(self, stop_id: str) -> None:
        """Confirm that nothing was used, with a photo of the display."""
        last = view.get_stop(self.store, stop_id=stop_id).previous_value
        assert last is not None
        asked = metering.prompts(self.store, stop_id=stop_id, total=last)
        codes = [prompt.code for prompt in asked]
        assert codes == ["ER12"]
        self.keep(
            metering.read(
                self.store,
                self.edge,
                stop_id=stop_id,
                total=last,
                confirmed=codes,
                photo_sha256=[self.photograph(stop_id)],
            )
        )

    def skip(self, stop_id: str, number: int) -> None:
        """Skip a meter for its dog: every other time with a photo, else with a word why none."""
        photos = [self.photograph(stop_id)] if number // SKIP_EVERY % 4 == 1 else []
        self.keep(
            metering.skip(
                self.store,
                self.edge,
                stop_id=stop_id,
                code=SkipCode.DOG,
                photo_sha256=photos,
                note="" if photos else NOTED,
            )
        )

    def photograph(self, stop_id: str) -> str:
        path = self.home.with_name(f"{stop_id}.jpg")
        path.write_bytes(b"\xff\xd8\xff" + stop_id.encode())
        route_id = view.get_stop(self.store, stop_id=stop_id).route_id
        kind = evidence.EvidenceKind.METER
        entry = fieldwork.photo(
            self.store, self.edge, task_id=route_id, path=path, kind=kind, stop_id=stop_id
        )
        self.keep(entry)
        body = entry.read()
        assert isinstance(body, evidence.Declared)
        return body.sha256

    def keep(self, entry: Entry) -> None:
        self.done[entry.id] = self.clock.now()


@pytest.mark.rule("S49", "S50")
def test_a_route_of_500_meters_walked_in_flight_mode_lands_in_one_push(
    route_id: str,
    database: db.Database,
    air: Air,
    line: Transport,
    clock: HandClock,
    tmp_path: pathlib.Path,
) -> None:
    reader = Reader(tmp_path / "handheld", clock)
    login = enrolment.Login("li", crews.PASSWORD)
    enrolment.enrol(reader.store, line, reader.edge, server=ADDRESS, login=login, name="li")
    assert client.sync_now(reader.store, line, reader.edge).refused is None
    stops = [stop.id for stop in view.list_stops(reader.store, route_id=route_id)]
    assert len(stops) == STOPS

    air.requests, air.pushed = 0, []
    reader.walk(stops[: STOPS // 2])
    reader.lose_power()
    reader.walk(stops[STOPS // 2 :])
    assert view.list_left(reader.store, route_id=route_id) == []
    metering.require_left(reader.store, route_id=route_id, left=0)
    reader.keep(fieldwork.finish(reader.store, reader.edge, task_id=route_id))
    assert air.requests == 0
    assert outbox.count_waiting(reader.store) == len(reader.done)

    clock.advance(hours=1)
    ended = client.sync_now(reader.store, line, reader.edge)
    assert ended.refused is None
    assert [count for count in air.pushed if count] == [len(reader.done)]
    assert (outbox.count_waiting(reader.store), outbox.list_exceptions(reader.store)) == (0, [])
    reader.store.close()
    assert_landed(database, reader.done)


def operations_in(request: httpx.Request) -> int:
    """Count the operations of a contact."""
    content = request.read()
    if request.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return len(msgspec.json.decode(content)["operations"])


def assert_landed(database: db.Database, done: dict[str, dt.datetime]) -> None:
    """Hold what the server has against what the reader did."""
    with database.reading() as session:
        receipts = session.query(Receipt).all()
        assert Counter(each.operation_id for each in receipts) == Counter(list(done))
        assert {each.status for each in receipts} == {"applied"}
        for receipt in receipts:
            off = abs(receipt.happened_at - done[receipt.operation_id])
            assert off <= dt.timedelta(seconds=receipt.error_s), "within what the server claims"
            assert off <= NEAR
        kinds = Counter(each.type for each in receipts)
        findings = Counter(row.kind for row in session.query(MeterFinding))
        assert findings == {
            kind: kinds[f"meter.{kind}"] for kind in ("changed", "mismatch", "found")
        }
        assert min(findings.values()) > 1
        read = {row.id for row in session.query(Reading).filter(Reading.stop_id.is_not(None))}
        waiting = {row.id for row in session.query(WaitingReading)}
        # Of a changed meter both its first value and what was read after it wait.
        assert read.isdisjoint(waiting)
        assert len(read) == kinds["reading.take"] - findings["changed"]
        assert len(waiting) == 2 * findings["changed"] + findings["mismatch"]
        skips = list(session.query(Skip))
        assert len(skips) == kinds["reading.skip"]
        gaps = {row.id for row in session.query(EvidenceGap)}
        assert gaps == {row.id for row in skips if row.note == NOTED}
        assert gaps
