"""An order is handed over whole: by the door and by the command, to whom may see it."""

from __future__ import annotations

import html.parser
import pathlib
from collections.abc import Callable
from typing import Any

import flask.testing
import msgspec
import pytest
from sqlalchemy import select, update

from api import db
from api.crews.models import AuditLine, Device, FormerKey
from api.crews.service import device_keys
from api.custody import keys
from api.custody.bundles import gathering, handing, packing, resources
from api.custody.bundles.checking.operations import Standing
from api.settings import Settings
from api.sync.models import Receipt
from api.tasks.models import TaskEvent
from schemas import bundles
from schemas.crews import Role
from tests.api.bundles.conftest import DEVICE, Check, Export, push
from tests.conftest import HandClock
from tests.makers import bundles as make
from tests.makers import crews, evidence, kept, photos, tasks
from tests.makers.sync import Phone

Client = flask.testing.FlaskClient
Headers = dict[str, str]


def told(raw: bytes, name: str) -> Any:  # noqa: ANN401 - plain JSON
    return msgspec.json.decode(make.unpacked(raw)[name])


def test_what_is_handed_over_is_whole_and_says_what_it_proves(
    order: str, export: Export, check: Check, settings: Settings
) -> None:
    raw = export(order)
    key = keys.find(settings)
    assert key is not None
    report = check(raw, key.kid)
    assert (report.is_vouched, report.is_checkpoint_vouched) == (True, True)
    assert (report.manifest.order_id, report.manifest.made_by) == (order, "dispatcher-d1")
    assert (report.moments, report.covered) == (4, 3)
    assert report.operations == {Standing.signed: 3, Standing.stated: 1}
    assert report.files == {"here": 1, "missing": 1}


def test_the_exact_bytes_of_moments_and_operations_are_in_it(
    order: str, export: Export, database: db.Database
) -> None:
    inside = make.unpacked(export(order))
    lines = inside[bundles.TIMELINE].splitlines()
    with database.reading() as session:
        events = session.scalars(
            select(TaskEvent).where(TaskEvent.task_id == order).order_by(TaskEvent.number)
        ).all()
        wires = session.scalars(
            select(Receipt.wire).where(Receipt.subject_id == order).order_by(Receipt.n)
        ).all()
    assert [event.body in line for event, line in zip(events, lines, strict=True)] == [True] * 4
    assert [inside[f"operations/{n:05}.json"] for n in range(1, 5)] == wires


def test_nothing_of_another_order_is_in_it(order: str, export: Export) -> None:
    raw = export(order)
    for content in make.unpacked(raw).values():
        assert b'"t2"' not in content
    (device,) = told(raw, bundles.DEVICES)
    first = device["signed"][0]["before"]
    assert [set(link) for link in first] == [{"n", "sha256"}] * 2


def test_a_photo_is_in_it_as_it_was_sent_with_what_it_says(order: str, export: Export) -> None:
    raw = export(order)
    here, missing = told(raw, bundles.EVIDENCE)
    assert (here["standing"], here["media_type"], here["is_shown"]) == ("here", "image/jpeg", True)
    assert evidence.sha256(make.unpacked(raw)[here["path"]]) == here["file"]["sha256"]
    assert (missing["standing"], missing["path"]) == ("missing", None)
    compared = told(raw, bundles.PHOTOS)[0]["picture"]["comparisons"]
    assert {each["aspect"]: each["agreement"] for each in compared}["position"] == "agrees"


def test_a_waived_file_is_said_to_be(
    order: str, export: Export, client: Client, sign_in: crews.SignIn
) -> None:
    missing = told(export(order), bundles.EVIDENCE)[1]["file"]["id"]
    supervisor = sign_in(Role.SUPERVISOR)
    reason = "the phone fell into the river at the bridge"
    waived = client.post(
        f"/v1/evidence/{missing}/waive", json={"reason": reason}, headers=supervisor
    )
    assert waived.status_code == 200, waived.text
    said = told(export(order), bundles.EVIDENCE)[1]
    assert (said["standing"], said["file"]["waived_reason"]) == ("waived", reason)


