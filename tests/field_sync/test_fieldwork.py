"""Fieldwork: rules first, then one operation, on disk before the function returns."""

from __future__ import annotations

import decimal
import hashlib
import pathlib

import msgspec
import pytest

from field_sync import errors, fieldwork, metering, view
from field_sync.store import outbox, uploads
from field_sync.store.connection import Store, open_store
from field_sync.testing.edge import HandEdge
from schemas import checkins, evidence, readings, tasks
from schemas.errors import Words
from schemas.places import Fix
from schemas.rules.geofence import VerdictKind
from schemas.rules.presence import StayKind
from schemas.rules.transitions import Kind, State
from schemas.sync import Operation, Outcome, Status
from tests.makers import handheld as make

D = decimal.Decimal


@pytest.fixture
def held(enrolled: Store) -> Store:
    """A handheld with one repair, one route of two meters, and its district's facts."""
    make.hold(enrolled, "district:d1", ("district", make.district()))
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")))
    make.hold(
        enrolled,
        "person:p1",
        ("task", make.task("r1", kind=Kind.route, state=State.working, site=False)),
    )
    make.hold(
        enrolled,
        "route:r1",
        ("stop", make.stop("s1", sequence=1)),
        ("stop", make.stop("s2", sequence=2, registers=["total", "peak", "valley"])),
    )
    return enrolled


def fix(*, accuracy_m: float = 5.0, age_s: float = 1.0, north_m: float = 0.0) -> Fix:
    return Fix(
        lat_deg=make.LAT_DEG + north_m / 111_000,
        lon_deg=make.LON_DEG,
        accuracy_m=accuracy_m,
        age_s=age_s,
    )


def test_what_a_crew_did_is_on_disk_when_the_function_returns(
    held: Store, edge: HandEdge, home: pathlib.Path
) -> None:
    entry = fieldwork.accept(held, edge, task_id="t1")

    again = open_store(home)
    kept = outbox.list_waiting(again, limit=10)
    again.close()
    assert [(each.n, each.id, each.wire) for each in kept] == [(1, entry.id, entry.wire)]


def test_a_whole_repair_goes_through_in_the_order_of_its_life(held: Store, edge: HandEdge) -> None:
    fieldwork.accept(held, edge, task_id="t1")
    fieldwork.set_out(held, edge, task_id="t1")
    fieldwork.check_in(held, edge, task_id="t1", fix=fix())
    fieldwork.start(held, edge, task_id="t1")
    fieldwork.restored(held, edge, task_id="t1", note="fuse 2")
    fieldwork.finish(held, edge, task_id="t1", cause="blown fuse", work_done="replaced it")

    work = view.get_work(held, task_id="t1")
    assert (work.task.state, work.unsent) == (State.finished, 6)
    assert [entry.type for entry in outbox.list_kept(held)] == [
        "task.accept",
        "task.set_out",
        "checkin.record",
        "task.start",
        "repair.restored",
        "task.finish",
    ]


def test_operations_are_numbered_and_chained_by_the_hash_of_their_exact_bytes(
    held: Store, edge: HandEdge
) -> None:
    fieldwork.accept(held, edge, task_id="t1")
    edge.advance(minutes=5)
    fieldwork.note(held, edge, task_id="t1", text="gate code 41")

    first, second = outbox.list_kept(held)
    operation = msgspec.json.decode(second.wire, type=Operation)
    assert (operation.n, operation.prev) == (2, hashlib.sha256(first.wire).hexdigest())
    assert operation.mono_ms - msgspec.json.decode(first.wire, type=Operation).mono_ms == 300_000
    assert operation.based_on == 1


def test_a_step_out_of_order_is_refused_and_keeps_nothing(held: Store, edge: HandEdge) -> None:
    with pytest.raises(errors.WrongStep) as refused:
        fieldwork.finish(held, edge, task_id="t1")

    assert refused.value.fields["possible"] == "accept, return, set_out, arrive"
    assert outbox.list_kept(held) == []


def test_a_step_done_before_is_refused_as_done(held: Store, edge: HandEdge) -> None:
    fieldwork.accept(held, edge, task_id="t1")
    with pytest.raises(errors.AlreadyDone):
        fieldwork.accept(held, edge, task_id="t1")


