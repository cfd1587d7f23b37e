"""Files that have arrived are looked into once, whatever dies; what is alike becomes a question."""

from __future__ import annotations

import datetime as dt
import pathlib
import signal
import subprocess
import sys
from typing import BinaryIO

import pytest
from PIL import Image

from api import acts, db
from api.evidence import depot, examining
from api.evidence import service as evidence_service
from api.evidence.models import UnexaminedFile
from api.photos import derived, jobs, service
from api.photos.models import Likeness, Picture
from api.settings import Settings
from schemas import places
from schemas.evidence import EvidenceKind
from schemas.photos import PictureState, Why
from schemas.rules.pictures import Agreement, Aspect
from tests.makers import evidence as files
from tests.makers import photos as make
from tests.makers import tasks

AT = tasks.NOW
FIX = places.Fix(lat_deg=20.04, lon_deg=110.32, accuracy_m=10.0, age_s=1.0)
SCRIPT = pathlib.Path(__file__).with_name("killed.py")


def pictures_of(database: db.Database) -> list[Picture]:
    with database.reading() as session:
        return list(session.query(Picture))


def waiting(database: db.Database) -> list[UnexaminedFile]:
    with database.reading() as session:
        return list(session.query(UnexaminedFile))


def questions(database: db.Database) -> list[Likeness]:
    with database.reading() as session:
        return list(session.query(Likeness).order_by(Likeness.id))


def shelf(settings: Settings) -> derived.Shelf:
    return derived.Shelf(settings.data_dir / derived.FOLDER)


class TestLookingInto:
    """What becomes of one file."""

    def test_a_photo_is_read_once_and_its_pictures_are_made(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded(exif=make.exif(orientation=6)))
        assert make.examine(database, settings) == {"examined": 1}
        assert make.examine(database, settings) == {}
        (row,) = pictures_of(database)
        assert (row.state, row.media_type) == (PictureState.READ, "image/jpeg")
        assert (row.width_px, row.height_px, row.orientation) == (640, 480, 6)
        assert row.said.make == "Lantern"
        assert len(row.ways) == 8
        place = {"district_id": tasks.DISTRICT, "sha256": row.sha256}
        with shelf(settings).open(shown=derived.Shown.THUMBNAIL, **place) as shown:
            assert make.opened(shown.read()).size == (240, 320)

    def test_a_file_waits_until_both_its_word_and_its_bytes_are_here(
        self, database: db.Database, settings: Settings
    ) -> None:
        content = make.encoded()
        with database.unit_of_work() as session:
            tasks.task(session, task_id="t1")
        assert waiting(database) == []
        file_id = make.bring(database, settings, content)
        again = make.bring(database, settings, content, stop_id="s2")
        assert {row.file_id for row in waiting(database)} == {file_id, again}

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (b"%PDF-1.7 bill", "application/pdf"),
            (make.avif(), "image/avif"),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "video/mp4"),
            (b"whatever", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ],
    )
    def test_what_is_not_opened_is_kept_by_its_own_type(
        self, database: db.Database, settings: Settings, content: bytes, media_type: str
    ) -> None:
        make.bring(database, settings, content)
        make.examine(database, settings)
        (row,) = pictures_of(database)
        assert (row.state, row.media_type, row.why) == (PictureState.KEPT, media_type, None)
        assert waiting(database) == []

    def test_a_signature_is_kept_and_the_same_bytes_as_a_photo_are_read(
        self, database: db.Database, settings: Settings
    ) -> None:
        content = make.encoded(form="PNG")
        make.bring(database, settings, content, kind=EvidenceKind.SIGNATURE)
        make.examine(database, settings)
        assert [row.state for row in pictures_of(database)] == [PictureState.KEPT]
        make.bring(database, settings, content, stop_id="s1")
        make.examine(database, settings)
        assert [row.state for row in pictures_of(database)] == [PictureState.READ]
        assert questions(database) == []

    def test_a_damaged_photo_is_marked_with_why(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded(exif=make.exif())[:5_000])
        make.bring(database, settings, make.encoded(make.scene(2)))
        assert make.examine(database, settings) == {"examined": 2}
        states = {row.state: row for row in pictures_of(database)}
        assert states.keys() == {PictureState.READ, PictureState.UNREADABLE}
        assert states[PictureState.UNREADABLE].why == Why.DAMAGED
        assert states[PictureState.UNREADABLE].said.make == "Lantern"

    def test_a_run_has_a_limit(
        self, database: db.Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "FILES_PER_RUN", 1)
        for number in range(2):
            make.bring(database, settings, bytes([number]))
        assert make.examine(database, settings) == {"examined": 1}
        assert make.examine(database, settings) == {"examined": 1}
        assert make.examine(database, settings) == {}