@pytest.mark.parametrize(
    ("harm", "standing"), [(kept.spoil, "altered"), (pathlib.Path.unlink, "lost")]
)
def test_a_rotten_file_is_not_passed_off_as_the_one_that_was_sent(
    order: str,
    export: Export,
    check: Check,
    settings: Settings,
    harm: Callable[[pathlib.Path], None],
    standing: str,
) -> None:
    file = told(export(order), bundles.EVIDENCE)[0]["file"]
    harm(kept.lying(settings, file["sha256"]))
    raw = export(order)
    assert told(raw, bundles.EVIDENCE)[0]["standing"] == standing
    assert check(raw).files == {standing: 1, "missing": 1}
    assert b"<img" not in make.unpacked(raw)[bundles.PAGE]


def test_each_export_leaves_a_line_in_the_audit(
    order: str, export: Export, database: db.Database
) -> None:
    export(order)
    export(order)
    with database.reading() as session:
        lines = session.query(AuditLine).filter_by(what="task.handed_over").all()
        found = [(line.person_id, line.subject_id) for line in lines]
    assert found == [("dispatcher-d1", order)] * 2


def test_it_is_an_attachment_that_no_browser_opens(
    order: str, client: Client, office: Headers
) -> None:
    answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="order-t1.zip"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.mimetype == "application/zip"


@pytest.mark.parametrize("role", [Role.LINEMAN, Role.READER, Role.INTEGRATION])
def test_only_the_office_takes_it(
    order: str, client: Client, sign_in: crews.SignIn, role: Role
) -> None:
    headers = sign_in(role, person_id="somebody", crew_id="crew-1")
    assert (
        client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=headers).status_code == 403
    )


def test_an_order_of_another_district_does_not_exist(
    order: str, client: Client, sign_in: crews.SignIn
) -> None:
    elsewhere = sign_in(Role.DISPATCHER, district_id="d2")
    answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=elsewhere)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_an_order_that_was_altered_is_not_handed_over(
    order: str, client: Client, office: Headers, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        session.execute(update(TaskEvent).where(TaskEvent.number == 2).values(body=b"{}"))
    answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "order-altered")
    assert "Moment 2" in answer.get_json()["detail"]["en"]


def test_an_operation_that_was_altered_is_not_handed_over(
    order: str, client: Client, office: Headers, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        session.execute(update(Receipt).where(Receipt.n == 4).values(signature="A" * 86))
    answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office)
    assert answer.get_json()["code"] == "order-altered"
    assert f"operation 4 of device {DEVICE}" in answer.get_json()["detail"]["en"]


@pytest.mark.parametrize(
    ("module", "limit"),
    [
        (gathering, "MOMENTS_MAX"),
        (gathering, "OPERATIONS_MAX"),
        (bundles, "TEXT_BYTES_MAX"),
        (bundles, "BYTES_MAX"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_an_order_that_is_too_large_is_refused(
    order: str,
    client: Client,
    office: Headers,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    limit: str,
) -> None:
    monkeypatch.setattr(module, limit, 3)
    answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "bundle-too-large")


def test_no_more_are_made_at_once_than_there_are_turns(
    order: str, client: Client, office: Headers
) -> None:
    for _ in range(resources.AT_ONCE_MAX):
        assert resources._TURNS.acquire(blocking=False)
    try:
        answer = client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office)
    finally:
        for _ in range(resources.AT_ONCE_MAX):
            resources._TURNS.release()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert client.get(f"/v1/tasks/{order}/bundle", buffered=True, headers=office).status_code == 200


def test_nothing_is_left_on_the_disk(order: str, export: Export, settings: Settings) -> None:
    before = set(settings.data_dir.iterdir())
    export(order)
    assert set(settings.data_dir.iterdir()) == before


def test_no_unit_of_work_is_open_while_files_are_packed(
    order: str, database: db.Database, settings: Settings, tmp_path: pathlib.Path
) -> None:
    """With one connection in the pool, an open unit of work would wait for itself for ever."""
    held: list[int] = []

    class Watched(packing.Packer):
        def add(self, path: str, pieces: Any) -> bundles.Entry:  # noqa: ANN401 - handed through
            held.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]  # QueuePool has it
            return super().add(path, pieces)

    with (tmp_path / "out.zip").open("w+b") as target, pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "Packer", Watched)
        handing.hand_over(
            target, settings=settings, database=database, act=tasks.of_office(), task_id=order
        )
    assert set(held) == {0}


