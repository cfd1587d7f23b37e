"""What is not yet safe: exactly what would be lost if this handheld fell into the river now.

Safe is what the server has on its disk and has told so. Until then it is said to be here only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from field_sync.store import outbox, settings, uploads
from field_sync.store.connection import Store
from field_sync.store.settings import Name


@dataclasses.dataclass(frozen=True, slots=True)
class Unsafe:
    """What is on this handheld only.

    Attributes:
        operations: acts that the server has not told to be settled.
        operations_since: when the oldest of them was made, by this handheld's clock.
        files: files that the server has not told to be whole.
        files_bytes: their size.
    """

    operations: int = 0
    operations_since: dt.datetime | None = None
    files: int = 0
    files_bytes: int = 0

    @property
    def nothing(self) -> bool:
        """Whether all that the crew did is safe."""
        return self.operations == 0 and self.files == 0


@dataclasses.dataclass(frozen=True, slots=True)
class Safety:
    """How this handheld stands with the office.

    Attributes:
        unsafe: what is here only.
        unsure: an answer is outstanding: some of it may have arrived already.
        signed_out: somebody must sign in before anything more is sent.
        wiped: the office has revoked this handheld.
        synced_at: the server's clock at the last contact; None before the first.
        lost: acts that a server put back from a backup forgot, and this handheld had let go of.
    """

    unsafe: Unsafe
    unsure: bool
    signed_out: bool
    wiped: bool
    synced_at: dt.datetime | None
    lost: int


def of_handheld(store: Store) -> Safety:
    """Tell how the handheld stands."""
    synced_at = settings.find(store, Name.SYNCED_AT)
    sent = settings.find_number(store, Name.SENT_THROUGH)
    operations, since = outbox.weigh_waiting(store)
    files, files_bytes = uploads.weigh_waiting(store)
    return Safety(
        unsafe=Unsafe(operations, since, files, files_bytes),
        unsure=operations > 0 and sent > settings.find_number(store, Name.SETTLED_THROUGH),
        signed_out=settings.find(store, Name.SIGNED_OUT) is not None,
        wiped=settings.find(store, Name.WIPED) is not None,
        synced_at=None if synced_at is None else dt.datetime.fromisoformat(synced_at),
        lost=settings.find_number(store, Name.LOST),
    )


def of_orders(store: Store) -> dict[str, Unsafe]:
    """Tell what is here only of each order that has anything, the longest waiting first."""
    found = {
        subject: Unsafe(operations, since)
        for subject, operations, since in outbox.list_waiting_by_subject(store)
    }
    for subject, files, files_bytes in uploads.list_waiting_by_subject(store):
        known = found.get(subject, Unsafe())
        found[subject] = dataclasses.replace(known, files=files, files_bytes=files_bytes)
    return found