def test_a_second_check_in_is_kept_as_a_fact(held: Store, edge: HandEdge) -> None:
    fieldwork.check_in(held, edge, task_id="t1", fix=None)
    fieldwork.start(held, edge, task_id="t1")
    fieldwork.check_in(held, edge, task_id="t1", fix=fix())

    assert view.get_work(held, task_id="t1").task.state is State.working
    assert len(outbox.list_kept(held)) == 3


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (fix(), VerdictKind.inside),
        (fix(north_m=200), VerdictKind.outside),
        (fix(north_m=45, accuracy_m=20), VerdictKind.unsure),
        (fix(age_s=90), VerdictKind.unsure),
        (None, VerdictKind.unsure),
    ],
)
def test_a_check_in_is_kept_whatever_its_verdict(
    held: Store, edge: HandEdge, at: Fix | None, kind: VerdictKind
) -> None:
    checked = fieldwork.check_in(held, edge, task_id="t1", fix=at)

    body = checked.entry.read()
    assert isinstance(body, checkins.CheckIn)
    assert checked.verdict.kind is kind
    assert (body.verdict, body.fix) == (kind, at)
    assert view.get_work(held, task_id="t1").task.state is State.arrived


def test_a_stay_is_kept_beside_the_doubt_and_judged_on_the_spot(
    held: Store, edge: HandEdge
) -> None:
    doubtful = fix(north_m=20, accuracy_m=60, age_s=0)
    sightings = [checkins.Sighting(after_s=after_s, fix=doubtful) for after_s in range(0, 181, 30)]
    checked = fieldwork.check_in(
        held, edge, task_id="t1", fix=doubtful, sightings=sightings, scanned="880001"
    )

    assert checked.verdict.kind is VerdictKind.unsure
    assert checked.remedies.stay is not None
    assert checked.remedies.stay.kind is StayKind.stayed
    body = checked.entry.read()
    assert isinstance(body, checkins.CheckIn)
    assert (body.sightings, body.scanned) == (sightings, "880001")


def test_more_looks_than_a_stay_has_are_refused(held: Store, edge: HandEdge) -> None:
    sightings = [checkins.Sighting(after_s=0, fix=fix())] * (checkins.SIGHTINGS_MAX + 1)
    with pytest.raises(errors.Malformed):
        fieldwork.check_in(held, edge, task_id="t1", fix=None, sightings=sightings)
    assert outbox.list_kept(held) == []


def test_an_order_without_a_site_leaves_arrival_unsure(held: Store, edge: HandEdge) -> None:
    make.hold(held, "crew:c1", ("task", make.task("t2", site=False)))
    looks = [checkins.Sighting(after_s=0, fix=fix())]
    checked = fieldwork.check_in(held, edge, task_id="t2", fix=fix(), sightings=looks)
    assert (checked.verdict.kind, checked.remedies.stay) == (VerdictKind.unsure, None)


@pytest.mark.parametrize("reason", ["busy", "工作忙", "", "...."])
def test_a_vague_reason_gives_nothing_back(held: Store, edge: HandEdge, reason: str) -> None:
    with pytest.raises(errors.VagueReason):
        fieldwork.return_(held, edge, task_id="t1", reason=reason)
    with pytest.raises(errors.VagueReason):
        fieldwork.suspend(held, edge, task_id="t1", reason=reason)
    assert outbox.list_kept(held) == []


def test_work_can_wait_for_a_concrete_reason_and_go_on(held: Store, edge: HandEdge) -> None:
    fieldwork.accept(held, edge, task_id="t1")
    fieldwork.suspend(held, edge, task_id="t1", reason="road flooded at the bridge")
    waiting = view.get_work(held, task_id="t1").task
    fieldwork.resume(held, edge, task_id="t1")

    assert waiting.suspended_reason == "road flooded at the bridge"
    assert waiting.state is State.suspended
    assert view.get_work(held, task_id="t1").task.state is State.accepted


