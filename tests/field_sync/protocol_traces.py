"""What the sync conversation does, written down for its ports: `schemas/vectors/protocol.json`.

`python -m tests.field_sync.protocol_traces` writes the file anew.
States, events and lists of actions stand once each; steps name them by their place.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import pathlib
import random
import re
from typing import Final

import schemas
from field_sync import protocol
from field_sync.conversation import (
    Acknowledged,
    Action,
    Answered,
    Asked,
    CursorRefused,
    Due,
    Event,
    FileSettled,
    Fork,
    LastWordsHeard,
    Lost,
    Phase,
    Rebased,
    Renewed,
    RequestRefused,
    Revoked,
    SignedIn,
    State,
    TokenRefused,
    Work,
)

PATH: Final = pathlib.Path(schemas.__file__).parent / "vectors" / "protocol.json"
SEED: Final = 20261123
WALKS: Final = 400
WALK_STEPS_MAX: Final = 16
_START: Final = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
_ABOUT: Final = (
    "Steps: a state, then of each event from there: the event, the state after it, the actions."
    " Walks: a state, then of each step: the same. All by their places in their lists."
    " A state's field that is not named is false, 0 or null."
)
_WORKS: Final = (Work(), Work(operations=2), Work(files=1), Work(operations=1, files=3))
_FORK: Final = Fork(7, "f" * 64, after=5)
_NOWS: Final = tuple(_START + dt.timedelta(seconds=each) for each in (0, 1, 90, 4000))
_SPREADS: Final = (0.0, 0.25, 0.875)  # so that every wait is one of whole milliseconds
_RETRIES_S: Final = (None, 60.0, 7200.0)


def events() -> list[Event]:
    """List every event in every variety that a handler looks at."""
    worked = [
        kind(work)
        for kind in (Asked, Rebased, FileSettled, Renewed, SignedIn, LastWordsHeard)
        for work in _WORKS
    ]
    answered = [
        Answered(_NOWS[1], work, more=more, moved=moved, next_in_s=62.5, diverged=diverged)
        for work in _WORKS
        for more, moved, diverged in itertools.product((False, True), repeat=3)
    ]
    return [
        *worked,
        *(Due(now, work) for now in _NOWS for work in _WORKS),
        *answered,
        *(Acknowledged(work, fork) for work in _WORKS for fork in (None, _FORK)),
        *(Lost(_NOWS[2], spread, retry) for spread in _SPREADS for retry in _RETRIES_S),
        TokenRefused(),
        CursorRefused(),
        *(RequestRefused(now) for now in _NOWS[:2]),
        Revoked(),
        Revoked("报失"),
    ]


def states() -> list[State]:
    """List states of every phase, each as an early and as a late try of a round knows it."""
    return [
        dataclasses.replace(state, phase=phase)
        for phase in Phase
        for state in (
            State(),
            State(unsure=True, renewed=True, joins=protocol.JOINS_MAX),
            State(joins=1, failures=3, wait_until=_NOWS[2]),
        )
    ]


def document() -> dict[str, object]:
    """Write down what the protocol does from every state, and on walks of chance."""
    told = _Told()
    everything = events()
    steps = [
        [
            told.state(before),
            *([told.event(each), *told.step(protocol.step(before, each))] for each in everything),
        ]
        for before in states()
    ]
    chance = random.Random(SEED)
    walks = [_walk(told, everything, chance) for _ in range(WALKS)]
    begun = [
        [unsure, signed_out, wiped, told.state(_begun(unsure, signed_out, wiped))]
        for unsure, signed_out, wiped in itertools.product((False, True), repeat=3)
    ]
    return {
        "rule": "protocol",
        "about": _ABOUT,
        "states": told.states,
        "events": told.events,
        "actions": told.actions,
        "begun": begun,
        "steps": steps,
        "walks": walks,
    }


def written() -> str:
    """Write the document, one state, event or walk a line."""
    lines = []
    for name, value in document().items():
        if isinstance(value, list):
            rows = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in value]
            body = "[\n" + ",\n".join(rows) + "\n]"
        else:
            body = json.dumps(value, ensure_ascii=False)
        lines.append(f" {json.dumps(name)}: {body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _Told:
    """What was told so far, each thing once, under its place."""

    def __init__(self) -> None:
        self.states: list[object] = []
        self.events: list[object] = []
        self.actions: list[object] = []
        self._places: dict[tuple[int, str], int] = {}

    def state(self, state: State) -> int:
        return self._place(self.states, _named(state, without_defaults=True))

    def event(self, event: Event) -> int:
        return self._place(self.events, {"kind": _kind(event), **_named(event)})

    def step(self, step: protocol.Step) -> tuple[int, int]:
        state, actions = step
        told = [{"kind": _kind(action), **_named(action)} for action in actions]
        return self.state(state), self._place(self.actions, told)

    def _place(self, known: list[object], value: object) -> int:
        place = self._places.setdefault((id(known), repr(value)), len(known))
        if place == len(known):
            known.append(value)
        return place


def _walk(told: _Told, everything: list[Event], chance: random.Random) -> list[object]:
    """Go on from a beginning by events that mostly answer what is awaited."""
    state = _begun(*(chance.random() < 0.2 for _ in range(3)))
    walk: list[object] = [told.state(state)]
    for _ in range(chance.randint(3, WALK_STEPS_MAX)):
        likely = [each for each in everything if protocol.step(state, each) != (state, ())]
        event = chance.choice(likely if likely and chance.random() < 0.85 else everything)
        state, actions = protocol.step(state, event)
        walk.append([told.event(event), *told.step((state, actions))])
    return walk


def _begun(unsure: bool, signed_out: bool, wiped: bool) -> State:  # noqa: FBT001 - a row of a table
    return protocol.begin(unsure=unsure, signed_out=signed_out, wiped=wiped)


def _named(value: State | Event | Action, *, without_defaults: bool = False) -> dict[str, object]:
    """Name a value's fields as they are written in JSON."""
    return {
        field.name: _json(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if not (without_defaults and field.name != "phase")
        or getattr(value, field.name) != field.default
    }


def _json(value: object) -> object:
    match value:
        case Work() | Fork():
            return dataclasses.asdict(value)
        case dt.datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return value


def _kind(value: Event | Action) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(value).__name__).lower()


if __name__ == "__main__":
    PATH.write_text(written(), encoding="utf-8")
