"""Rotation: how long somebody has read a route, when it should change hands, and to whom."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import rotation

WALKS = st.lists(
    st.builds(
        rotation.Walk,
        on=st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
        reader_id=st.sampled_from(["li", "chen"]),
    )
).map(lambda walks: sorted(walks, key=lambda walk: walk.on))


def walk(month: int, reader_id: str, *, day: int = 1) -> rotation.Walk:
    return rotation.Walk(dt.date(2026, month, day), reader_id)


def test_a_spell_ends_where_another_read_it() -> None:
    walks = [walk(1, "li"), walk(2, "chen"), walk(3, "li"), walk(3, "li", day=9), walk(5, "li")]
    assert rotation.spell(walks) == rotation.Spell("li", dt.date(2026, 3, 1), 2)
    assert rotation.spell([]) is None


@given(WALKS)
def test_a_spell_is_of_whoever_read_it_last_and_never_longer_than_the_walks(
    walks: list[rotation.Walk],
) -> None:
    found = rotation.spell(walks)
    assert (found is None) is (not walks)
    if found is not None:
        assert found.reader_id == walks[-1].reader_id
        assert 1 <= found.months <= len(walks)
        assert all(one.reader_id == found.reader_id for one in walks if one.on > found.since)


@pytest.mark.parametrize(
    ("months", "findings", "due"), [(11, 4, False), (12, 0, True), (1, 5, True)]
)
def test_long_or_doubtful_is_due(months: int, findings: int, *, due: bool) -> None:
    found = rotation.Spell("li", dt.date(2026, 1, 1), months)
    assert rotation.is_due(found, months_max=12, findings=findings, findings_max=5) is due


@pytest.mark.parametrize(
    ("to_id", "en", "zh"),
    [
        ("chen", "chen could read it next.", "可由 chen 接替。"),
        (None, "There is nobody else.", "暂无其他抄表员。"),
    ],
)
def test_a_proposal_says_why_with_every_number(to_id: str | None, en: str, zh: str) -> None:
    found = rotation.Spell("li", dt.date(2026, 1, 5), 13)
    assert rotation.words(found, route="R7", readings=480, findings=3, to_id=to_id) == (
        f"li has read R7 since 2026-01-05 in 13 months: 3 findings in 480 readings. {en}",
        f"li 自 2026-01-05 起已抄 R7 共 13 个月：480 个示数中有 3 个异常标记。{zh}",
    )


def test_whoever_has_least_and_did_not_read_it_lately_is_next() -> None:
    load = {"li": 1, "chen": 3, "wu": 2, "an": 2}
    assert rotation.successor(load, former={"li"}) == "an"
    assert rotation.successor(load, former=load) is None
