"""How a notice is worded: by the district's clock, in the set's language, and never too much."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from api.customer_notices.service import words
from api.customer_notices.service.words import Window
from api.promises.service import rulebook
from schemas.customer_notices import SAID_CHARS_MAX, CustomerNoticeKind
from schemas.errors import Words

AT = dt.datetime(2026, 11, 23, 14, 30, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(hours=3)
POLICY = rulebook.SETS["sgcc-2022-told"].customer_notices
assert POLICY is not None


def write(kind: CustomerNoticeKind, lang: str, **facts: words.Fact) -> str:
    assert POLICY is not None
    return words.write(
        POLICY.notices[kind],
        facts,
        policy=msgspec.structs.replace(POLICY, lang=lang),
        subject_id="0193d5a0-7c00-7000-8000-00000000abcd",
        zone="Asia/Shanghai",
    )


@pytest.mark.parametrize(
    ("lang", "window", "said"),
    [
        ("zh", Window(None, AT), "我们将于11月23日22:30前上门"),
        ("zh", Window(AT - dt.timedelta(hours=2), AT), "我们将于11月23日20:30至22:30上门"),
        ("zh", Window(AT, LATER), "我们将于11月23日22:30至11月24日01:30上门"),
        ("en", Window(None, AT), "We come tomorrow: by 23 Nov 22:30."),
        ("en", Window(AT, LATER), "We come tomorrow: 23 Nov 22:30 to 24 Nov 01:30."),
    ],
)
def test_a_window_is_told_by_the_districts_clock(lang: str, window: Window, said: str) -> None:
    assert said in write(CustomerNoticeKind.APPOINTMENT_TOMORROW, lang, window=window)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Your report 0000abcd is taken. Questions: 95598."),
        (
            {"due": AT},
            (
                "Your report 0000abcd is taken. A crew will be with you by 23 Nov 22:30. "
                "Questions: 95598."
            ),
        ),
    ],
)
def test_what_is_not_known_is_left_out(facts: dict[str, words.Fact], said: str) -> None:
    assert write(CustomerNoticeKind.REPORT_TAKEN, "en", **facts) == said


def test_somebodys_own_words_are_one_line_and_short() -> None:
    own = "We come\nback.  " + "x" * 500
    said = write(CustomerNoticeKind.PROMISE_MADE, "en", window=Window(None, AT), words=own)
    assert "We come back. xxx" in said
    assert own[20 : 20 + SAID_CHARS_MAX] not in said


def test_what_is_in_danger_is_named_in_the_language_of_the_set() -> None:
    facts: dict[str, words.Fact] = {
        "window": Window(None, AT),
        "what": Words(en="our arrival", zh="到达现场时间"),
    }
    assert "our arrival" in write(CustomerNoticeKind.PROMISE_AT_RISK, "en", **facts)
    assert "到达现场时间" in write(CustomerNoticeKind.PROMISE_AT_RISK, "zh", **facts)
