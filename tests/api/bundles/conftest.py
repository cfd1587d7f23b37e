"""An order with a life: a crew's signed operations, a photo, and a checkpoint."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable

import flask.testing
import pytest

from api import db, ids
from api.custody.bundles.checking import checker
from api.custody.bundles.checking.checker import Report
from api.custody.bundles.checking.faults import Altered, Fault
from api.feed import store as feed
from api.settings import Settings
from field_sync.keys import FileKeys
from field_sync.testing.edge import HandEdge
from schemas.crews import Role
from tests.conftest import HandClock
from tests.makers import bundles as make
from tests.makers import crews, custody, evidence, kept, photos, tasks
from tests.makers.sync import Phone

DEVICE = "phone-7"
Export = Callable[..., bytes]
Check = Callable[..., Report]
Find = Callable[..., tuple[Fault, str]]


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> make.Story:
    """A story that no server took part in."""
    return make.story(tmp_path_factory.mktemp("device"), checkpoint_key=make.KEY)


@pytest.fixture
def parts(told: make.Story) -> make.Parts:
    """Its parts, to be changed."""
    return dict(told.parts)


@pytest.fixture(scope="session")
def whole(told: make.Story) -> bytes:
    """Its bundle."""
    return make.packed(told.parts, key=make.KEY)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, access_token_s=86_400)


@pytest.fixture
def phone(
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
    clock: HandClock,
    database: db.Database,
    tmp_path: pathlib.Path,
) -> Phone:
    """A phone whose device has a key, in the district's first crew."""
    folder = tmp_path / "phone"
    folder.mkdir()
    own = FileKeys(folder)
    with database.unit_of_work() as session:
        tasks.district(session)
        feed.start_lineage(session, name=ids.new_id())
        crews.device(session, person_id="li", device_id=DEVICE, key=own.make(HandEdge()))
    headers = sign_in(Role.LINEMAN, person_id="li", crew_id="crew-1", device_id=DEVICE)
    return Phone(client, headers, clock, keys=own, device_id=DEVICE)


@pytest.fixture
def office(sign_in: crews.SignIn) -> dict[str, str]:
    return sign_in(Role.DISPATCHER)


@pytest.fixture
def order(phone: Phone, database: db.Database, settings: Settings, clock: HandClock) -> str:
    """An order that was accepted and photographed; the crew pushed for another order between."""
    with database.unit_of_work() as session:
        for task_id in ("t1", "t2"):
            tasks.task(session, task_id=task_id)
    content = photos.encoded(exif=photos.exif())
    declared = {
        "sha256": evidence.sha256(content),
        "size_bytes": len(content),
        "media_type": "image/jpeg",
        "kind": "before",
        "fix": {"lat_deg": 20.04, "lon_deg": 110.32, "accuracy_m": 8.0},
    }
    missing = {**declared, "sha256": "5" * 64, "note": "<script>alert(1)</script>"}
    push(phone, phone.operation("task.accept", "t1"), phone.operation("task.accept", "t2"))
    push(
        phone,
        phone.operation("evidence.declare", "t1", declared),
        phone.operation("evidence.declare", "t1", missing),
    )
    kept.send(phone.client, dict(phone.headers), content)
    photos.examine(database, settings)
    custody.checkpoint(database, settings=settings, now=clock.now())
    clock.advance(minutes=10)
    push(phone, phone.operation("task.note", "t1", {"text": "<b>seen</b> & done"}))
    return "t1"


@pytest.fixture
def export(client: flask.testing.FlaskClient, office: dict[str, str]) -> Export:
    """Export an order at the door."""

    def exported(task_id: str) -> bytes:
        answer = client.get(f"/v1/tasks/{task_id}/bundle", buffered=True, headers=office)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    return exported


@pytest.fixture
def check(tmp_path: pathlib.Path) -> Check:
    def checked(raw: bytes, *kids: str) -> Report:
        path = tmp_path / "checked.zip"
        path.write_bytes(raw)
        return checker.check(path, keys=kids)

    return checked


@pytest.fixture
def fault(check: Check) -> Find:
    """Tell what the check of a bundle names."""

    def found(raw: bytes, *kids: str) -> tuple[Fault, str]:
        with pytest.raises(Altered) as caught:
            check(raw, *kids)
        assert caught.value.words.zh
        return caught.value.fault, caught.value.words.en

    return found


def push(phone: Phone, *wires: bytes) -> None:
    """Push operations, signed."""
    phone.sync(*wires, **phone.signed(wires))