def test_work_is_given_back_for_a_concrete_reason(held: Store, edge: HandEdge) -> None:
    fieldwork.return_(held, edge, task_id="t1", reason="needs the high-voltage crew")
    assert view.get_work(held, task_id="t1").task.state is State.returned


def test_a_reading_is_kept_and_its_stop_is_done(held: Store, edge: HandEdge) -> None:
    entry = metering.read(held, edge, stop_id="s1", total=D("1130"))

    body = entry.read()
    assert isinstance(body, readings.ReadingTaken)
    assert (entry.subject, body.total, body.confirmed) == ("r1", D(1130), [])
    stops = view.list_stops(held, route_id="r1")
    assert [stop.state for stop in stops] == [readings.StopState.READ, readings.StopState.OPEN]
    assert view.progress(stops).open == 1


def test_an_odd_reading_must_be_confirmed_and_the_prompt_is_recorded(
    held: Store, edge: HandEdge
) -> None:
    with pytest.raises(errors.ConfirmFirst) as refused:
        metering.read(held, edge, stop_id="s1", total=D(1000))
    assert refused.value.fields["codes"] == ["ER12"]

    entry = metering.read(held, edge, stop_id="s1", total=D(1000), confirmed=["ER12", "ER10"])
    body = entry.read()
    assert isinstance(body, readings.ReadingTaken)
    assert body.confirmed == ["ER12"]


def test_a_prompt_never_tells_what_to_find(held: Store) -> None:
    asked = metering.prompts(held, stop_id="s1", total=D(1000))
    said = "".join(prompt.en + prompt.zh + "".join(prompt.numbers.values()) for prompt in asked)
    assert asked
    assert all(secret not in said for secret in ("120", "60", "240"))


def test_tariffs_that_do_not_add_up_are_asked_about(held: Store) -> None:
    asked = metering.prompts(
        held, stop_id="s2", total=D(1130), tariffs={"peak": D(600), "valley": D(400)}
    )
    assert [prompt.code for prompt in asked] == ["ER21"]


def test_values_of_two_neighbours_are_asked_about_when_they_are_exchanged(
    held: Store, edge: HandEdge
) -> None:
    make.hold(held, "route:r1", ("stop", make.stop("s2", sequence=2, previous="5000")))
    make.hold(held, "route:r1", ("stop", make.stop("s3", sequence=3)))
    wrong = metering.read(held, edge, stop_id="s1", total=D(5120))
    unsent = metering.prompts(held, stop_id="s2", total=D(1120))
    outbox.settle(held, through=wrong.n, outcomes=[])
    asked = metering.prompts(held, stop_id="s2", total=D(1120))
    assert [prompt.code for prompt in asked] == ["ER16", "ER10"]
    assert asked == unsent
    assert asked[0].numbers == {"meter": "880001"}
    asked = metering.prompts(held, stop_id="s3", total=D(5120))
    assert "ER16" not in [prompt.code for prompt in asked]  # it is no neighbour of the first


def test_a_value_that_the_office_refused_is_no_neighbours(held: Store, edge: HandEdge) -> None:
    make.hold(held, "route:r1", ("stop", make.stop("s2", sequence=2, previous="5000")))
    wrong = metering.read(held, edge, stop_id="s1", total=D(5120))
    words = Words(en="That is not your route.", zh="这不是您的路线。")
    outcome = Outcome(
        n=wrong.n, id=wrong.id, status=Status.REJECTED, code="not-found", detail=words
    )
    outbox.settle(held, through=wrong.n, outcomes=[outcome])
    asked = metering.prompts(held, stop_id="s2", total=D(1120))
    assert [prompt.code for prompt in asked] == ["ER10"]


def test_a_value_that_the_meter_cannot_show_is_refused(held: Store, edge: HandEdge) -> None:
    for value in ("100000", "-1", "12.5", "NaN"):
        with pytest.raises(errors.NotOnDisplay):
            metering.read(held, edge, stop_id="s1", total=D(value))
    with pytest.raises(errors.Malformed):
        metering.prompts(held, stop_id="s1", total=D(1130), tariffs={"moon": D(1)})
    assert outbox.list_kept(held) == []


