from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.rules import event_time
from tests.schemas.rules import vectors

START = dt.datetime(2026, 5, 6, tzinfo=dt.UTC)
ENROLLED = START - dt.timedelta(days=30)
WRONG_S = st.integers(-2 * 366 * 86_400, 2 * 366 * 86_400)
DAY_S = st.integers(0, 86_400)
ROUND_TRIP_S = st.floats(0, 30)


def at(second: float) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


def reading(fields: vectors.Case) -> event_time.Reading:
    return event_time.Reading(
        vectors.must_at(fields["device_at"]), fields["monotonic_ms"], fields["boot_id"]
    )


def contact(fields: vectors.Case) -> event_time.Contact:
    return event_time.Contact(
        vectors.must_at(fields["device_at"]),
        fields["monotonic_ms"],
        fields["boot_id"],
        vectors.must_at(fields["server_at"]),
        fields["round_trip_s"],
    )


@dataclasses.dataclass(frozen=True)
class Phone:
    """A phone whose wall clock is off by a constant; its monotonic clock starts at its boot."""

    wrong_s: float
    boot_id: str = "A"
    booted_s: float = -100.0

    def contact(self, true_s: float, round_trip_s: float) -> event_time.Contact:
        clocks = self.reading(true_s)
        server_at = at(true_s + round_trip_s / 2)
        return event_time.Contact(
            clocks.device_at, clocks.monotonic_ms, clocks.boot_id, server_at, round_trip_s
        )

    def reading(self, true_s: float) -> event_time.Reading:
        monotonic_ms = round((true_s - self.booted_s) * 1000)
        return event_time.Reading(at(true_s + self.wrong_s), monotonic_ms, self.boot_id)


@pytest.mark.parametrize("case", vectors.cases("event_time"))
def test_an_act_happened_when_the_vectors_say(case: vectors.Case) -> None:
    happened = event_time.happened(
        reading(case["reading"]),
        [contact(fields) for fields in case["contacts"]],
        received_at=vectors.must_at(case["received_at"]),
        not_before=vectors.must_at(case["not_before"]),
    )
    expected = case["expect"]
    tolerance_s = vectors.load("event_time")["tolerance_s"]
    assert abs((happened.at - vectors.must_at(expected["at"])).total_seconds()) <= tolerance_s
    assert happened.error_s == pytest.approx(expected["error_s"], abs=tolerance_s)
    assert happened.suspect is expected["suspect"]
    assert happened.basis == expected["basis"]


@given(WRONG_S, DAY_S, DAY_S, ROUND_TRIP_S)
def test_within_one_boot_no_wrong_clock_moves_the_act(
    wrong_s: int, contact_s: int, act_s: int, round_trip_s: float
) -> None:
    phone = Phone(wrong_s)
    happened = event_time.happened(
        phone.reading(act_s),
        [phone.contact(contact_s, round_trip_s)],
        received_at=at(200_000),
        not_before=ENROLLED,
    )
    assert abs((happened.at - at(act_s)).total_seconds()) <= happened.error_s + 0.001
    assert not happened.suspect


@given(WRONG_S, WRONG_S, DAY_S, ROUND_TRIP_S)
def test_a_clock_set_within_one_boot_is_suspect_but_harmless(
    wrong_s: int, other_s: int, act_s: int, round_trip_s: float
) -> None:
    happened = event_time.happened(
        Phone(wrong_s + other_s).reading(act_s),
        [Phone(wrong_s).contact(0, round_trip_s)],
        received_at=at(200_000),
        not_before=ENROLLED,
    )
    assert abs((happened.at - at(act_s)).total_seconds()) <= happened.error_s + 0.001
    assert happened.suspect is (abs(other_s) > event_time.JUMP_S + happened.error_s)


@given(WRONG_S, st.integers(10, 40_000), ROUND_TRIP_S)
def test_across_reboots_a_steady_clock_tells_the_truth(
    wrong_s: int, act_s: int, round_trip_s: float
) -> None:
    delivered_s = act_s + 3_600
    happened = event_time.happened(
        Phone(wrong_s, "B", act_s - 1).reading(act_s),
        [
            Phone(wrong_s).contact(0, round_trip_s),
            Phone(wrong_s, "C", act_s + 1).contact(delivered_s, round_trip_s),
        ],
        received_at=at(delivered_s + round_trip_s / 2),
        not_before=ENROLLED,
    )
    assert happened.basis is event_time.Basis.wall
    assert abs((happened.at - at(act_s)).total_seconds()) <= happened.error_s + 0.001
    assert not happened.suspect


