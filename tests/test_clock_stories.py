"""Stories of wrong clocks, from a real handheld to the promise that is judged by its arrival.

Every story ends in the same question: does the server know when the crew truly arrived, within
the bounds that it states, and does it ask a person to look exactly when one should?
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import pathlib
import shutil
import zoneinfo
from collections.abc import Iterator

import flask
import httpx
import pytest
from sqlalchemy import select

from api import db
from api.checkins.models import CheckIn
from api.feed import store as feed
from api.promises.models import Clock
from api.settings import Settings
from field_sync import client, enrolment, fieldwork
from field_sync.clock import Moment
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import HandEdge
from field_sync.transport import Transport
from schemas.places import Fix
from tests.conftest import HandClock
from tests.makers import crews, sites
from tests.makers import tasks as make

ADDRESS = "http://127.0.0.1"
FIX = Fix(lat_deg=sites.LAT_DEG, lon_deg=sites.LON_DEG, accuracy_m=6.0, age_s=1.0)
HOUR_S = 3_600
YEAR_S = 365 * 86_400


class ZonedEdge(HandEdge):
    """A handheld whose wall clock is told in a zone that its owner may change."""

    zone = zoneinfo.ZoneInfo("Asia/Shanghai")

    def moment(self) -> Moment:
        """Read the clocks, the wall clock in the zone's own hours."""
        clocks = super().moment()
        return dataclasses.replace(clocks, wall=clocks.wall.astimezone(self.zone))


@dataclasses.dataclass
class Handheld:
    """Li's handheld: its store, its line, its clocks, and the true time."""

    store: Store
    line: Transport
    edge: ZonedEdge
    clock: HandClock
    database: db.Database
    arrived_at: dt.datetime | None = None

    def sync(self) -> None:
        assert client.sync_now(self.store, self.line, self.edge).refused is None

    def arrive(self) -> None:
        """Check in at the site, now."""
        self.arrived_at = self.clock.now()
        fieldwork.check_in(self.store, self.edge, task_id="t1", fix=FIX)

    def told(self) -> CheckIn:
        """Find the arrival as the server has it; the truth is within its bounds."""
        assert self.arrived_at is not None
        with self.database.reading() as session:
            (found,) = session.scalars(select(CheckIn)).all()
            session.expunge(found)
        away_s = abs((found.happened_at - self.arrived_at).total_seconds())
        assert away_s <= found.error_s + 0.01, (away_s, found.error_s)
        return found

    def is_doubtful(self) -> bool:
        """Tell whether the server doubts the moment: by a word, or by bounds of hours.

        A clock that was set back looks like a request that was hours on its way; then nobody can
        tell which it was, and the bounds hold both.
        """
        told = self.told()
        return told.clock_suspect or told.error_s > HOUR_S

    def promise(self) -> tuple[str, bool]:
        """Tell how the promise to arrive was judged, and whether that is sure."""
        with self.database.reading() as session:
            question = select(Clock).where(Clock.subject_id == "t1", Clock.kind == "arrive")
            (found,) = session.scalars(question).all()
            return found.state, found.sure


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let a token outlast a fortnight."""
    return dataclasses.replace(settings, access_token_s=86_400, refresh_token_s=31_536_000)


@pytest.fixture
def li(
    app: flask.Flask, database: db.Database, clock: HandClock, tmp_path: pathlib.Path
) -> Iterator[Handheld]:
    """Enrol Li's handheld, which has not met the server since."""
    with database.unit_of_work() as session:
        crews.person(session, person_id="li", password=crews.PASSWORD)
        make.task(session, task_id="t1", at=clock.now())
        feed.start_lineage(session, name="lineage-1")
    edge = ZonedEdge(now=clock.now)
    http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ADDRESS)
    with contextlib.closing(open_store(tmp_path / "li")) as store, Transport(http) as line:
        login = enrolment.Login("li", crews.PASSWORD)
        enrolment.enrol(store, line, edge, server=ADDRESS, login=login, name="li")
        yield Handheld(store, line, edge, clock, database)


def test_a_phone_whose_clock_is_right_is_believed(li: Handheld, clock: HandClock) -> None:
    li.sync()
    clock.advance(minutes=31)
    li.arrive()
    clock.advance(minutes=160)
    li.sync()
    assert not li.told().clock_suspect
    assert li.promise() == ("kept", True)


@pytest.mark.rule("S21")
@pytest.mark.parametrize("fast_s", [2 * YEAR_S, -2 * YEAR_S, -2 * HOUR_S])
def test_a_clock_that_was_wrong_from_the_start_moves_nothing(
    li: Handheld, clock: HandClock, fast_s: float
) -> None:
    li.edge.fast_s = fast_s
    li.sync()
    clock.advance(minutes=31)
    li.arrive()
    clock.advance(minutes=160)
    li.sync()
    assert not li.told().clock_suspect
    assert li.promise() == ("kept", True)


@pytest.mark.rule("S21")
@pytest.mark.parametrize("fast_s", [0, 2 * YEAR_S, -2 * YEAR_S])
def test_a_reboot_between_act_and_contact_keeps_the_moment(
    li: Handheld, clock: HandClock, fast_s: float
) -> None:
    li.edge.fast_s = fast_s
    li.sync()
    clock.advance(minutes=10)
    li.edge.reboot()
    clock.advance(minutes=21)
    li.arrive()
    clock.advance(minutes=10)
    li.edge.reboot()
    clock.advance(minutes=150)
    li.sync()
    told = li.told()
    assert (told.clock_suspect, told.error_s < 120) == (False, True), told.error_s
    assert li.promise() == ("kept", True)


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 86_400, -86_400])
def test_a_clock_set_by_hand_on_the_way_is_seen_and_moves_nothing(
    li: Handheld, clock: HandClock, by_s: float
) -> None:
    li.sync()
    clock.advance(minutes=20)
    li.edge.fast_s += by_s
    clock.advance(minutes=11)
    li.arrive()
    clock.advance(minutes=60)
    li.sync()
    assert li.is_doubtful()
    assert li.promise()[1] is False


