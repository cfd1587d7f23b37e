"""Whatever is counted: numerators lie in denominators, lists are as long as counts; sums hold."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from api import acts, db
from api.insight import service
from api.insight.service import definitions
from api.promises import jobs as watching
from schemas.figures import By, Count, Definition, Measure, Part
from schemas.rules.periods import Grain
from tests.conftest import NOW
from tests.makers import orders, promises, sites, tasks
from tests.makers.orders import Life

LATER = NOW + dt.timedelta(days=4)
WEEK = service.Question(
    unit_id=None, first_day=dt.date(2026, 11, 22), last_day=dt.date(2026, 11, 27)
)
FAULTS = {
    "not in it": ('numerator = ["kept", "void"]', "the numerator counts"),
    "undecided": ('undecided = ["kept"]', "what is undecided"),
    "empty": ("denominator = []\nnumerator = []", "counts nothing"),
    "no kind": ('kind = ""\nrows = "orders"', "kind"),
    "half a mean": ('measure = "mean"', "a mean is over all rows"),
    "unknown rows": ('rows = "moons"', "moons"),
}
GOOD = {
    "title": 'title = { en = "t", zh = "t" }',
    "about": 'about = { en = "a", zh = "a" }',
    "measure": 'measure = "share"',
    "rows": 'rows = "clocks"',
    "kind": 'kind = "arrive"',
    "denominator": 'denominator = ["kept", "breached"]',
    "numerator": 'numerator = ["kept"]',
}


@pytest.fixture
def lived(database: db.Database) -> db.Database:
    """Live four days with orders of two crews, some late, some silent, some heard much later."""
    with database.unit_of_work() as session:
        sites.district(session)
        sites.area(session, area_id="a1")
        for number in range(16):
            life = Life(
                crew_id=f"crew-{1 + number % 2}",
                arrived=None if number % 7 == 6 else 10 + 9 * (number % 5),
                restored=None if number % 7 == 6 else 70,
                finished=None if number % 7 == 6 else 80,
                called_back=None if number % 7 == 6 else 120,
                says="dissatisfied" if number % 4 == 1 else "satisfied",
                cause=("树障", "熔丝熔断", "")[number % 3],
                area_id="a1" if number % 3 else None,
                heard_min=200 if number % 5 == 2 else None,
            )
            at = NOW + dt.timedelta(hours=5 * number)
            orders.lived(session, f"order-{number}", at=at, life=life)
        for hours in (1, 30, 80):
            watching.run(session, act=promises.job(at=NOW + dt.timedelta(hours=hours)))
    return database


def act() -> acts.Act:
    return tasks.of_office(at=LATER)


def rows(
    session: Session, code: str, part: Part, by: By | None = None, of: str | None = None
) -> set[str]:
    listed = service.list_rows(
        session,
        act=act(),
        code=code,
        question=WEEK,
        opened=service.Opened(part, by, of),
        after=None,
        limit=1_000,
    )
    return {row.id for row in listed}


def figures() -> list[Definition]:
    return list(service.DEFINITIONS.values())


def of_whole(counts: list[Count]) -> tuple[int, int, int]:
    return (
        sum(count.numerator for count in counts),
        sum(count.denominator for count in counts),
        sum(count.undecided for count in counts),
    )


def test_a_numerator_lies_in_its_denominator_and_lists_are_as_long_as_counts(
    lived: db.Database,
) -> None:
    with lived.reading() as session:
        for definition in figures():
            code = definition.code
            whole = service.get_figure(session, act=act(), code=code, question=WEEK, by=None).whole
            numerator = rows(session, code, Part.numerator)
            denominator = rows(session, code, Part.denominator)
            undecided = rows(session, code, Part.undecided)

            assert numerator <= denominator, code
            assert not denominator & undecided, code
            assert (len(numerator), len(denominator)) == (whole.numerator, whole.denominator), code
            assert len(undecided) == whole.undecided, code


def test_groups_and_days_add_up_to_the_whole(lived: db.Database) -> None:
    with lived.reading() as session:
        for definition in figures():
            code = definition.code
            whole = service.get_figure(session, act=act(), code=code, question=WEEK, by=None).whole
            for by in definition.by:
                figure = service.get_figure(session, act=act(), code=code, question=WEEK, by=by)
                counts = [group.count for group in figure.groups]
                assert of_whole(counts) == of_whole([whole]), (code, by)
                for group in figure.groups:
                    listed = rows(session, code, Part.denominator, by, group.id)
                    assert len(listed) == group.count.denominator, (code, by, group.id)
            if definition.standing:
                continue
            for grain in Grain:
                past = service.get_past(session, act=act(), code=code, question=WEEK, grain=grain)
                counts = [point.count for point in past.points]
                assert of_whole(counts) == of_whole([whole]), (code, grain)


def test_the_week_has_something_of_what_it_is_about(lived: db.Database) -> None:
    with lived.reading() as session:
        arrived = service.get_figure(
            session, act=act(), code="arrive_in_time", question=WEEK, by=None
        ).whole
    assert arrived.numerator > 0
    assert arrived.denominator > arrived.numerator


@pytest.mark.parametrize("fault", FAULTS)
def test_a_definition_that_cannot_be_counted_ends_the_start(fault: str) -> None:
    wrong, says = FAULTS[fault]
    changed = {line.split(" ")[0] for line in wrong.splitlines()}
    lines = [line for key, line in GOOD.items() if key not in changed]
    with pytest.raises(definitions.DefinitionError, match=says):
        definitions.read("\n".join(["[odd]", *lines, wrong]))


def test_every_figure_is_told_in_both_languages() -> None:
    for definition in figures():
        assert definition.title.en != definition.title.zh
        assert definition.about.en.endswith(".")
        assert definition.about.zh.endswith(("。", "）。"))
    assert {definition.measure for definition in figures()} == set(Measure)
