"""Whose an order was: the hands that it came into, and the crews that a person was in meanwhile.

A crew changes while one of its people has no signal; what they did for it is that crew's work.
Instants are aware; a hand lasts until the next one begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.rules.done_work import Holding


class Hand(NamedTuple):
    """Whose hands an order came into, and when: a crew's, a person's, or (both None) nobody's."""

    crew_id: str | None
    person_id: str | None
    since: dt.datetime


class Stay(NamedTuple):
    """A person's time in a crew; None is for as long as is known, and until further notice."""

    crew_id: str
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class Held(NamedTuple):
    """How an order stood to a person.

    `place` is that of the hand that the act belongs to; `places` are those of every hand that was
    theirs.
    """

    holding: Holding
    place: int
    places: frozenset[int]


class _Turn(NamedTuple):
    """A time in which the order was the person's: the place of the hand, and its two ends."""

    place: int
    since: dt.datetime
    until: dt.datetime | None


def held(
    hands: Sequence[Hand],
    stays: Sequence[Stay],
    *,
    person_id: str,
    earliest_at: dt.datetime,
    latest_at: dt.datetime,
) -> Held | None:
    """Say how an order stood to a person when they did something; the doubt is theirs.

    What was done in a crew that has the order still is that crew's own act.

    Args:
        hands: the hands that the order came into, oldest first.
        stays: the person's times in crews, in any order.
        person_id: the person.
        earliest_at: when it happened at the earliest.
        latest_at: when it happened at the latest, within the error of the clock.

    Returns:
        None when the order never was theirs, nor their crews' while they were in them.
    """
    turns = list(_turns(hands, stays, person_id))
    if not turns:
        return None
    met = [
        turn
        for turn in turns
        if turn.since <= latest_at
        and (turn.until is None or max(turn.since, earliest_at) < turn.until)
    ]
    places = frozenset(turn.place for turn in turns)
    present = len(hands) - 1
    if any(turn.place == present and (turn.until is None or turn in met) for turn in turns):
        return Held(Holding.now, present, places)
    if met:
        return Held(Holding.then, met[-1].place, places)
    return Held(Holding.before, turns[-1].place, places)


def was_in(stays: Iterable[Stay], *, at: dt.datetime) -> bool:
    """Tell whether an instant lies in one of a person's times in a crew, its ends among them."""
    return any(
        (stay.since is None or stay.since <= at) and (stay.until is None or at <= stay.until)
        for stay in stays
    )


def _turns(hands: Sequence[Hand], stays: Sequence[Stay], person_id: str) -> Iterator[_Turn]:
    """Cut each hand to the times in which it was the person's, oldest hand first."""
    for place, hand in enumerate(hands):
        until = hands[place + 1].since if place + 1 < len(hands) else None
        if hand.person_id == person_id:
            yield _Turn(place, hand.since, until)
        for stay in stays:
            if stay.crew_id == hand.crew_id:
                turn = _Turn(place, _later(hand.since, stay.since), _sooner(until, stay.until))
                if turn.until is None or turn.since <= turn.until:
                    yield turn


def _later(since: dt.datetime, other: dt.datetime | None) -> dt.datetime:
    return since if other is None else max(since, other)


def _sooner(until: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    if until is None or other is None:
        return other if until is None else until
    return min(until, other)
