"""The sync conversation as a state machine: (state, event) -> (state, actions).

It does no I/O and reads no clock: events carry the time, and whoever runs the actions answers
each with one event. `TABLE` is total: every phase knows every event.

    idle ─ asked/due ─> asking (only after a lost answer) ─> pushing ─> pulling ─> uploading ─> idle
    the server's chain is not ours ─> asking ─> rebasing ─> pushing, a few times in a round
    a lost answer        ─> backing_off, and the next round asks how far the server got
    an expired token     ─> refreshing ─> the round again; refused twice ─> signed_out
    a revoked device     ─> wiped, says its last words, and is wiped for ever
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from field_sync import retry
from field_sync.conversation import (
    Acknowledged,
    Action,
    Answered,
    Ask,
    Asked,
    CursorRefused,
    Due,
    Event,
    FileSettled,
    ForgetCursor,
    LastWordsHeard,
    Lost,
    Phase,
    Pull,
    Push,
    Rebase,
    Rebased,
    Renew,
    Renewed,
    RequestRefused,
    Revoked,
    SayLast,
    SendFile,
    SignedIn,
    SignOut,
    State,
    TokenRefused,
    Wipe,
    Work,
)

REFUSED_WAIT_S: Final = 300.0
"""A request that the server refuses as such is not repeated sooner by itself."""
JOINS_MAX: Final = 3
"""How often one round joins its chain to the server's: two copies of a handheld that sync at the
same time would otherwise overtake each other without end."""
Step = tuple[State, tuple[Action, ...]]


def begin(*, unsure: bool = False, signed_out: bool = False, wiped: bool = False) -> State:
    """Take the conversation up from what the store remembers.

    Args:
        unsure: an operation was put on the wire that is not known to be settled.
        signed_out: somebody must sign in again.
        wiped: the office has revoked the device.
    """
    if wiped:
        return State(phase=Phase.WIPED)
    return State(phase=Phase.SIGNED_OUT if signed_out else Phase.IDLE, unsure=unsure)


def step(state: State, event: Event) -> Step:
    """Go one step: a pure function, and a total one."""
    return TABLE[state.phase, type(event)](state, event)


def awaits(state: State) -> bool:
    """Tell whether an action is under way that an event must answer."""
    return state.phase in _ACTIVE


def _stay(state: State, event: Event) -> Step:
    """Take no notice: the event is late, or it means nothing here."""
    del event
    return state, ()


def _start(state: State, work: Work) -> Step:
    """Open a round where it must be opened."""
    if state.unsure:
        return dataclasses.replace(state, phase=Phase.ASKING, wait_until=None), (Ask(),)
    return _exchange(state, work)


def _exchange(state: State, work: Work) -> Step:
    """Push what there is; without operations the same exchange is a pull."""
    if work.operations:
        # From here until its answer nobody can say whether the server has it.
        pushing = dataclasses.replace(state, phase=Phase.PUSHING, unsure=True, wait_until=None)
        return pushing, (Push(),)
    return dataclasses.replace(state, phase=Phase.PULLING, wait_until=None), (Pull(),)


def _on_asked(state: State, event: Event) -> Step:
    assert isinstance(event, Asked)
    return _start(state, event.work)


def _on_due(state: State, event: Event) -> Step:
    assert isinstance(event, Due)
    if state.wait_until is not None and event.now < state.wait_until:
        return state, ()
    return _start(state, event.work)


def _on_answered(state: State, event: Event) -> Step:
    assert isinstance(event, Answered)
    told = State(phase=state.phase, joins=state.joins)
    if event.diverged:
        return _on_diverged(state, event)
    # What was done during a pull was not in it: only a push leaves behind what was turned away.
    turned_away = event.work.operations > 0 and state.phase is Phase.PUSHING
    if (turned_away or event.more) and not event.moved:
        return _on_request_refused(state, RequestRefused(event.now))
    if event.work.operations:
        return _exchange(told, event.work)
    if event.more:
        return dataclasses.replace(told, phase=Phase.PULLING), (Pull(),)
    if event.work.files:
        return dataclasses.replace(told, phase=Phase.UPLOADING), (SendFile(),)
    wait_until = event.now + dt.timedelta(seconds=event.next_in_s)
    return State(phase=Phase.IDLE, wait_until=wait_until), ()


def _on_diverged(state: State, event: Answered) -> Step:
    """Join the chains, unless this round has tried that often enough."""
    if state.joins == JOINS_MAX:
        return _on_request_refused(state, RequestRefused(event.now))
    return State(phase=Phase.ASKING, unsure=True, joins=state.joins + 1), (Ask(),)


def _on_acknowledged(state: State, event: Event) -> Step:
    assert isinstance(event, Acknowledged)
    told = State(joins=state.joins)
    if event.fork is not None:
        return dataclasses.replace(told, phase=Phase.REBASING), (Rebase(event.fork),)
    return _exchange(told, event.work)


def _on_rebased(state: State, event: Event) -> Step:
    assert isinstance(event, Rebased)
    return _exchange(State(joins=state.joins), event.work)


def _on_file_settled(state: State, event: Event) -> Step:
    assert isinstance(event, FileSettled)
    told = State(phase=Phase.UPLOADING, joins=state.joins)
    if event.work.files:
        return told, (SendFile(),)
    # The orders whose files have arrived look different now.
    return _exchange(told, event.work)


def _on_renewed(state: State, event: Event) -> Step:
    assert isinstance(event, Renewed)
    return _start(dataclasses.replace(state, renewed=True), event.work)


def _on_signed_out_asked(state: State, event: Event) -> Step:
    """Ask with the last token before anybody signs in: only so a lost handheld hears of it."""
    del event
    return State(phase=Phase.REFRESHING, unsure=state.unsure), (Renew(),)


def _on_signed_in(state: State, event: Event) -> Step:
    assert isinstance(event, SignedIn)
    return _start(State(unsure=state.unsure), event.work)


def _on_lost(state: State, event: Event) -> Step:
    assert isinstance(event, Lost)
    failures = state.failures + 1
    wait_s = retry.delay_s(
        failures=failures, spread=event.spread, retry_after_s=event.retry_after_s
    )
    waiting = State(
        phase=Phase.BACKING_OFF,
        unsure=state.unsure,
        failures=failures,
        wait_until=event.now + dt.timedelta(seconds=wait_s),
    )
    return waiting, ()


def _on_token_refused(state: State, event: Event) -> Step:
    assert isinstance(event, TokenRefused)
    if state.renewed or state.phase is Phase.REFRESHING:
        return State(phase=Phase.SIGNED_OUT, unsure=state.unsure), (SignOut(),)
    return dataclasses.replace(state, phase=Phase.REFRESHING), (Renew(),)


def _on_cursor_refused(state: State, event: Event) -> Step:
    del event
    asking = dataclasses.replace(state, phase=Phase.ASKING, unsure=True)
    return asking, (ForgetCursor(), Ask())


def _on_request_refused(state: State, event: Event) -> Step:
    assert isinstance(event, RequestRefused)
    waiting = State(
        phase=Phase.BACKING_OFF,
        unsure=state.unsure,
        failures=state.failures + 1,
        wait_until=event.now + dt.timedelta(seconds=REFUSED_WAIT_S),
    )
    return waiting, ()


def _on_revoked(state: State, event: Event) -> Step:
    assert isinstance(event, Revoked)
    del state
    return State(phase=Phase.LAST_WORDS), (Wipe(event.notice), SayLast())


def _on_wiped_asked(state: State, event: Event) -> Step:
    """Say what was not sent; when nothing is left there is nothing more to say, ever."""
    assert isinstance(event, Asked | Due)
    early = isinstance(event, Due) and state.wait_until and event.now < state.wait_until
    if early or not (event.work.operations or event.work.files):
        return state, ()
    return dataclasses.replace(state, phase=Phase.LAST_WORDS, wait_until=None), (SayLast(),)


def _on_last_words_heard(state: State, event: Event) -> Step:
    assert isinstance(event, LastWordsHeard)
    del state
    if event.work.operations:
        return State(phase=Phase.LAST_WORDS), (SayLast(),)
    if event.work.files:
        return State(phase=Phase.LAST_WORDS), (SendFile(),)
    return State(phase=Phase.WIPED), ()


def _on_last_file_settled(state: State, event: Event) -> Step:
    assert isinstance(event, FileSettled)
    return _on_last_words_heard(state, LastWordsHeard(Work(files=event.work.files)))


def _on_last_words_lost(state: State, event: Event) -> Step:
    """Wait as after any lost answer, and say it again: what was heard before counts once."""
    assert isinstance(event, Lost)
    waiting, _ = _on_lost(state, event)
    return dataclasses.replace(waiting, phase=Phase.WIPED), ()


def _on_last_words_refused(state: State, event: Event) -> Step:
    """Wait for the next time that somebody asks; the grant of the uploads may be over."""
    del event
    return State(phase=Phase.WIPED, failures=state.failures + 1), ()


_Handler = Callable[[State, Event], Step]
_ALWAYS: Final[Mapping[type[Event], _Handler]] = {Revoked: _on_revoked}
_FAILURES: Final[Mapping[type[Event], _Handler]] = {
    Lost: _on_lost,
    TokenRefused: _on_token_refused,
    RequestRefused: _on_request_refused,
}
_RESTING: Final[Mapping[type[Event], _Handler]] = {Asked: _on_asked, Due: _on_due}
_EXCHANGING: Final[Mapping[type[Event], _Handler]] = {
    **_FAILURES,
    Answered: _on_answered,
    CursorRefused: _on_cursor_refused,
}
_KNOWN: Final[Mapping[Phase, Mapping[type[Event], _Handler]]] = {
    Phase.IDLE: _RESTING,
    Phase.BACKING_OFF: _RESTING,
    Phase.ASKING: {**_FAILURES, Acknowledged: _on_acknowledged},
    Phase.REBASING: {**_FAILURES, Rebased: _on_rebased},
    Phase.PUSHING: _EXCHANGING,
    Phase.PULLING: _EXCHANGING,
    Phase.UPLOADING: {**_FAILURES, FileSettled: _on_file_settled},
    Phase.REFRESHING: {**_FAILURES, Renewed: _on_renewed},
    Phase.SIGNED_OUT: {Asked: _on_signed_out_asked, SignedIn: _on_signed_in},
    Phase.WIPED: {Asked: _on_wiped_asked, Due: _on_wiped_asked},
    Phase.LAST_WORDS: {
        LastWordsHeard: _on_last_words_heard,
        FileSettled: _on_last_file_settled,
        Lost: _on_last_words_lost,
        TokenRefused: _on_last_words_refused,
        RequestRefused: _on_last_words_refused,
    },
}
EVENTS: Final[tuple[type[Event], ...]] = (
    Asked,
    Due,
    Answered,
    Acknowledged,
    Rebased,
    FileSettled,
    Renewed,
    SignedIn,
    Lost,
    TokenRefused,
    CursorRefused,
    RequestRefused,
    Revoked,
    LastWordsHeard,
)
_GONE: Final = frozenset({Phase.WIPED, Phase.LAST_WORDS})
TABLE: Final[Mapping[tuple[Phase, type[Event]], _Handler]] = MappingProxyType(
    {
        (phase, event): {**({} if phase in _GONE else _ALWAYS), **_KNOWN[phase]}.get(event, _stay)
        for phase in Phase
        for event in EVENTS
    }
)
"""What each phase does on each event."""
_ACTIVE: Final = frozenset(
    {
        Phase.ASKING,
        Phase.REBASING,
        Phase.PUSHING,
        Phase.PULLING,
        Phase.UPLOADING,
        Phase.REFRESHING,
        Phase.LAST_WORDS,
    }
)