@given(
    st.lists(st.tuples(WRONG_S, DAY_S, st.sampled_from("AB"), ROUND_TRIP_S), max_size=5),
    st.tuples(WRONG_S, DAY_S, st.sampled_from("ABC")),
    DAY_S,
)
def test_an_answer_never_leaves_what_must_be_true(
    met: list[tuple[int, int, str, float]], act: tuple[int, int, str], received_s: int
) -> None:
    contacts = [Phone(w, boot).contact(s, trip) for w, s, boot, trip in met]
    wrong_s, act_s, boot_id = act
    happened = event_time.happened(
        Phone(wrong_s, boot_id).reading(act_s),
        contacts,
        received_at=at(received_s),
        not_before=ENROLLED,
    )
    assert ENROLLED <= happened.at <= at(received_s)
    assert happened.error_s >= 0


@given(st.permutations([(0, 0, 1.0), (5, 600, 2.0), (-5, 4_000, 3.0)]), st.sampled_from("AB"))
def test_the_order_of_contacts_does_not_matter(
    met: list[tuple[int, int, float]], boot_id: str
) -> None:
    contacts = [Phone(w).contact(s, trip) for w, s, trip in met]
    ordered = sorted(contacts, key=lambda known: known.server_at)
    act = Phone(0, boot_id).reading(700)

    def answer(known: list[event_time.Contact]) -> event_time.Happened:
        return event_time.happened(act, known, received_at=at(5_000), not_before=ENROLLED)

    assert answer(contacts) == answer(ordered)


@given(
    st.lists(DAY_S, min_size=1, max_size=6, unique=True),
    DAY_S,
    DAY_S,
    WRONG_S,
    st.integers(-200_000, 200_000),
    ROUND_TRIP_S,
)
def test_across_reboots_a_clock_set_once_is_seen_or_harmless(
    met_s: list[int], act_s: int, set_s: int, wrong_s: int, by_s: int, round_trip_s: float
) -> None:
    """The act is of a boot without a contact, after the first contact of the phone's life."""
    assume(min(act_s, set_s) > min(met_s))
    delivered_s = 90_000

    def phone(true_s: int) -> Phone:
        return Phone(wrong_s + (by_s if true_s >= set_s else 0), "B", -100.0)

    contacts = [phone(s).contact(s, round_trip_s) for s in [*met_s, delivered_s]]
    act = dataclasses.replace(phone(act_s), boot_id="A").reading(act_s)
    received_at = at(delivered_s + round_trip_s / 2)
    happened = event_time.happened(act, contacts, received_at=received_at, not_before=ENROLLED)
    away_s = abs((happened.at - at(act_s)).total_seconds())
    assert happened.suspect or away_s <= happened.error_s + 2 * event_time.JUMP_S


@given(WRONG_S, WRONG_S, ROUND_TRIP_S)
def test_a_jump_between_contacts_is_seen(first_s: int, second_s: int, round_trip_s: float) -> None:
    earlier = Phone(first_s).contact(0, round_trip_s)
    later = Phone(second_s).contact(600, round_trip_s)
    apart_s = abs(first_s - second_s)
    allowed_s = event_time.JUMP_S + round_trip_s + event_time.DRIFT_PER_S * 600
    if apart_s > allowed_s + 0.01:
        assert event_time.jumped(earlier, later)
    if apart_s < allowed_s - 0.01:
        assert not event_time.jumped(earlier, later)


def coming(phone: Phone, *, sent_s: float, late_s: float) -> event_time.Contact:
    """Let a request arrive that was sent so long before."""
    clocks = phone.reading(sent_s)
    return event_time.Contact(
        clocks.device_at, clocks.monotonic_ms, clocks.boot_id, at(sent_s + late_s), 0.0
    )


@given(WRONG_S, DAY_S, DAY_S, ROUND_TRIP_S)
def test_within_one_boot_a_late_request_is_known_for_late(
    wrong_s: int, contact_s: int, late_s: int, round_trip_s: float
) -> None:
    phone = Phone(wrong_s)
    known = phone.contact(contact_s, round_trip_s)
    request = coming(phone, sent_s=contact_s + 60, late_s=late_s)
    longest_s = event_time.under_way_s(request, [known])
    assert late_s <= longest_s <= late_s + round_trip_s + 0.1


