"""What the conductor and a phone's process say to each other: one JSON object a line."""

from __future__ import annotations

import decimal
from enum import StrEnum
from typing import Final

import msgspec

from schemas.sync import Status
from tests.day.air import Signal
from tests.day.ground import Spot


class Trade(StrEnum):
    """What the person with the phone does."""

    CREW = "crew"
    READER = "reader"


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One line between the processes."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The order that is told minute by minute: who arrives in time and cannot say so."""

    task_id: str
    set_out_minute: int
    arrive_minute: int


class Duty(Message, frozen=True, kw_only=True):
    """Who carries the phone, how it is, and what the person is up to.

    `clock_path` is the day's clock, None for the machine's own.
    `notebook` holds totals by stop that the reader writes down without going there.
    `ledger_path` is where each operation is noted, outside of the store, once it is called saved.
    """

    trade: Trade
    login: str
    password: str
    server: str
    home: str
    clock_path: str | None
    seed: int
    coverage: list[tuple[int, Signal]]
    start: Spot
    life: int = 0
    slow_s: float = 0.0
    story: Story | None = None
    notebook: dict[str, decimal.Decimal] = {}
    stops_per_hour: float = 0.0
    ledger_path: str | None = None


class Act(Message, frozen=True, kw_only=True):
    """The day has come to a minute: do what falls due."""

    minute: int


class GoHome(Message, frozen=True, kw_only=True):
    """The shift is over: at the depot the signal is good; sync until nothing is left."""


class GiveAccount(Message, frozen=True, kw_only=True):
    """Tell everything that the phone holds, and compare it with a fresh pull."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that the phone said was saved."""

    n: int
    id: str
    type: str


class Acted(Message, frozen=True, kw_only=True):
    """What was done since the last message, and what the air did to it."""

    device_id: str
    made: list[Made]
    up_bytes: int
    down_bytes: int
    faults: dict[str, int]
    noted: dict[str, int]
    operations_waiting: int
    files_waiting: int


class KeptOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation as the phone has it, with what it heard became of it."""

    n: int
    id: str
    type: str
    subject: str
    status: Status | None
    code: str
    wire: msgspec.Raw


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the phone has it."""

    sha256: str
    size_bytes: int
    state: str


class Account(Message, frozen=True, kw_only=True):
    """All that a phone holds; `differing` names records that a fresh pull tells otherwise."""

    device_id: str
    operations: list[KeptOperation]
    files: list[KeptFile]
    records: int
    differing: list[str]


Command = Duty | Act | GoHome | GiveAccount
Answer = Acted | Account
COMMANDS: Final = msgspec.json.Decoder(Command)
ANSWERS: Final = msgspec.json.Decoder(Answer)
ENCODER: Final = msgspec.json.Encoder(decimal_format="string")
