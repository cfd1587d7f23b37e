"""What happened in a world, line by line, and how often each fault did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from tests.conftest import HandClock


class Fault(StrEnum):
    """Every kind of thing that goes wrong."""

    REQUEST_LOST = "request lost"
    REQUEST_CUT = "request cut"
    REQUEST_LATE = "request late"
    """It arrives after newer ones."""
    REQUEST_DOUBLED = "request doubled"
    ANSWER_LOST = "answer lost"
    ANSWER_CUT = "answer cut"
    ANSWER_SHORT = "answer short"
    """The end is missing and nothing says so."""
    SLOW = "slow line"
    SERVER_CRASHED = "server crashed"
    SERVER_FULL = "server's disk full"
    SERVER_RESTORED = "server restored"
    PHONE_RESTORED = "phone restored"
    PHONE_CLONED = "phone cloned"
    PHONE_CRASHED = "phone crashed"
    PHONE_FULL = "phone's disk full"
    PHONE_BUSY = "phone's store busy"
    REBOOTED = "phone rebooted"
    CLOCK_SET = "phone's clock set"
    YEARS_WRONG = "phone's clock years wrong"
    TOKEN_EXPIRED = "token expired"
    LONG_PAUSE = "long pause"
    SIGNED_OUT = "signed out"
    PHONE_LOST = "phone lost"
    PHONE_WIPED = "phone wiped"
    PERSON_LEFT = "person left"
    LET_IN = "let in from quarantine"
    LEFT_OUT = "left out in quarantine"
    REASSIGNED = "reassigned"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    CREW_CHANGED = "crew changed"


class Journal:
    """The story of one world; the same seed tells the same one."""

    def __init__(self, clock: HandClock, *, tell: Callable[[str], None] = lambda _: None) -> None:
        """Open an empty journal.

        Args:
            clock: the world's true time.
            tell: hears each line when it is written.
        """
        self.lines: list[str] = []
        self.faults: Counter[Fault] = Counter()
        self._clock = clock
        self._tell = tell

    def note(self, who: str, what: object) -> None:
        """Write a line."""
        line = f"{self._clock.now():%m-%d %H:%M:%S.%f} {who:<8} {what}"
        self.lines.append(line)
        self._tell(line)

    def befell(self, who: str, fault: Fault, what: object = "") -> None:
        """Write a fault down, and count it."""
        self.faults[fault] += 1
        self.note(who, f"** {fault} {what}".rstrip())
