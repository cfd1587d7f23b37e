"""Sending what waits: taken in one short unit of work, sent in none, noted in another.

A sender that dies in between has its notices sent again after `HELD`; so a notice is sent at least
once, and a receiver that gets it twice knows it by its id. Of one receiver, the next goes out only
when the one before has ended.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.notices import retrying, store
from api.notices.channels import Channels, Declined, Gone, Later, Letter, Outcome, Send, Sent
from api.notices.models import Notice
from schemas.notices import NoticeKind, NoticeState

TAKEN_MAX: Final = 50
ROUNDS_MAX: Final = 10
"""Rounds of one run; while all goes well, the next of each receiver goes out in the next round."""
THREADS: Final = 16
HELD: Final = dt.timedelta(minutes=10)
"""How long a sender has: far longer than `TAKEN_MAX` requests take on `THREADS` threads."""
WHY_CHARS_MAX: Final = 300
_LATER: Final = "later"
_TOO_LATE: Final = "it could not be sent while it was of any use"
_TOO_OFTEN: Final = f"it failed {retrying.TRIES_MAX} times"
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class _Taken:
    """A notice that this sender holds, and what sends it."""

    attempt: store.Attempt
    letter: Letter
    channel: str
    send: Send


def send_due(
    database: Database,
    *,
    act: Act,
    channels: Channels,
    spread: Callable[[], float] = random.random,
) -> Counter[str]:
    """Send what is due in a district.

    Args:
        database: units of work are opened one after the other, none while anything is sent.
        act: the job's act.
        channels: by their names.
        spread: gives random numbers from 0 to 1, for pauses.

    Returns:
        How many ended in each state, and how many are tried `later`.
    """
    counts: Counter[str] = Counter()
    for _ in range(ROUNDS_MAX):
        with database.unit_of_work() as session:
            taken, ended = _take(session, act, channels)
        counts += ended
        went: Counter[str] = Counter()
        for each, outcome in _sent(taken):
            with database.unit_of_work() as session:
                went[_note(session, act, channels, each, outcome=outcome, spread=spread())] += 1
        counts += went
        if set(went) != {str(NoticeState.SENT)}:
            break
    return counts


def _take(session: Session, act: Act, channels: Channels) -> tuple[list[_Taken], Counter[str]]:
    """Take what is ready; what nobody can or need send ends here."""
    now = act.happened.at
    ready = store.claim_ready(
        session, district_id=act.district_id, now=now, until=now + HELD, limit=TAKEN_MAX
    )
    taken, ended = [], Counter[str]()
    for notice in ready:
        letter = _letter(notice)
        if notice.expires_at <= now or notice.tries > retrying.TRIES_MAX:
            why = _TOO_LATE if notice.expires_at <= now else _TOO_OFTEN
            # What stood against it the last time is worth more than that it was in vain.
            _end(notice, NoticeState.DEAD, now=now, why=notice.why or why)
            ended[NoticeState.DEAD] += 1
            continue
        send = channels[notice.channel].prepare(session, letter, now=now)
        if send is None:
            _end(notice, NoticeState.DROPPED, now=now, why="")
            ended[NoticeState.DROPPED] += 1
            continue
        attempt = store.Attempt(notice.district_id, notice.id, notice.tries)
        taken.append(_Taken(attempt, letter, notice.channel, send))
    return taken, ended


def _sent(taken: Sequence[_Taken]) -> Iterator[tuple[_Taken, Outcome]]:
    """Send what was taken, several at a time, and tell of each as soon as it is known."""
    if not taken:
        return
    with concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="notices") as pool:
        going = {pool.submit(each.send): each for each in taken}
        for done in concurrent.futures.as_completed(going):
            yield going[done], _outcome_of(done)


def _outcome_of(done: concurrent.futures.Future[Outcome]) -> Outcome:
    """Give what came of a letter; a bug on the way of one must not hold up the others."""
    try:
        return done.result()
    except Exception as error:  # noqa: BLE001 - it is logged, stands in the notice, and is retried
        _log.exception("notice.failed")
        return Later(f"a fault of this server: {type(error).__name__}")


def _note(
    session: Session,
    act: Act,
    channels: Channels,
    taken: _Taken,
    *,
    outcome: Outcome,
    spread: float,
) -> str:
    """Write down how one went; tell its state, or `later`."""
    tries = taken.attempt.tries
    word, values = _told(taken, outcome, now=act.happened.at, spread=spread)
    if not store.note(session, taken.attempt, values):
        return "overtaken"
    if isinstance(outcome, Gone):
        channels[taken.channel].forget(session, taken.letter, gone=outcome)
    _log.info(f"notice.{word}", notice_id=taken.letter.id, channel=taken.channel, tries=tries)
    return word


def _told(
    taken: _Taken, outcome: Outcome, *, now: dt.datetime, spread: float
) -> tuple[str, dict[str, object]]:
    """Say in a word and in a row's values what an outcome makes of a notice."""
    match outcome:
        case Sent():
            return NoticeState.SENT, _ended(NoticeState.SENT, now=now, why="")
        case Declined(why):
            return NoticeState.DEAD, _ended(NoticeState.DEAD, now=now, why=why)
        case Gone(why, _):
            return NoticeState.DROPPED, _ended(NoticeState.DROPPED, now=now, why=why)
        case Later(why, asked_s):
            tries = taken.attempt.tries
            again_at = now + retrying.pause(tries=tries, asked_s=asked_s, spread=spread)
            # It is looked at when its time is over, so that it does not keep others waiting.
            next_at = min(again_at, taken.letter.expires_at)
            return _LATER, {"next_at": next_at, "why": why[:WHY_CHARS_MAX]}


def _end(notice: Notice, state: NoticeState, *, now: dt.datetime, why: str) -> None:
    for name, value in _ended(state, now=now, why=why).items():
        setattr(notice, name, value)
    _log.info(f"notice.{state}", notice_id=notice.id, channel=notice.channel, tries=notice.tries)


def _ended(state: NoticeState, *, now: dt.datetime, why: str) -> dict[str, object]:
    return {"state": str(state), "ended_at": now, "why": why[:WHY_CHARS_MAX]}


def _letter(notice: Notice) -> Letter:
    return Letter(
        id=notice.id,
        receiver=notice.receiver,
        kind=NoticeKind(notice.kind),
        subject_id=notice.subject_id,
        expires_at=notice.expires_at,
    )
