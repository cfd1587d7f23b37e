"""Sending what waits: taken in one short unit of work, sent in none, noted in another.

A sender that dies in between has its notices sent again after `HELD`; so a notice is sent at least
once, and a receiver that gets it twice knows it by its id. Of one receiver, the next goes out only
when the one before has ended: who holds its first notice holds all behind it.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.notices import publishing, retrying, store
from api.notices.channels import (
    Channel,
    Channels,
    Declined,
    Gone,
    Later,
    Letter,
    Outcome,
    Send,
    Sent,
)
from api.notices.models import Notice
from schemas.events import EventType, NoticeEvent
from schemas.notices import NoticeChannel, NoticeKind, NoticeState

TAKEN_MAX: Final = 50
ROUNDS_MAX: Final = 10
"""Rounds of one run; while all goes well, the next of each receiver goes out in the next round."""
THREADS: Final = 16
LINE_S: Final = 60.0
"""After how long no further letter of a line is begun."""
HELD: Final = dt.timedelta(minutes=10)
"""How long a sender has: far longer than `TAKEN_MAX` lines take on `THREADS` threads."""
WHY_CHARS_MAX: Final = 300
_BEHIND_MAX: Final[Mapping[NoticeChannel, int]] = MappingProxyType(
    {NoticeChannel.WEBHOOK: 19, NoticeChannel.MAIL: 99}
)
"""How many notices of a receiver go out behind the first in one round; of other channels none."""
_TOGETHER: Final = frozenset({NoticeChannel.MAIL})
"""Channels that make one letter of them."""
_ABOUT_NOTICES: Final = frozenset(
    {EventType.NOTICE_DEAD, EventType.RECEIVER_PAUSED, EventType.RECEIVER_TEST}
)
_LATER: Final = "later"
_TOO_LATE: Final = "it could not be sent while it was of any use"
_TOO_OFTEN: Final = f"it failed {retrying.TRIES_MAX} times"
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class _Taken:
    """A letter in a sender's hands, how often it was tried before, and what sends it."""

    letter: Letter
    attempt: store.Attempt
    tries: int
    send: Send


@dataclasses.dataclass(frozen=True, slots=True)
class _Line:
    """What one receiver is sent, in order; who holds the first holds all behind it."""

    channel: str
    letters: tuple[_Taken, ...]


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
            lines, ended = _take(session, act, channels)
        went: Counter[str] = Counter()
        for line, outcomes in _sent(lines):
            with database.unit_of_work() as session:
                went += _note(session, act, channels, line, outcomes=outcomes, spread=spread())
        counts += ended + went
        if not ended and not went[NoticeState.SENT]:
            break
    return counts


def _take(session: Session, act: Act, channels: Channels) -> tuple[list[_Line], Counter[str]]:
    """Take what is ready; what nobody can or need send ends here."""
    now = act.happened.at
    ready = store.claim_ready(
        session, district_id=act.district_id, now=now, until=now + HELD, limit=TAKEN_MAX
    )
    lines, ended = [], Counter[str]()
    for first in ready:
        alive = []
        for notice in (first, *_behind(session, first)):
            if (why := _too_late(notice, now)) is None:
                alive.append(notice)
            else:
                _end(session, act, notice, NoticeState.DEAD, why=why)
                ended[NoticeState.DEAD] += 1
        if alive and alive[0] is not first:
            store.hold(alive[0], until=now + HELD)
        letters = _prepared(session, channels, alive, now=now)
        if letters:
            lines.append(_Line(first.channel, letters))
            continue
        for notice in alive:
            _end(session, act, notice, NoticeState.DROPPED, why="")
            ended[NoticeState.DROPPED] += 1
    return lines, ended


def _behind(session: Session, first: Notice) -> Sequence[Notice]:
    """List what is sent after a notice in the same round."""
    limit = _BEHIND_MAX.get(NoticeChannel(first.channel), 0)
    return store.list_behind(session, first, limit=limit) if limit else ()


def _too_late(notice: Notice, now: dt.datetime) -> str | None:
    """Say why a notice is sent no more; None while it is."""
    if notice.expires_at > now and notice.tries <= retrying.TRIES_MAX:
        return None
    # What stood against it the last time is worth more than that it was in vain.
    return notice.why or (_TOO_LATE if notice.expires_at <= now else _TOO_OFTEN)


def _prepared(
    session: Session, channels: Channels, alive: Sequence[Notice], *, now: dt.datetime
) -> tuple[_Taken, ...]:
    """Make letters of what one receiver is sent; none where it is gone."""
    letters = [_letter(notice) for notice in alive]
    if letters and alive[0].channel in _TOGETHER:
        letters = [dataclasses.replace(letters[0], more=tuple(letters[1:]))]
    taken = []
    for notice, letter in zip(alive, letters, strict=False):
        send = channels[notice.channel].prepare(session, letter, now=now)
        if send is None:
            break
        attempt = store.Attempt(notice.district_id, notice.id, notice.tries)
        tries = notice.tries if notice is alive[0] else notice.tries + 1
        taken.append(_Taken(letter, attempt, tries, send))
    return tuple(taken)


