"""The month's figures and reports say what was counted on fingers, from the script alone."""

from __future__ import annotations

import hashlib
from typing import Final

import pytest

from api.insight.models import IssuedReport
from api.promises import service as promises
from api.promises.models import Clock
from schemas import base
from schemas.figures import Report, ReportFigure
from schemas.promises import GIVEN
from schemas.rules.clocks import State
from tests.month.living import Month

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("month")]

OCTOBER: Final = {
    # 17 repairs are reported, and `reopened` is sent a second time; only `slow` is slow there.
    "dispatch_in_time": (17, 18),
    "accept_in_time": (17, 18),
    # `called-off` needs nobody; late are `dark-late`, `slow`, `late`, `reopened`, `chen-jie`.
    "arrive_in_time": (12, 17),
    "restore_in_time": (16, 17),
    "report_back_in_time": (16, 17),
    "survey_in_time": (16, 17),
    # `voltage` was told in September; `rude` came twice, late at first, and was answered in time.
    "complaint_dispatch_in_time": (1, 2),
    "complaint_contact_in_time": (1, 2),
    "complaint_resolve_in_time": (2, 2),
    # `li-hua`, `wang-fang`, `sun-tao` and `gao-yan` got what they were promised; the second and
    # the last of them agreed anew before; `chen-jie` and `zhou-lei` were told that nobody comes.
    "promises_kept": (4, 8),
    "promises_reagreed": (2, 8),
    "promises_broken": (2, 8),
    "told_before_due": (2, 2),
    "call_back_satisfied": (16, 17),
    # 16 are finished; `stood-still` was suspended, and `reopened` reopened.
    "first_visit": (14, 16),
    # Of 23 cases `dark-cleared` is cleared and `slow`'s restoration excused; `late` is closed.
    "supervision_opened": (21, 21),
    "supervision_open": (20, 20),
}
THIRD_WEEK: Final = {
    # `late`, `reopened` twice, the two streets, `chen-jie`, `stood-still` and `called-off`.
    "dispatch_in_time": (8, 8),
    "arrive_in_time": (4, 7),
    "promises_broken": (1, 1),
    "told_before_due": (1, 1),
    "supervision_opened": (8, 8),
}
ARRIVALS_MIN: Final = (20, 38, 60, 38, 50, 50, 20, 50, 95, 40, 40, 8, 43, 85, 38, 20, 30)


def issued(month: Month, span: str, first_day: str) -> dict[str, ReportFigure]:
    with month.database.reading() as session:
        row = session.query(IssuedReport).filter_by(span=span, first_day=first_day).one()
    assert hashlib.sha256(row.body).hexdigest() == row.sha256
    return {each.code: each for each in base.decode(row.body, Report).figures}


def counted(figures: dict[str, ReportFigure], codes: dict[str, tuple[int, int]]) -> object:
    return {
        code: (figures[code].whole.numerator, figures[code].whole.denominator) for code in codes
    }


def test_the_monthly_report_is_what_fingers_count(lived: Month) -> None:
    october = issued(lived, "monthly", "2025-10-01")
    assert counted(october, OCTOBER) == OCTOBER
    mean_s = october["arrive_mean"].whole.value
    assert mean_s == pytest.approx(60 * sum(ARRIVALS_MIN) / len(ARRIVALS_MIN))


def test_a_weekly_report_is_what_fingers_count(lived: Month) -> None:
    assert counted(issued(lived, "weekly", "2025-10-20"), THIRD_WEEK) == THIRD_WEEK


def test_no_promise_was_broken_without_notice(lived: Month) -> None:
    october = issued(lived, "monthly", "2025-10-01")
    assert "broken_untold" not in october["told_before_due"].whole.outcomes
    with lived.database.reading() as session:
        broken = session.query(Clock).filter_by(kind=GIVEN, state=State.breached).all()
    assert len(broken) == 2
    for clock in broken:
        assert clock.notice_at is not None
        assert clock.notice_at < clock.due_at


def test_every_kind_of_promise_was_kept_once_and_broken_once(lived: Month) -> None:
    named = {row.kind for row in promises.get_set("sgcc-2022").rows} | {GIVEN}
    with lived.database.reading() as session:
        found = session.query(Clock.kind, Clock.state).all()
    for state in (State.kept, State.breached):
        assert {kind for kind, how in found if how == state} == named
