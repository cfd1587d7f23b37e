"""Photos used again: the reading is flagged once, whichever comes first."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api import acts, ids
from api.evidence import service as evidence
from api.evidence.models import EvidenceFile
from api.photos.models import Likeness
from api.readings import jobs, service
from api.readings.models import Flag
from api.readings.service import reuse as reused
from schemas.photos import LikenessState
from schemas.rules import reuse
from tests.makers import evidence as files
from tests.makers import readings as make
from tests.makers import tasks

NIGHT = make.NOW + dt.timedelta(hours=17)


def run(session: Session) -> int:
    """Run the nightly job; tell how many readings it found."""
    act = acts.system(district_id=make.DISTRICT, now=NIGHT, job="flag_estimates")
    counts = jobs.run(session, act=act)
    session.flush()
    return counts.get(reuse.CODE, 0)


def read(session: Session, meter_id: str, total: int) -> str:
    """Take a reading at a meter's stop; give its id."""
    stop, reading_id = make.stop_of(session, meter_id=meter_id), ids.new_id()
    act = tasks.of_crew(operation_id=reading_id)
    service.load_stops(session, district_id=make.DISTRICT, ids=[stop.id])
    service.take(session, act=act, subject_id=stop.route_id, body=make.taken(stop, total))
    session.flush()
    return reading_id


def photograph(session: Session, meter_id: str, content: bytes) -> EvidenceFile:
    """Declare a photo of a meter, taken at its stop."""
    stop, file_id = make.stop_of(session, meter_id=meter_id), ids.new_id()
    act = tasks.of_crew(operation_id=file_id)
    body = files.declared(content, stop_id=stop.id)
    evidence.declare(session, act=act, subject_id=stop.route_id, body=body)
    session.flush()
    return session.get_one(EvidenceFile, (make.DISTRICT, file_id))


def ask(
    session: Session,
    later: EvidenceFile,
    earlier: EvidenceFile,
    *,
    same_bytes: bool = True,
    state: LikenessState = LikenessState.OPEN,
) -> Likeness:
    """Ask whether two photos are one."""
    question = Likeness(
        district_id=make.DISTRICT,
        id=ids.new_id(),
        file_id=later.id,
        file_task_id=later.task_id,
        file_stop_id=later.stop_id,
        other_id=earlier.id,
        other_task_id=earlier.task_id,
        other_stop_id=earlier.stop_id,
        same_bytes=same_bytes,
        dhash_distance=0,
        phash_distance=0 if same_bytes else 7,
        raised_at=make.NOW,
        state=str(state),
        decided_by=None,
        decided_at=None,
        note="",
    )
    session.add(question)
    session.flush()
    return question


@pytest.fixture
def photos(session: Session) -> tuple[EvidenceFile, EvidenceFile]:
    """Plan a route over two meters; the photo of the second is that of the first."""
    make.route(session, meter_ids=("M0001", "M0002"))
    first = photograph(session, "M0001", b"a display")
    return photograph(session, "M0002", b"a display"), first


def found(session: Session) -> list[tuple[str, str]]:
    session.flush()
    return [(flag.reading_id, flag.code) for flag in session.query(Flag)]


def test_a_reading_that_is_here_is_flagged_when_its_photo_is_known(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    read(session, "M0001", 120)
    reading_id = read(session, "M0002", 340)
    assert run(session) == 0
    ask(session, *photos)
    assert run(session) == 1
    assert found(session) == [(reading_id, "ER35")]


def test_a_reading_that_comes_after_its_photo_is_flagged_too(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    ask(session, *photos)
    read(session, "M0001", 120)
    assert run(session) == 0
    reading_id = read(session, "M0002", 340)
    assert run(session) == 1
    assert found(session) == [(reading_id, "ER35")]


def test_running_again_adds_nothing(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    read(session, "M0002", 340)
    question = ask(session, *photos)
    assert [run(session), run(session)] == [1, 0]
    question.state = str(LikenessState.QUESTIONED)
    assert run(session) == 0
    assert len(found(session)) == 1


def test_a_finding_says_what_a_person_can_check(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    read(session, "M0001", 120)
    read(session, "M0002", 340)
    later, earlier = photos
    ask(session, later, earlier, same_bytes=False)
    run(session)
    flag = session.query(Flag).one()
    assert flag.en == "Its photo looks like the photo of meter M0001 (2026-11-23)"
    assert flag.zh == "照片与电表 M0001（2026-11-23）的照片高度相似"
    assert flag.reader_id == "li"
    assert (flag.inputs["file_id"], flag.inputs["other_file_id"]) == (later.id, earlier.id)


def test_what_a_person_has_allowed_is_flagged_no_more(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    ask(session, *photos, state=LikenessState.ALLOWED)
    read(session, "M0002", 340)
    assert run(session) == 0


def test_photos_of_no_meter_flag_no_reading(
    session: Session, photos: tuple[EvidenceFile, EvidenceFile]
) -> None:
    later, earlier = photos
    ask(session, later, earlier).other_stop_id = None
    read(session, "M0002", 340)
    assert run(session) == 0


def test_every_page_of_questions_is_gone_through(
    session: Session,
    photos: tuple[EvidenceFile, EvidenceFile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reused, "QUESTIONS_PER_PAGE", 1)
    later, earlier = photos
    third = photograph(session, "M0001", b"another display")
    ask(session, third, earlier, same_bytes=False)
    ask(session, later, earlier)
    read(session, "M0002", 340)
    assert run(session) == 1
