"""Several workers at the same moment: one successor, one limit, one login."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

from api import acts, db, errors
from api.crews import service
from api.crews.identity import Identity, WrongPassword
from api.crews.models import CrewMember, FormerMember, RefreshToken
from api.crews.service.people import LoginTaken
from api.settings import Settings
from schemas import crews as shapes
from schemas.crews import Role
from schemas.errors import Refused
from tests.conftest import NOW
from tests.makers import crews as make

WORKERS = 6
T = TypeVar("T")


def _at_once(work: Callable[[], T]) -> list[T | Refused]:
    """Do the same at once in several workers; a refusal is an answer."""
    start = threading.Barrier(WORKERS)

    def begin() -> T | Refused:
        start.wait(timeout=10)
        try:
            return work()
        except Refused as refused:
            return refused

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return [each.result(timeout=60) for each in [pool.submit(begin) for _ in range(WORKERS)]]


def test_a_token_exchanged_many_times_at_once_has_one_successor(
    database: db.Database, settings: Settings
) -> None:
    identity = Identity(settings)
    with database.unit_of_work() as session:
        first = identity.issue(session, person=make.person(session), device_id=None, now=NOW)

    def exchange() -> str:
        worker = Identity(settings)
        return worker.refresh(
            database, asked=shapes.Refresh(refresh_token=first.refresh_token), now=NOW
        ).refresh_token

    answers = _at_once(exchange)
    assert len(set(map(str, answers))) == 1, answers
    with database.reading() as session:
        assert session.query(RefreshToken).count() == 2


def test_guesses_at_once_get_no_more_than_the_limit(
    database: db.Database, settings: Settings
) -> None:
    strict = Settings(
        data_dir=settings.data_dir, database_url=settings.database_url, sign_ins_per_minute=2
    )
    with database.unit_of_work() as session:
        make.person(session, password=make.PASSWORD)
    guess = shapes.SignIn(login="li", password="a guess")
    answers = _at_once(lambda: Identity(strict).sign_in(database, asked=guess, now=NOW))
    assert sum(isinstance(answer, WrongPassword) for answer in answers) == 2
    assert sum(isinstance(answer, errors.TooMany) for answer in answers) == WORKERS - 2


def test_a_login_asked_for_at_once_is_given_once(database: db.Database) -> None:
    act = acts.system(district_id="d1", now=NOW, job="test")
    draft = shapes.PersonDraft(login="new", name="新", roles=[Role.READER])
    with database.unit_of_work() as session:
        make.district(session)

    def create() -> str:
        with database.unit_of_work() as session:
            return service.create_person(session, act=act, draft=draft).id

    answers = _at_once(create)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, LoginTaken) for answer in answers) == WORKERS - 1


def test_a_member_whom_many_take_out_at_once_left_the_crew_once(database: db.Database) -> None:
    with database.unit_of_work() as session:
        for person_id in ("li", "wu"):
            make.person(session, person_id=person_id)
        make.crew(session, member_ids=["li"])

    def change() -> str:
        with database.unit_of_work() as session:
            act = acts.system(district_id=make.DISTRICT, now=NOW, job="office")
            wanted = shapes.CrewChange(member_ids=["wu"])
            crew = service.change_crew(session, act=act, crew_id="crew-1", change=wanted)
            return str(crew.version)

    assert sorted(map(str, _at_once(change))) == [str(2 + done) for done in range(WORKERS)]
    with database.reading() as session:
        left = session.query(FormerMember).all()
        assert [(row.person_id, row.until) for row in left] == [("li", NOW)]
        assert [row.person_id for row in session.query(CrewMember)] == ["wu"]