def test_what_a_device_signed_with_the_key_that_it_had_stays_signed(
    order: str, export: Export, check: Check, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        device = session.get_one(Device, DEVICE)
        assert device.key is not None
        session.add(FormerKey(device_id=DEVICE, jkt="former", key=device.key, ended_at=tasks.NOW))
        device.key = device_keys.text_of(make.OTHER.public)
    raw = export(order)
    assert check(raw).operations[Standing.signed] == 3
    assert len(told(raw, bundles.DEVICES)[0]["keys"]) == 2


def test_what_was_kept_out_is_in_it_and_said_to_be(
    order: str, phone: Phone, export: Export, check: Check, client: Client, office: Headers
) -> None:
    unsigned = phone.operation("task.note", order, {"text": "without a signature"})
    client.post("/v1/sync", data=phone.request([unsigned]), headers=phone.headers)
    assert check(export(order)).operations[Standing.kept_out] == 1
    (waiting,) = client.get("/v1/quarantine", headers=office).get_json()["items"]
    accepted = client.post(f"/v1/quarantine/{waiting['id']}/accept", headers=office)
    assert accepted.status_code == 200, accepted.text
    raw = export(order)
    assert check(raw).operations[Standing.let_in] == 1
    assert told(raw, bundles.OPERATIONS)[-1]["kept_out"]["decided_by"] == "dispatcher-d1"


def test_an_order_that_nobody_touched_is_a_bundle_too(
    phone: Phone, export: Export, check: Check, database: db.Database
) -> None:
    with database.unit_of_work() as session:
        tasks.task(session, task_id="fresh")
    report = check(export("fresh"))
    assert (report.checkpoint, report.operations, report.files) == (None, {}, {})


# ------------------------------------------------------------------ the page


class _Page(html.parser.HTMLParser):
    """Reads a page as a browser does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_what_happened_and_lets_nothing_run(order: str, export: Export) -> None:
    raw = export(order)
    inside = make.unpacked(raw)
    page = _Page()
    page.feed(inside[bundles.PAGE].decode())
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "b", "iframe", "object", "form", "link", "base"}
    assert "<b>seen</b> & done" in page.text
    assert "<script>alert(1)</script>" in page.text
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        place = attributes.get("src") or attributes.get("href")
        assert place is None or place in inside
    (picture,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert picture["src"] == told(raw, bundles.EVIDENCE)[0]["path"]
    policy = next(each["content"] for tag, each in page.tags if "http-equiv" in each)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for words in ("工单时间线", "Timeline", "接单", "2026-11-23 08:10:00 +0800", "第 1 号存证点"):
        assert words in page.text


def test_what_browsers_would_run_is_no_picture_and_not_named_as_what_it_is(
    order: str, phone: Phone, export: Export, settings: Settings, database: db.Database
) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    body = {
        "sha256": evidence.sha256(drawing),
        "size_bytes": len(drawing),
        "media_type": "image/png",
    }
    push(phone, phone.operation("evidence.declare", order, body))
    kept.send(phone.client, dict(phone.headers), drawing)
    photos.examine(database, settings)
    found = told(export(order), bundles.EVIDENCE)[-1]
    assert (found["media_type"], found["is_shown"]) == ("image/svg+xml", False)
    assert found["path"].endswith(".bin")


def test_what_a_photo_was_made_smaller_from_is_told_and_checked(
    order: str, phone: Phone, export: Export, check: Check
) -> None:
    original = {"sha256": "0f" * 32, "size_bytes": 9_000_000, "media_type": "image/heic"}
    body = {
        "sha256": "6" * 64,
        "size_bytes": 5,
        "media_type": "image/jpeg",
        "original": {**original, "camera_local": "2026-11-23T07:58:30"},
    }
    push(phone, phone.operation("evidence.declare", order, body))
    raw = export(order)
    check(raw)
    page = make.unpacked(raw)[bundles.PAGE].decode()
    assert f"原片 9000000 字节，SHA-256 {'0f' * 32}；文件自述：2026-11-23T07:58:30。" in page


def test_a_phone_with_a_wrong_clock_is_said_to_have_one(
    order: str, phone: Phone, export: Export, clock: HandClock
) -> None:
    phone.ahead_s = 7_200
    push(phone, phone.operation("task.set_out", order))
    assert "时钟存疑" in make.unpacked(export(order))[bundles.PAGE].decode()
