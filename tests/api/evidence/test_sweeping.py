"""Bytes that nobody declared are given up, and deleted a day later unless somebody wants them."""

from __future__ import annotations

import datetime as dt
import os
import pathlib
import threading

import flask.testing
import pytest

from api import acts, db
from api.evidence import depot, keeping, uploads
from api.evidence.models import Upload
from api.settings import Settings
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import kept, tasks, tus

STRAY = b"nobody declared this" * 100


@pytest.fixture
def settings(database_url: str, tmp_path: pathlib.Path) -> Settings:
    """Let people stay signed in while weeks go by."""
    return Settings(data_dir=tmp_path, database_url=database_url, access_token_s=10_000_000)


def test_what_nobody_declared_is_condemned_after_the_grace_and_swept_a_day_later(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone)
    kept.send(client, phone, STRAY)
    stray = make.sha256(STRAY)
    clock.advance(hours=24 * 30 - 1)
    assert run("sweep_files").counts == {"condemned": 0, "swept": 0}
    clock.advance(hours=2)
    assert run("sweep_files").counts == {"condemned": 1, "swept": 0}
    assert kept.lying(settings, stray).exists()
    clock.advance(hours=25)
    assert run("sweep_files").counts == {"condemned": 0, "swept": 1}
    assert (kept.lying(settings, stray).exists(), kept.blob(database, stray)) == (False, None)
    assert kept.lying(settings).exists()
    assert run("sweep_files").counts == {"condemned": 0, "swept": 0}
    with database.reading() as session:
        assert [row.sha256 for row in session.query(Upload)] == [kept.SHA256]
    kept.send(client, phone, STRAY)
    assert kept.lying(settings, stray).read_bytes() == STRAY


def test_a_condemned_file_that_is_declared_is_asked_for_and_stays(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone, STRAY)
    clock.advance(hours=24 * 31)
    assert run("sweep_files").counts["condemned"] == 1
    with database.unit_of_work() as session:
        make.declare(session, task_id="t1", content=STRAY)
    assert tus.misses(database) == 2
    clock.advance(hours=25)
    assert run("sweep_files").counts["swept"] == 0
    kept.send(client, phone, STRAY)
    assert tus.misses(database) == 1
    assert kept.lying(settings, make.sha256(STRAY)).exists()


def test_a_condemned_file_that_a_phone_sends_again_is_believed_again(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone, STRAY)
    clock.advance(hours=24 * 31)
    run("sweep_files")
    kept.send(client, phone, STRAY)
    again = kept.blob(database, make.sha256(STRAY))
    assert again is not None
    assert again.condemned_at is None


def test_who_begins_to_send_a_condemned_file_keeps_it(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone, STRAY)
    clock.advance(hours=24 * 31)
    run("sweep_files")
    client.post("/v1/uploads", headers=phone | make.creation(STRAY))
    clock.advance(hours=25)
    assert run("sweep_files").counts["swept"] == 0
    assert kept.lying(settings, make.sha256(STRAY)).exists()


def test_an_upload_that_is_opened_while_its_file_is_swept_begins_at_nothing(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone, STRAY)
    clock.advance(hours=24 * 31)
    run("sweep_files")
    clock.advance(hours=25)
    place = depot.opened(settings)
    act = acts.system(district_id=tasks.DISTRICT, now=clock.now(), job="sweep_files")
    opened: list[str] = []

    def open_upload() -> None:
        with database.unit_of_work() as session:
            upload = uploads.open_upload(
                session, act=tasks.of_crew(), sha256=make.sha256(STRAY), size_bytes=len(STRAY)
            )
            opened.append(upload.id)

    other = threading.Thread(target=open_upload)
    with database.unit_of_work() as session:
        counts = keeping.sweep(session, act=act, files=place, undeclared=[], unknown=[], spared=())
        assert counts["swept"] == 1
        other.start()
        other.join(timeout=0.5)
        assert opened == []
    other.join(timeout=10)
    part = depot.Part(tasks.DISTRICT, opened[0], make.sha256(STRAY), len(STRAY))
    assert place.take_over(part) == 0


def test_old_bytes_that_no_row_knows_are_swept_and_young_ones_stay(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    run: kept.Run,
    clock: HandClock,
) -> None:
    kept.send(client, phone)
    paths = [kept.lying(settings, make.sha256(each)) for each in (b"old", b"young", b"no hash")]
    paths[2] = paths[2].with_name("notes.txt")
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    now = dt.datetime.now(dt.UTC)
    clock.set(now)
    for path in (paths[0], paths[2], kept.lying(settings)):
        old_s = (now - dt.timedelta(days=31)).timestamp()
        os.utime(path, (old_s, old_s))
    assert run("sweep_files").counts == {"condemned": 1, "swept": 0}
    clock.advance(hours=25)
    assert run("sweep_files").counts == {"condemned": 0, "swept": 1}
    assert [path.exists() for path in paths] == [False, True, True]
    assert kept.lying(settings).exists()


def test_an_open_upload_keeps_its_bytes_though_their_note_was_lost(
    client: flask.testing.FlaskClient,
    phone: dict[str, str],
    settings: Settings,
    database: db.Database,
    run: kept.Run,
    clock: HandClock,
) -> None:
    begun = client.post("/v1/uploads", headers=phone | make.creation(STRAY))
    upload_id = begun.headers["Location"].rpartition("/")[2]
    part = depot.Part(tasks.DISTRICT, upload_id, make.sha256(STRAY), len(STRAY))
    place = depot.opened(settings)
    place.receive(part, offset_bytes=0, chunks=[STRAY])
    place.seal(part)  # and here the server dies
    old_s = (clock.now() - dt.timedelta(days=31)).timestamp()
    os.utime(kept.lying(settings, make.sha256(STRAY)), (old_s, old_s))
    assert run("sweep_files").counts == {"condemned": 0, "swept": 0}
    assert kept.blob(database, make.sha256(STRAY)) is None
    kept.send(client, phone, STRAY)
    assert kept.blob(database, make.sha256(STRAY)) is not None