@given(WRONG_S, st.integers(0, 86_400), DAY_S)
def test_in_a_new_boot_a_request_is_never_later_than_its_bound(
    wrong_s: int, set_by_s: int, late_s: int
) -> None:
    before, after = Phone(wrong_s), Phone(wrong_s - set_by_s, boot_id="B")
    request = coming(after, sent_s=86_400, late_s=late_s)
    known = [before.contact(0, 2.0)]
    longest_s = event_time.under_way_s(request, known)
    assert longest_s >= late_s


def test_in_a_new_boot_a_clock_that_was_not_set_tells_nearly_when_a_request_was_sent() -> None:
    known = [Phone(-7_200).contact(0, 2.0)]
    request = coming(Phone(-7_200, boot_id="B"), sent_s=3_600, late_s=1)
    assert event_time.under_way_s(request, known) < 64


@given(st.integers(1, 3_598), st.integers(3_601, 86_400), st.integers(-86_400, -3_700))
def test_a_request_of_a_boot_before_the_last_contact_s_is_as_late_as_an_earlier_one_says(
    sent_s: int, came_s: int, set_by_s: int
) -> None:
    """World seed 8032: a request was overtaken by a reboot, a clock set by hand and a sync."""
    by_the_last_s = sent_s - set_by_s
    assume(abs(came_s - by_the_last_s) > event_time.JUMP_S + 2)  # else it looks punctual
    known = [Phone(set_by_s, boot_id="C").contact(3_600, 2.0), Phone(0).contact(0, 2.0)]
    request = coming(Phone(0, boot_id="B"), sent_s=sent_s, late_s=came_s - sent_s)
    assert event_time.under_way_s(request, known) >= came_s - sent_s


def test_an_earlier_contact_that_a_request_does_not_fit_says_nothing_of_it() -> None:
    last = Phone(7_200, boot_id="C").contact(3_600, 2.0)
    request = coming(Phone(20_000, boot_id="B"), sent_s=7_200, late_s=1)
    since_last_s = (request.server_at - last.server_at).total_seconds()
    assert event_time.under_way_s(request, [Phone(0).contact(0, 2.0), last]) == since_last_s


def test_the_first_request_of_all_is_taken_for_punctual() -> None:
    request = coming(Phone(0), sent_s=0, late_s=20)
    assert event_time.under_way_s(request, []) == event_time.UNDER_WAY_S


@given(
    apart_s=st.integers(120, 86_400),
    booted_s=st.integers(-86_400, -1),
    wrong_s=WRONG_S,
)
def test_a_boot_that_goes_on_after_another_began_proves_two_phones(
    apart_s: int, booted_s: int, wrong_s: int
) -> None:
    one, other = Phone(0), Phone(wrong_s, boot_id="B", booted_s=booted_s)
    known = [other.contact(apart_s, 0.2), one.contact(0, 0.2)]
    assert event_time.copied(one.contact(2 * apart_s, 0.2), known)


@given(sent_s=st.integers(1, 599))
def test_a_request_of_an_earlier_boot_that_was_long_under_way_proves_nothing(sent_s: int) -> None:
    before, after = Phone(0), Phone(0, boot_id="B", booted_s=599)
    late = dataclasses.replace(before.contact(sent_s, 0.2), server_at=at(900))
    assert not event_time.copied(late, [after.contact(600, 0.2), before.contact(0, 0.2)])


def test_a_reboot_and_the_same_boot_again_prove_nothing() -> None:
    before, after = Phone(0), Phone(0, boot_id="B", booted_s=50)
    assert not event_time.copied(before.contact(0, 0.2), [])
    assert not event_time.copied(after.contact(60, 0.2), [before.contact(0, 0.2)])
    assert not event_time.copied(
        after.contact(90, 0.2), [after.contact(60, 0.2), before.contact(0, 0.2)]
    )


def test_the_contact_that_brings_an_act_is_not_taken_for_one_before_it() -> None:
    """World 1021: a clock set back, a reboot, and a first contact of which little is known."""
    before, after = Phone(0), Phone(-48_652, boot_id="B")
    bringing = dataclasses.replace(after.contact(26_600, 0.0), round_trip_s=26_600.0)
    answer = event_time.happened(
        Phone(0, boot_id="between").reading(700),
        [before.contact(0, 1.0), bringing],
        received_at=bringing.server_at,
        not_before=at(0),
    )
    assert abs((answer.at - at(700)).total_seconds()) <= answer.error_s
    assert answer.suspect