def _sent(lines: Sequence[_Line]) -> Iterator[tuple[_Line, list[Outcome]]]:
    """Send several lines at a time, and tell of each as soon as it is known."""
    if not lines:
        return
    with concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="notices") as pool:
        going = {pool.submit(_go_along, line): line for line in lines}
        for done in concurrent.futures.as_completed(going):
            yield going[done], done.result()


def _go_along(line: _Line) -> list[Outcome]:
    """Send a line's letters until one must wait, which those behind it then do too."""
    until_s = time.monotonic() + LINE_S
    outcomes = []
    for taken in line.letters:
        outcomes.append(_outcome_of(taken.send))
        if not isinstance(outcomes[-1], (Sent, Declined)) or time.monotonic() > until_s:
            break
    return outcomes


def _outcome_of(send: Send) -> Outcome:
    """Send a letter; a bug on the way of one must not hold up the others."""
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - it is logged, stands in the notice, and is retried
        _log.exception("notice.failed")
        return Later(f"a fault of this server: {type(error).__name__}")


def _note(
    session: Session,
    act: Act,
    channels: Channels,
    line: _Line,
    *,
    outcomes: Sequence[Outcome],
    spread: float,
) -> Counter[str]:
    """Write down how a line went; count the states, those tried `later`, and the `overtaken`."""
    counts: Counter[str] = Counter()
    for taken, outcome in zip(line.letters, outcomes, strict=False):
        letter = taken.letter
        word, values = _told(taken, outcome, now=act.happened.at, spread=spread)
        if not store.note(session, taken.attempt, {**values, "tries": taken.tries}):
            counts["overtaken"] += 1
            break
        behind = () if word == _LATER else letter.more
        store.note_all(session, [(each.district_id, each.id) for each in behind], values)
        counts[word] += 1 + len(behind)
        _follow_up(session, act, channels[line.channel], letter, outcome)
        _log.info(f"notice.{word}", notice_id=letter.id, channel=line.channel, tries=taken.tries)
    return counts


def _follow_up(
    session: Session, act: Act, channel: Channel, letter: Letter, outcome: Outcome
) -> None:
    """Do what else an outcome asks for."""
    match outcome:
        case Gone():
            channel.forget(session, letter, gone=outcome)
        case Later(then=then) if then is not None:
            then(session, act)
        case Declined(why):
            for each in (letter, *letter.more):
                _tell_dead(session, act, each, why)
        case _:
            pass


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
            again_at = now + retrying.pause(tries=taken.tries, asked_s=asked_s, spread=spread)
            # It is looked at when its time is over, so that it does not keep others waiting.
            next_at = min(again_at, taken.letter.expires_at)
            return _LATER, {"next_at": next_at, "why": why[:WHY_CHARS_MAX]}


def _end(session: Session, act: Act, notice: Notice, state: NoticeState, *, why: str) -> None:
    """End a notice without sending it."""
    for name, value in _ended(state, now=act.happened.at, why=why).items():
        setattr(notice, name, value)
    if state is NoticeState.DEAD:
        _tell_dead(session, act, _letter(notice), why)
    _log.info(f"notice.{state}", notice_id=notice.id, channel=notice.channel, tries=notice.tries)


def _ended(state: NoticeState, *, now: dt.datetime, why: str) -> dict[str, object]:
    return {"state": str(state), "ended_at": now, "why": why[:WHY_CHARS_MAX]}


def _tell_dead(session: Session, act: Act, letter: Letter, why: str) -> None:
    """Let the office know of a notice that nobody got, unless that is what the notice was about."""
    event = letter.payload["type"] if letter.kind is NoticeKind.EVENT and letter.payload else ""
    if event in _ABOUT_NOTICES:
        return
    publishing.publish(
        session,
        act=act,
        event=EventType.NOTICE_DEAD,
        subject=f"notices/{letter.id}",
        cause=letter.id,
        at=act.happened.at,
        data=NoticeEvent(
            notice_id=letter.id,
            channel=NoticeChannel(letter.channel),
            kind=event or str(letter.kind),
            why=why,
        ),
        besides=letter.receiver,
    )


def _letter(notice: Notice) -> Letter:
    return Letter(
        district_id=notice.district_id,
        id=notice.id,
        channel=notice.channel,
        receiver=notice.receiver,
        kind=NoticeKind(notice.kind),
        subject_id=notice.subject_id,
        expires_at=notice.expires_at,
        address=notice.address,
        payload=notice.payload,
    )
