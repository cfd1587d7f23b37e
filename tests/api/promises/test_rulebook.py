from __future__ import annotations

import datetime as dt
import pathlib

import pytest

from api.promises.service import rulebook
from schemas.rules import transitions

SETS = rulebook.SETS
FIRST = rulebook.FOLDER / "sgcc-2022.toml"


@pytest.mark.parametrize(
    ("policy", "row", "amount"),
    [
        ("csg-hainan-2018", "dispatch", 180),
        ("csg-hainan-2018", "arrive-rural", 90 * 60),
        ("csg-hainan-2018", "restore", 3 * 3600),
        ("sgcc-2022", "dispatch", 120),
        ("sgcc-2022", "arrive-urban", 45 * 60),
        ("sgcc-2022", "arrive-remote", 120 * 60),
        ("sgcc-2022", "restore-urban", 3 * 3600),
        ("sgcc-2022", "restore-rural", 4 * 3600),
        ("sgcc-2022", "complaint-dispatch", 20 * 60),
        ("sgcc-2022", "complaint-contact", 24 * 3600),
        ("sgcc-2022", "complaint-resolve", 4),
        ("sgcc-2022", "survey", 1),
        ("sgcc-2022", "complaint-survey", 1),
        ("sgcc-2022", "reconnect", 24 * 3600),
        ("sgcc-2022", "meter-test", 5),
        ("sgcc-2022", "reading-dispute-2023", 5),
        ("sgcc-2022", "reading-dispute-2011", 7),
        ("sgcc-2022", "second-visit", 7),
        ("sgcc-2011", "dispatch", 180),
        ("sgcc-2011", "complaint-contact", 1),
        ("sgcc-2011", "reading-dispute", 7),
        ("sgcc-2011", "complaint-resolve", 7),
    ],
)
def test_a_policy_set_promises_what_its_table_says(policy: str, row: str, amount: float) -> None:
    amounts = {each.id: each.amount for each in SETS[policy].rows}
    assert amounts[row] == amount


def test_what_nobody_published_is_marked_as_a_default() -> None:
    marked = {
        policy: {row.kind for row in SETS[policy].rows if row.default and row.subject == "repair"}
        for policy in SETS
    }
    assert marked == {
        "blank": {"dispatch", "accept", "arrive", "restore", "report_back", "survey"},
        "csg-hainan-2018": {"accept", "arrive", "restore", "report_back", "survey"},
        "sgcc-2022": {"accept", "report_back"},
        "sgcc-2011": {"dispatch", "accept", "report_back"},
    }


def test_a_set_without_a_promise_makes_none() -> None:
    """The rules of 2011 promise no restoration and no call-back."""
    kinds = {row.kind for row in SETS["sgcc-2011"].rows}
    assert kinds.isdisjoint({"restore", "survey", "complaint_dispatch", "complaint_survey"})


def test_the_set_to_copy_has_every_kind_and_names_every_time_a_default() -> None:
    blank = SETS["blank"]
    assert {row.kind for row in blank.rows} == set().union(
        *({row.kind for row in policy.rows} for policy in SETS.values())
    )
    assert all(row.default for row in blank.rows)


def test_every_row_names_a_source_with_words() -> None:
    for policy in SETS.values():
        for row in policy.rows:
            assert policy.sources[row.source].title
            assert policy.sources[row.source].publisher


def test_a_repair_is_promised_by_events_that_an_order_knows() -> None:
    known = {"report", *transitions.Event}
    for policy in SETS.values():
        for row in policy.rows:
            if row.subject == "repair":
                assert {row.start, row.stop} <= known


def test_a_row_holds_until_its_last_day() -> None:
    def promised(on: dt.date) -> list[str]:
        rows = rulebook.list_rows(
            "sgcc-2022",
            subject="reading_dispute",
            event="request",
            area_class=None,
            urgency=3,
            on=on,
        )
        return [row.id for row in rows]

    assert promised(dt.date(2022, 12, 31)) == ["reading-dispute-2011"]
    assert promised(dt.date(2023, 1, 1)) == ["reading-dispute-2023"]
    assert promised(dt.date(2021, 12, 31)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('name = "sgcc-2022"', 'name = "other"'), "the file's name must say so"),
        (('kind = "dispatch"', 'kind = "despatch"'), "kind despatch has no words"),
        (('source = "hotline"', 'source = "rumour"'), "source rumour is not listed"),
        (("amount = 120 ", "amount = -1 "), "amount"),
        (("amount = 4\n", "amount = 4.5\n"), "no whole number of days"),
        (('stop = "dispatch"', 'stop = "report"'), "same event"),
        (('area_class = ["rural"]', 'area_class = ["urban"]'), "promise the same thing"),
        (('area_class = ["rural"]', 'area_class = ["moon"]'), "area class moon is unknown"),
        (('id = "arrive-rural"', 'id = "arrive-urban"'), "is there twice"),
        (("effective_until = 2022-12-31", "effective_until = 2020-12-31"), "ends before"),
        (("grace_s = 7200", "grace_s = 7200\nmercy = 1"), "mercy"),
        (
            ('{ level = "city", after_s = 7200', '{ level = "city", after_s = 0'),
            "begin with 0 and grow",
        ),
        (('{ level = "district", after_s', '{ level = "city", after_s'), "from the bottom up"),
        (('level = "city"\ncustomers', 'level = "moon"\ncustomers'), "moon"),
        (('code = "vehicle_down"', 'code = "no_access"'), "reason no_access is there twice"),
        (('holds = ["restore"]', 'holds = ["lunch"]'), "kind lunch has no words"),
        (
            (
                'given_for = ["suspend", "return"]\nholds = ["arrive", "restore"]',
                'given_for = ["return"]\nholds = ["arrive"]',
            ),
            "only what suspends work holds a clock",
        ),
        (('unit = "seconds"', 'unit = "fortnights"'), "fortnights"),
        (('area_class_unknown = "urban"', 'area_class_unknown = "sea"'), "sea is unknown"),
        (("effective_from = 2022-01-01", "effective_from = 2022-01-01\nurgency = [9]"), "1 to 5"),
    ],
)
def test_a_wrong_policy_file_is_named_at_start(
    tmp_path: pathlib.Path, change: tuple[str, str], fault: str
) -> None:
    text = FIRST.read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / FIRST.name).write_text(text.replace(*change, 1), encoding="utf-8")

    with pytest.raises(rulebook.PolicyError, match=r"sgcc-2022\.toml") as refused:
        rulebook.read_sets(tmp_path)

    assert fault in str(refused.value)
