"""What nobody can know of a handheld that is two: by whose clock an act of an unmet boot was read.

A copy that a server has not yet met may deliver what the other one did, in a boot that never had a
contact; where the clocks of both are right at every contact, and one was wrong between them, no
server can see it.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import select

from api.sync.models import DeviceContact
from schemas import sync
from tests.world.handset import Done
from tests.world.world import World


class Boots:
    """The boots of a copied handheld, and since when the server has met each."""

    def __init__(self, world: World) -> None:
        """Look the contacts of a world's copied handheld up, if there is one."""
        self._copied_id = world.cloned_id
        self._met_at: dict[str, dt.datetime] = {}
        question = (
            select(DeviceContact.boot, DeviceContact.server_at)
            .where(DeviceContact.device_id == world.cloned_id)
            .order_by(DeviceContact.server_at.desc())
        )
        with world.server.database.reading() as session:
            for boot, met_at in session.execute(question):
                self._met_at[boot] = met_at

    def can_know(self, done: Done, *, received_at: dt.datetime) -> bool:
        """Tell whether a server could place an act when it heard of it."""
        if done.device_id != self._copied_id:
            return True
        operation = msgspec.json.decode(done.entry.wire, type=sync.Operation)
        met_at = self._met_at.get(operation.boot)
        return met_at is not None and met_at <= received_at
