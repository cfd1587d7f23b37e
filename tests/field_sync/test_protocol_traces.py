"""The conversation as its ports are held to it is the conversation as it is."""

from __future__ import annotations

import json

from field_sync import protocol
from field_sync.conversation import Phase
from tests.field_sync import protocol_traces


def test_the_written_traces_are_what_the_protocol_does() -> None:
    written = protocol_traces.PATH.read_text(encoding="utf-8")
    assert written == protocol_traces.written(), "python -m tests.field_sync.protocol_traces"


def test_the_traces_know_every_phase_with_every_event() -> None:
    told = json.loads(protocol_traces.PATH.read_text(encoding="utf-8"))
    met = {
        (told["states"][before]["phase"], told["events"][event]["kind"])
        for before, *steps in told["steps"]
        for event, _, _ in steps
    }
    assert len(met) == len(Phase) * len(protocol.EVENTS)
