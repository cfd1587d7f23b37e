"""Whole files for tests: sent through the doors, lying in a folder, looked after by jobs."""

from __future__ import annotations

import pathlib

import flask.testing

from api import acts, db
from api.evidence.models import Blob
from api.scheduler import service as scheduler
from api.settings import Settings
from schemas import jobs
from tests.conftest import HandClock
from tests.makers import evidence as make
from tests.makers import tasks, tus

SHA256 = make.sha256(make.PHOTO)


class Run:
    """Runs a job in the district, as somebody who asks does."""

    def __init__(self, database: db.Database, settings: Settings, clock: HandClock) -> None:
        self._worker = scheduler.Worker(
            name="tester", settings=settings, database=database, clock=clock
        )

    def __call__(self, name: str) -> jobs.JobRun:
        now = self._worker.clock.now()
        act = acts.system(district_id=tasks.DISTRICT, now=now, job=name)
        return scheduler.run_now(self._worker, act=act, name=name)


def send(
    client: flask.testing.FlaskClient, phone: dict[str, str], content: bytes = make.PHOTO
) -> None:
    """Send a file from wherever the server has it."""
    begun = client.post("/v1/uploads", headers=phone | make.creation(content))
    assert begun.status_code == 201, begun.text
    place = begun.headers["Location"]
    at = int(tus.head(client, phone, place).headers["Upload-Offset"])
    if at < len(content):
        sent = client.patch(place, data=content[at:], headers=phone | make.at(at))
        assert sent.status_code == 204, sent.text


def lying(settings: Settings, sha256: str = SHA256) -> pathlib.Path:
    return settings.data_dir / "evidence" / tasks.DISTRICT / sha256[:2] / sha256


def spoil(path: pathlib.Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def blob(database: db.Database, sha256: str = SHA256) -> Blob | None:
    with database.reading() as session:
        return session.get(Blob, (tasks.DISTRICT, sha256))
