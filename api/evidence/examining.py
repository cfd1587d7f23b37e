"""Files whose bytes are here and that nobody has looked into: who takes one up, and lets it go.

Whoever looks into files (`api.photos`) comes in by this module; it needs no other part of evidence.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import store
from api.evidence.models import EvidenceFile
from api.evidence.store import unexamined

TAKEN_MAX: Final = dt.timedelta(minutes=30)
"""How long a file stays with whoever took it up; a whole run of the job is shorter."""


class Taken(NamedTuple):
    """A file that was taken up, and how often it has been."""

    file: EvidenceFile
    attempt: int


def ask(session: Session, *, act: Act, file_id: str) -> None:
    """Ask that a file whose bytes are here be looked into; asking again changes nothing."""
    unexamined.add(session, district_id=act.district_id, file_id=file_id, due_at=act.received_at)


def take(session: Session, *, act: Act) -> Taken | None:
    """Take up the file that has waited longest, for `TAKEN_MAX`.

    Whoever took it says `settle` or `put_back` in the end; who dies of it says nothing.
    """
    now = act.happened.at
    waiting = unexamined.find_due(session, district_id=act.district_id, due=now)
    if waiting is None:
        return None
    waiting.due_at = now + TAKEN_MAX
    waiting.attempts += 1
    file = store.find_file(session, district_id=act.district_id, file_id=waiting.file_id)
    assert file is not None, "it was declared, and declared files stay"
    return Taken(file, waiting.attempts)


def settle(session: Session, *, act: Act, file_id: str) -> None:
    """Note that a file was looked into."""
    unexamined.forget(session, district_id=act.district_id, file_id=file_id)


def put_back(session: Session, *, act: Act, file_id: str) -> None:
    """Note that a file could not be looked into for no fault of its own; it is tried later."""
    unexamined.postpone(session, district_id=act.district_id, file_id=file_id)