@pytest.mark.rule("S21")
@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S])
def test_a_clock_set_by_hand_before_a_reboot_is_seen_and_its_bounds_hold_the_truth(
    li: Handheld, clock: HandClock, by_s: float
) -> None:
    li.sync()
    clock.advance(minutes=90)
    li.edge.reboot()
    li.edge.fast_s += by_s
    clock.advance(minutes=10)
    li.arrive()
    clock.advance(minutes=10)
    li.edge.reboot()
    clock.advance(minutes=160)
    li.sync()
    assert li.is_doubtful()
    assert li.promise()[1] is False


@pytest.mark.rule("S21")
@pytest.mark.parametrize("by_s", [-1_200, 1_200])
def test_what_one_act_of_a_boot_proves_wrong_is_believed_of_no_other(
    li: Handheld, clock: HandClock, by_s: float
) -> None:
    """World seed 462: contacts on both sides of the boot agreed, and its own clock was wrong."""
    li.sync()
    li.edge.reboot()
    li.edge.fast_s = by_s
    clock.advance(minutes=5)
    fieldwork.set_out(li.store, li.edge, task_id="t1")  # before the enrolment, by a slow clock
    clock.advance(minutes=26)
    li.arrive()
    clock.advance(minutes=4)
    fieldwork.start(li.store, li.edge, task_id="t1")  # after the receipt, by a fast clock
    li.edge.reboot()
    li.edge.fast_s = 0
    clock.advance(minutes=18)
    li.sync()
    assert li.told().clock_suspect
    assert li.promise()[1] is False


def test_a_clock_set_forth_and_back_with_no_contact_between_moves_nothing(
    li: Handheld, clock: HandClock
) -> None:
    li.sync()
    li.edge.fast_s = 5 * HOUR_S
    clock.advance(minutes=31)
    li.arrive()
    li.edge.fast_s = 0
    clock.advance(minutes=60)
    li.sync()
    assert li.told().clock_suspect


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "UTC"])
def test_a_phone_that_changes_its_time_zone_is_not_suspected(
    li: Handheld, clock: HandClock, zone: str
) -> None:
    li.sync()
    clock.advance(minutes=31)
    li.edge.zone = zoneinfo.ZoneInfo(zone)
    li.arrive()
    clock.advance(minutes=10)
    li.edge.reboot()
    li.sync()
    assert not li.told().clock_suspect
    assert li.promise() == ("kept", True)


def test_the_hour_that_daylight_saving_repeats_is_told_apart(
    li: Handheld, clock: HandClock
) -> None:
    fold = dt.datetime(2027, 10, 31, 0, 20, tzinfo=dt.UTC)  # 02:20 in Berlin, for the first time
    li.edge.zone = zoneinfo.ZoneInfo("Europe/Berlin")
    clock.set(fold - dt.timedelta(minutes=10))
    li.sync()
    clock.set(fold)
    first = fieldwork.note(li.store, li.edge, task_id="t1", text="the first 02:20")
    clock.set(fold + dt.timedelta(hours=1))
    li.arrive()
    clock.advance(minutes=30)
    li.sync()
    assert li.told().clock_suspect is False
    assert first.made_at == fold


def test_a_phone_that_was_off_for_a_week_tells_the_old_moment(
    li: Handheld, clock: HandClock
) -> None:
    li.sync()
    clock.advance(minutes=31)
    li.arrive()
    clock.advance(hours=24 * 7)
    li.edge.reboot()
    li.sync()
    told = li.told()
    assert (told.clock_suspect, told.error_s < 300) == (False, True)
    assert li.promise()[0] == "kept"


def test_what_a_copy_of_the_phone_said_moves_nothing_of_the_phone(
    li: Handheld, clock: HandClock, tmp_path: pathlib.Path
) -> None:
    li.sync()
    shutil.copytree(tmp_path / "li", tmp_path / "copy")
    edge = ZonedEdge(now=clock.now, fast_s=-9 * HOUR_S)
    for _ in range(40):
        edge.reboot()  # the copy lives on another machine, with boots of its own
    clock.advance(minutes=31)
    li.arrive()
    with contextlib.closing(open_store(tmp_path / "copy")) as store:
        for _ in range(3):
            clock.advance(minutes=20)
            client.sync_now(store, li.line, edge)
    clock.advance(minutes=20)
    li.sync()
    assert not li.told().clock_suspect
    assert li.promise() == ("kept", True)


@pytest.mark.rule("S22")
@pytest.mark.parametrize(("minutes", "by_s"), [(31, 2 * HOUR_S), (120, -2 * HOUR_S)])
def test_no_suspect_arrival_makes_a_clean_breach_or_a_clean_keep(
    li: Handheld, clock: HandClock, minutes: int, by_s: float
) -> None:
    li.sync()
    clock.advance(minutes=minutes)
    li.edge.reboot()
    li.edge.fast_s = by_s
    li.arrive()
    li.edge.reboot()
    clock.advance(minutes=200)
    li.sync()
    assert li.is_doubtful()
    assert li.promise()[1] is False
