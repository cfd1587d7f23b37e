"""The lobby: contacts that only pull, kept in memory and written down together a little later.

Each contact sharpens the comparison of clocks and says how far the office has heard of a phone.
Neither is worth a durable commit of its own: a crash that loses a few seconds of them makes the
comparison less sharp and `covered_until` late, never wrong.
"""

from __future__ import annotations

import threading
from typing import Final

from sqlalchemy.orm import Session

from api.background import Background
from api.db import Database
from api.sync import service
from api.sync.witnessing import Custodian

FLUSH_S: Final = 2.0
"""How long a contact may wait in memory, in seconds."""
WAITING_MAX: Final = 5_000
"""Contacts that may wait; whoever brings one more writes them all."""


class Lobby:
    """The contacts that wait in this process."""

    def __init__(self, database: Database, custodian: Custodian) -> None:
        """Begin empty; until `writer` runs, each contact is written at once."""
        self._custodian = custodian
        self.writer = Background("contacts", self.write_all, every_s=FLUSH_S)
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[service.Visit] = []

    def wait(self, visit: service.Visit) -> None:
        """Let a contact wait to be written down."""
        with self._lock:
            self._waiting.append(visit)
            is_full = len(self._waiting) >= WAITING_MAX
        if is_full or not self.writer.is_running:
            self.write_all()

    def write_of(self, session: Session, *, device_id: str) -> None:
        """Write a device's waiting contacts in the caller's unit of work, before it is judged."""
        with self._lock:
            own = [visit for visit in self._waiting if visit.device_id == device_id]
            self._waiting = [visit for visit in self._waiting if visit.device_id != device_id]
        for visit in own:
            service.write_down(session, visit, custodian=self._custodian)

    def write_all(self) -> None:
        """Write all that waits."""
        with self._lock:
            visits, self._waiting = self._waiting, []
        if visits:
            with self._database.unit_of_work() as session:
                for visit in visits:
                    service.write_down(session, visit, custodian=self._custodian)