class TestDying:
    """Whatever dies, and wherever."""

    def test_a_worker_killed_before_its_note_costs_nothing(
        self, database: db.Database, database_url: str, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded())
        killed = subprocess.run(
            [sys.executable, str(SCRIPT), database_url, str(settings.data_dir)],
            cwd=SCRIPT.parents[3],
            env={"PYTHONPATH": str(SCRIPT.parents[3])},
            check=False,
            timeout=120,
            capture_output=True,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert pictures_of(database) == []
        assert make.examine(database, settings) == {}
        later = AT + examining.TAKEN_MAX
        assert make.examine(database, settings, now=later) == {"examined": 1}
        assert [row.state for row in pictures_of(database)] == [PictureState.READ]
        assert make.examine(database, settings, now=later) == {}

    def test_a_file_that_a_server_dies_of_again_and_again_is_left_alone(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded())
        now = AT
        for _ in range(service.ATTEMPTS_MAX):
            with database.unit_of_work() as session:
                assert service.take(session, act=service_act(now)) is not None
            now += examining.TAKEN_MAX
        assert make.examine(database, settings, now=now) == {"examined": 1}
        (row,) = pictures_of(database)
        assert (row.state, row.why) == (PictureState.UNREADABLE, Why.GAVE_UP)

    def test_bytes_that_the_depot_cannot_give_now_are_tried_later_without_end(
        self, database: db.Database, settings: Settings
    ) -> None:
        content = make.encoded()
        make.bring(database, settings, content)
        folder = settings.data_dir / "evidence"
        folder.rename(folder.with_name("away"))
        now = AT
        for _ in range(service.ATTEMPTS_MAX + 2):
            assert make.examine(database, settings, now=now) == {"left": 1}
            now += examining.TAKEN_MAX
        folder.with_name("away").rename(folder)
        assert make.examine(database, settings, now=now) == {"examined": 1}
        assert [row.state for row in pictures_of(database)] == [PictureState.READ]

    def test_a_store_that_is_away_costs_no_attempt(
        self, database: db.Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Away(depot.DiskDepot):
            def open_file(self, **_: str) -> BinaryIO:
                raise depot.DepotAway.now()

        make.bring(database, settings, make.encoded())
        with monkeypatch.context() as away:
            away.setattr(depot, "opened", lambda _: Away(settings.data_dir / "evidence"))
            assert make.examine(database, settings) == {"left": 1}
        assert [row.attempts for row in waiting(database)] == [0]
        assert make.examine(database, settings, now=AT + examining.TAKEN_MAX) == {"examined": 1}

    def test_two_workers_never_take_one_file(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded())
        with database.unit_of_work() as first:
            assert service.take(first, act=service_act()) is not None
            if not database.is_sqlite:  # SQLite has one writer
                with database.unit_of_work() as second:
                    assert service.take(second, act=service_act()) is None
        with database.unit_of_work() as third:
            assert service.take(third, act=service_act()) is None

    def test_a_note_made_twice_asks_once(self, database: db.Database, settings: Settings) -> None:
        content = make.encoded()
        for stop_id in ("s1", "s2"):
            make.bring(database, settings, content, stop_id=stop_id)
        make.examine(database, settings)
        assert len(questions(database)) == 1
        with database.unit_of_work() as session:
            for file in evidence_service.list_arrived_of(
                session, act=service_act(), hashes=[files.sha256(content)], limit=9
            ):
                examining.ask(session, act=service_act(), file_id=file.id)
        assert make.examine(database, settings) == {"examined": 2}
        assert len(questions(database)) == 1
        assert len(pictures_of(database)) == 1


class TestLikeness:
    """Photos used again."""

    def ask(
        self, database: db.Database, settings: Settings, first: bytes, second: bytes
    ) -> list[Likeness]:
        make.bring(database, settings, first, stop_id="s1")
        make.examine(database, settings)
        at = AT + dt.timedelta(minutes=5)
        make.bring(database, settings, second, stop_id="s2", at=at)
        make.examine(database, settings, now=at)
        return questions(database)

    def test_the_same_file_for_another_meter_is_asked_about(
        self, database: db.Database, settings: Settings
    ) -> None:
        content = make.encoded()
        (asked,) = self.ask(database, settings, content, content)
        assert asked.same_bytes
        assert (asked.file_stop_id, asked.other_stop_id) == ("s2", "s1")
        assert (asked.dhash_distance, asked.phash_distance) == (0, 0)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_shot_turned_and_encoded_anew_is_asked_about(
        self, database: db.Database, settings: Settings, orientation: int
    ) -> None:
        first = make.encoded()
        second = make.encoded(make.turned(make.scene(), orientation).resize((512, 384)), quality=60)
        (asked,) = self.ask(database, settings, first, second)
        assert not asked.same_bytes
        assert asked.dhash_distance <= 6
        assert asked.phash_distance <= 12

    def test_other_scenes_are_not_asked_about(
        self, database: db.Database, settings: Settings
    ) -> None:
        for seed in range(12):
            make.bring(database, settings, make.encoded(make.scene(seed)), stop_id=f"s{seed}")
        make.examine(database, settings)
        assert questions(database) == []

    def test_two_shots_of_one_meter_s_stop_are_no_question(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded(), stop_id="s1")
        make.bring(database, settings, make.encoded(quality=50), stop_id="s1")
        make.bring(database, settings, make.encoded(quality=40))
        make.examine(database, settings)
        assert questions(database) == []

    def test_a_shot_used_for_another_order_is_asked_about(
        self, database: db.Database, settings: Settings
    ) -> None:
        make.bring(database, settings, make.encoded(), task_id="t1")
        make.bring(database, settings, make.encoded(quality=50), task_id="t2")
        make.examine(database, settings)
        (asked,) = questions(database)
        assert {asked.file_task_id, asked.other_task_id} == {"t1", "t2"}

    def test_walls_and_nights_are_like_nothing(
        self, database: db.Database, settings: Settings
    ) -> None:
        first = make.encoded(Image.new("RGB", (640, 480), (9, 9, 9)))
        second = make.encoded(Image.new("RGB", (640, 480), (90, 90, 90)))
        assert self.ask(database, settings, first, second) == []

    def test_even_a_damaged_file_sent_twice_is_asked_about(
        self, database: db.Database, settings: Settings
    ) -> None:
        cut = make.encoded()[:5_000]
        (asked,) = self.ask(database, settings, cut, cut)
        assert asked.same_bytes


def test_what_a_photo_says_is_set_beside_its_operation(
    database: db.Database, settings: Settings
) -> None:
    honest = make.bring(database, settings, make.encoded(exif=make.exif()), fix=FIX)
    elsewhere = make.exif(
        taken="2026:11:20 07:58:30", position=(21.0, 110.0), satellite=None, offset="+08:00"
    )
    odd = make.bring(
        database, settings, make.encoded(make.scene(2), exif=elsewhere), task_id="t2", fix=FIX
    )
    make.examine(database, settings)
    with database.reading() as session:
        act = tasks.of_office()
        told = {
            file_id: {
                each.aspect: each.agreement
                for each in service.get_picture(session, act=act, file_id=file_id).comparisons
            }
            for file_id in (honest, odd)
        }
    assert set(told[honest].values()) == {Agreement.agrees}
    assert told[odd] == {
        Aspect.position: Agreement.differs,
        Aspect.camera_time: Agreement.differs,
        Aspect.satellite_time: Agreement.cannot_say,
        Aspect.clocks: Agreement.cannot_say,
    }


def service_act(now: dt.datetime = AT) -> acts.Act:
    return acts.system(district_id=tasks.DISTRICT, now=now, job="examine_photos")
