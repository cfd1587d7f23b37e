"""The conversation as a table: every phase knows every event and goes where it is written."""

from __future__ import annotations

import datetime as dt
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_sync import conversation, protocol
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
    Fork,
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

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
NOTHING = Work()
SOME = Work(operations=2, files=1)
FORK = Fork(7, "f" * 64, after=5)
EVENTS: dict[type[Event], Event] = {
    Asked: Asked(SOME),
    Due: Due(NOW, SOME),
    Answered: Answered(NOW, NOTHING, more=False, moved=True, next_in_s=60),
    Acknowledged: Acknowledged(NOTHING),
    Rebased: Rebased(SOME),
    FileSettled: FileSettled(NOTHING),
    Renewed: Renewed(SOME),
    SignedIn: SignedIn(SOME),
    Lost: Lost(NOW, 0.5),
    TokenRefused: TokenRefused(),
    CursorRefused: CursorRefused(),
    RequestRefused: RequestRefused(NOW),
    Revoked: Revoked("lost phone"),
    LastWordsHeard: LastWordsHeard(NOTHING),
}
STAYS = None
# What each phase does on each event; STAYS: the event means nothing there.
EXPECTED: dict[Phase, dict[type[Event], Phase | None]] = {
    Phase.IDLE: {Asked: Phase.PUSHING, Due: Phase.PUSHING},
    Phase.BACKING_OFF: {Asked: Phase.PUSHING, Due: Phase.PUSHING},
    Phase.ASKING: {
        Acknowledged: Phase.PULLING,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.REFRESHING,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.REBASING: {
        Rebased: Phase.PUSHING,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.REFRESHING,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.PUSHING: {
        Answered: Phase.IDLE,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.REFRESHING,
        CursorRefused: Phase.ASKING,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.PULLING: {
        Answered: Phase.IDLE,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.REFRESHING,
        CursorRefused: Phase.ASKING,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.UPLOADING: {
        FileSettled: Phase.PULLING,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.REFRESHING,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.REFRESHING: {
        Renewed: Phase.PUSHING,
        Lost: Phase.BACKING_OFF,
        TokenRefused: Phase.SIGNED_OUT,
        RequestRefused: Phase.BACKING_OFF,
    },
    Phase.SIGNED_OUT: {Asked: Phase.REFRESHING, SignedIn: Phase.PUSHING},
    Phase.WIPED: {Asked: Phase.LAST_WORDS, Due: Phase.LAST_WORDS},
    Phase.LAST_WORDS: {
        LastWordsHeard: Phase.WIPED,
        FileSettled: Phase.WIPED,
        Lost: Phase.WIPED,
        TokenRefused: Phase.WIPED,
        RequestRefused: Phase.WIPED,
    },
}


def test_the_table_is_total_and_knows_every_event() -> None:
    assert set(protocol.EVENTS) == set(typing.get_args(conversation.Event)) == set(EVENTS)
    assert set(protocol.TABLE) == {(phase, event) for phase in Phase for event in EVENTS}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("event", EVENTS)
def test_each_phase_goes_where_the_table_says(phase: Phase, event: type[Event]) -> None:
    state = State(phase=phase)
    after, actions = protocol.step(state, EVENTS[event])
    expected = EXPECTED[phase].get(event, STAYS)
    if event is Revoked and phase not in {Phase.WIPED, Phase.LAST_WORDS}:
        expected = Phase.LAST_WORDS
    if expected is STAYS:
        assert (after, actions) == (state, ())
    else:
        assert after.phase is expected
        assert bool(actions) == (protocol.awaits(after) or bool(set(map(type, actions)) & QUIET))


QUIET: set[type[Action]] = {SignOut, Wipe}
DO: dict[Phase, set[type[Action]]] = {
    Phase.ASKING: {Ask},
    Phase.REBASING: {Rebase},
    Phase.PUSHING: {Push},
    Phase.PULLING: {Pull},
    Phase.UPLOADING: {SendFile},
    Phase.REFRESHING: {Renew},
    Phase.LAST_WORDS: {SayLast, SendFile},
}

works = st.builds(Work, operations=st.integers(0, 3), files=st.integers(0, 3))
nows = st.integers(0, 10**6).map(lambda seconds: NOW + dt.timedelta(seconds=seconds))
events = st.one_of(
    st.builds(Asked, works),
    st.builds(Due, nows, works),
    st.builds(
        Answered,
        nows,
        works,
        more=st.booleans(),
        moved=st.booleans(),
        next_in_s=st.floats(0, 600),
        diverged=st.booleans(),
    ),
    st.builds(Acknowledged, works, st.none() | st.just(FORK)),
    st.builds(Rebased, works),
    st.builds(FileSettled, works),
    st.builds(Renewed, works),
    st.builds(SignedIn, works),
    st.builds(Lost, nows, st.floats(0, 1), st.none() | st.floats(0, 1e6)),
    st.builds(TokenRefused),
    st.builds(CursorRefused),
    st.builds(RequestRefused, nows),
    st.builds(Revoked, st.text(max_size=5)),
    st.builds(LastWordsHeard, works),
)


@given(st.lists(events, max_size=40))
def test_whatever_happens_each_phase_waits_for_exactly_its_own_action(told: list[Event]) -> None:
    state = State()
    for event in told:
        before = state
        state, actions = protocol.step(state, event)
        if actions and protocol.awaits(state):
            assert type(actions[-1]) in DO[state.phase]
        if not actions and state.phase is not before.phase:
            assert not protocol.awaits(state), "it would wait for ever"
        if before.phase in {Phase.WIPED, Phase.LAST_WORDS}:
            assert state.phase in {Phase.WIPED, Phase.LAST_WORDS}, "for ever"


@given(st.lists(events, max_size=40))
def test_after_a_push_without_an_answer_nothing_is_pushed_before_it_asked(
    told: list[Event],
) -> None:
    state, unanswered = State(), False
    for event in told:
        was = state.phase
        state, actions = protocol.step(state, event)
        if was is Phase.PUSHING and isinstance(event, Answered):
            unanswered = False
        if was is Phase.ASKING and isinstance(event, Acknowledged):
            unanswered = False
        if any(isinstance(action, Push) for action in actions):
            assert not unanswered
            unanswered = True


@pytest.mark.rule("H2")
def test_a_lost_answer_is_asked_after_even_by_another_process() -> None:
    assert protocol.step(protocol.begin(unsure=True), Asked(SOME)) == (
        State(phase=Phase.ASKING, unsure=True),
        (Ask(),),
    )


def test_what_the_store_remembers_comes_before_everything() -> None:
    assert protocol.begin(wiped=True, signed_out=True).phase is Phase.WIPED
    assert protocol.begin(signed_out=True).phase is Phase.SIGNED_OUT


def test_a_round_pushes_then_pulls_then_sends_files_then_looks_again() -> None:
    state, _ = protocol.step(State(), Asked(SOME))
    seen = [state.phase]
    for event in (
        Answered(NOW, Work(1, 1), more=True, moved=True, next_in_s=0),
        Answered(NOW, Work(0, 2), more=True, moved=True, next_in_s=0),
        Answered(NOW, Work(0, 2), more=False, moved=True, next_in_s=0),
        FileSettled(Work(0, 1)),
        FileSettled(NOTHING),
        Answered(NOW, NOTHING, more=False, moved=True, next_in_s=60),
    ):
        state, _ = protocol.step(state, event)
        seen.append(state.phase)
    assert seen == [
        Phase.PUSHING,
        Phase.PUSHING,
        Phase.PULLING,
        Phase.UPLOADING,
        Phase.UPLOADING,
        Phase.PULLING,
        Phase.IDLE,
    ]
    assert state.wait_until == NOW + dt.timedelta(seconds=60)


def test_a_chain_that_is_not_the_servers_is_asked_after_joined_and_pushed_again() -> None:
    turned_away = Answered(NOW, SOME, more=False, moved=False, next_in_s=60, diverged=True)
    asking, ask = protocol.step(State(phase=Phase.PUSHING), turned_away)
    joining, join = protocol.step(asking, Acknowledged(SOME, FORK))
    pushing, push = protocol.step(joining, Rebased(SOME))
    assert (ask, join, push) == ((Ask(),), (Rebase(FORK),), (Push(),))
    assert pushing.phase is Phase.PUSHING


@pytest.mark.rule("H4")
def test_two_copies_that_overtake_each_other_do_not_keep_a_round_for_ever() -> None:
    turned_away = Answered(NOW, SOME, more=False, moved=True, next_in_s=60, diverged=True)
    state, joins = State(phase=Phase.PUSHING), 0
    while protocol.awaits(state):
        state, _ = protocol.step(state, turned_away)
        state, actions = protocol.step(state, Acknowledged(SOME, FORK))
        joins += actions == (Rebase(FORK),)
        state, _ = protocol.step(state, Rebased(SOME))
    assert joins == protocol.JOINS_MAX
    assert (state.phase, state.joins) == (Phase.BACKING_OFF, 0)


@pytest.mark.rule("H10")
def test_a_token_refused_twice_in_a_round_signs_out_and_an_answer_forgives() -> None:
    pulling = State(phase=Phase.PULLING)
    renewing, renew = protocol.step(pulling, TokenRefused())
    again, _ = protocol.step(renewing, Renewed(NOTHING))
    out, actions = protocol.step(again, TokenRefused())
    assert (renew, out.phase, actions) == ((Renew(),), Phase.SIGNED_OUT, (SignOut(),))

    answered, _ = protocol.step(again, EVENTS[Answered])
    assert not answered.renewed


def test_a_refused_cursor_is_forgotten_and_the_push_asked_after() -> None:
    _, actions = protocol.step(State(phase=Phase.PUSHING), CursorRefused())
    assert actions == (ForgetCursor(), Ask())


@pytest.mark.rule("H12")
def test_the_timer_waits_and_a_person_does_not() -> None:
    waiting, _ = protocol.step(State(phase=Phase.PULLING), Lost(NOW, 0.0))
    assert protocol.step(waiting, Due(NOW, SOME)) == (waiting, ())
    assert protocol.step(waiting, Asked(SOME))[0].phase is Phase.PUSHING
    later = Due(NOW + dt.timedelta(seconds=2), SOME)
    assert protocol.step(waiting, later)[0].phase is Phase.PUSHING


def test_the_server_says_how_long_to_wait() -> None:
    waiting, _ = protocol.step(State(phase=Phase.PULLING), Lost(NOW, 1.0, retry_after_s=120))
    assert waiting.wait_until == NOW + dt.timedelta(seconds=120)


@pytest.mark.rule("H13")
@pytest.mark.parametrize(
    "event",
    [
        Answered(NOW, Work(operations=1), more=False, moved=False, next_in_s=0),
        Answered(NOW, NOTHING, more=True, moved=False, next_in_s=0),
    ],
)
def test_an_answer_that_moves_nothing_ends_the_round(event: Answered) -> None:
    after, actions = protocol.step(State(phase=Phase.PUSHING), event)
    assert (after.phase, actions) == (Phase.BACKING_OFF, ())
    assert after.wait_until == NOW + dt.timedelta(seconds=protocol.REFUSED_WAIT_S)


@pytest.mark.rule("H13")
def test_what_was_done_during_a_pull_that_brought_nothing_goes_at_once() -> None:
    pulled = Answered(NOW, Work(operations=1), more=False, moved=False, next_in_s=0)
    after, actions = protocol.step(State(phase=Phase.PULLING), pulled)
    assert (after.phase, actions) == (Phase.PUSHING, (Push(),))


STEPS_MAX = 40


def good_weather(state: State, action: Action | None, left: Work) -> tuple[Event, Work]:
    """Answer what is under way as a server in good weather does; wake whoever rests."""
    if isinstance(action, Push | SayLast):
        left = Work(max(left.operations - 3, 0), left.files)
    elif isinstance(action, SendFile):
        left = Work(left.operations, max(left.files - 1, 0))
    answers: dict[type[Action], Event] = {
        Ask: Acknowledged(left),
        Push: Answered(NOW, left, more=False, moved=True, next_in_s=60),
        Pull: Answered(NOW, left, more=False, moved=True, next_in_s=60),
        SendFile: FileSettled(left),
        Renew: Renewed(left),
        SayLast: LastWordsHeard(left),
    }
    woken = SignedIn(left) if state.phase is Phase.SIGNED_OUT else Asked(left)
    return (answers.get(type(action), woken) if action else woken), left


@given(st.lists(events, max_size=40), st.integers(0, 9), st.integers(0, 5))
def test_in_good_weather_every_conversation_comes_to_rest_with_nothing_left(
    told: list[Event], operations: int, files: int
) -> None:
    state, actions = State(), tuple[Action, ...]()
    for event in told:
        state, done = protocol.step(state, event)
        actions = done if done or not protocol.awaits(state) else actions
    left = Work(operations, files)
    for _ in range(STEPS_MAX):
        if state.phase in {Phase.IDLE, Phase.WIPED} and left == NOTHING:
            return
        event, left = good_weather(state, actions[-1] if actions else None, left)
        state, actions = protocol.step(state, event)
    raise AssertionError(state)


def test_a_wiped_handheld_says_its_last_words_until_nothing_is_left() -> None:
    wiped = protocol.begin(wiped=True)
    assert protocol.step(wiped, Asked(NOTHING)) == (wiped, ())
    saying, actions = protocol.step(wiped, Asked(SOME))
    assert actions == (SayLast(),)
    _, actions = protocol.step(saying, LastWordsHeard(SOME))
    assert actions == (SayLast(),)
    saying, actions = protocol.step(saying, LastWordsHeard(Work(files=1)))
    assert actions == (SendFile(),)
    waiting, _ = protocol.step(saying, Lost(NOW, 0.5))
    assert waiting.phase is Phase.WIPED
    assert protocol.step(waiting, Due(NOW, SOME)) == (waiting, ())
    assert protocol.step(saying, FileSettled(NOTHING))[0] == State(phase=Phase.WIPED)