def test_a_skipped_meter_says_why(held: Store, edge: HandEdge) -> None:
    metering.skip(held, edge, stop_id="s2", code=readings.SkipCode.DOG)

    stop = view.get_stop(held, stop_id="s2")
    assert (stop.state, stop.skip_code) == (readings.StopState.SKIPPED, readings.SkipCode.DOG)


def test_a_photo_is_copied_by_hash_and_declared(
    held: Store, edge: HandEdge, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "pole.bin"
    path.write_bytes(b"\xff\xd8\xff" + b"pole" * 1000)

    entry = fieldwork.photo(held, edge, task_id="t1", path=path, kind=evidence.EvidenceKind.BEFORE)
    path.unlink()

    body = entry.read()
    assert isinstance(body, evidence.Declared)
    assert body.media_type == "image/jpeg"
    assert uploads.path_of(held, sha256=body.sha256).stat().st_size == body.size_bytes == 4003
    assert uploads.count_waiting(held) == 1
    task = view.get_work(held, task_id="t1").task
    assert (task.evidence_declared, task.evidence_missing) == (1, 1)


def test_the_same_file_is_kept_once_for_the_same_work(
    held: Store, edge: HandEdge, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    fieldwork.photo(held, edge, task_id="t1", path=path)
    with pytest.raises(errors.AlreadyKept):
        fieldwork.photo(held, edge, task_id="t1", path=path)
    fieldwork.photo(held, edge, task_id="r1", path=path, stop_id="s1")
    assert len(uploads.list_all(held)) == 1


def test_a_file_that_is_not_there_or_too_large_is_refused(
    held: Store, edge: HandEdge, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(errors.NotAFile):
        fieldwork.photo(held, edge, task_id="t1", path=tmp_path / "nothing.jpg")
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(evidence.FILE_BYTES_MAX + 1)
    with pytest.raises(errors.FileTooLarge):
        fieldwork.photo(held, edge, task_id="t1", path=large)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_files_type_is_told_by_its_bytes(head: bytes, media_type: str) -> None:
    assert uploads.media_type_of(head) == media_type


def test_a_text_that_the_server_would_refuse_is_refused_here(held: Store, edge: HandEdge) -> None:
    for text in ("", "nul \x00", "x" * 2_001):
        with pytest.raises(errors.Malformed):
            fieldwork.note(held, edge, task_id="t1", text=text)
    with pytest.raises(errors.Malformed):
        fieldwork.check_in(held, edge, task_id="t1", fix=fix(north_m=1e8))
    assert outbox.list_kept(held) == []


def test_materials_are_kept_with_the_finish(held: Store, edge: HandEdge) -> None:
    make.hold(held, "crew:c1", ("task", make.task("t3", state=State.restored)))
    fuse = tasks.Material(name="fuse 63 A", quantity=2)
    entry = fieldwork.finish(held, edge, task_id="t3", materials=[fuse])
    body = entry.read()
    assert isinstance(body, tasks.Finished)
    assert body.materials == [fuse]


def test_work_that_is_not_here_is_refused(held: Store, edge: HandEdge) -> None:
    with pytest.raises(errors.NotOnPhone):
        fieldwork.accept(held, edge, task_id="t9")
    with pytest.raises(errors.NotOnPhone):
        metering.skip(held, edge, stop_id="s9", code=readings.SkipCode.DOG)


def test_a_handheld_that_nobody_enrolled_keeps_no_work(store: Store, edge: HandEdge) -> None:
    make.hold(store, "crew:c1", ("task", make.task("t1")))
    with pytest.raises(errors.NotEnrolled):
        fieldwork.accept(store, edge, task_id="t1")


def test_an_outbox_has_an_end(held: Store, edge: HandEdge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "WAITING_MAX", 1)
    fieldwork.accept(held, edge, task_id="t1")
    with pytest.raises(errors.OutboxFull):
        fieldwork.set_out(held, edge, task_id="t1")


def test_nobody_arrives_at_an_order_that_was_given_to_nobody(held: Store, edge: HandEdge) -> None:
    make.hold(held, "crew:c1", ("task", make.task("t4", state=State.reported)))
    with pytest.raises(errors.WrongStep):
        fieldwork.check_in(held, edge, task_id="t4", fix=None)
