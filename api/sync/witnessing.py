"""Phones as witnesses: each is told the newest checkpoint, and says the newest that it was shown.

Who keeps checkpoints stands above sync (`api.custody`), so it is handed in when the server is put
together.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from sqlalchemy.orm import Session

from api.acts import Act
from schemas.sync import CheckpointMark


class Custodian(Protocol):
    """Whoever keeps the checkpoints of districts."""

    def newest(
        self, session: Session, *, district_id: str, now: dt.datetime
    ) -> CheckpointMark | None:
        """Give the newest checkpoint of a district; every sync asks."""
        ...

    def hear(self, session: Session, *, act: Act, device_id: str, seen: CheckpointMark) -> None:
        """Hold what a phone was shown against what is here; it refuses nothing."""
        ...
