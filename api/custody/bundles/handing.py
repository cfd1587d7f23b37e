"""Handing an order over: gathered in one unit of work, packed in none, sealed and noted at the end.

The database is not held while bytes flow, and the audit knows who took what.
"""

from __future__ import annotations

from typing import BinaryIO

from api.acts import Act
from api.crews import service as crews
from api.custody import keys
from api.custody.bundles import gathering, packing, page
from api.db import Database
from api.evidence import depot
from api.settings import Settings
from schemas import bundles


def hand_over(
    target: BinaryIO, *, settings: Settings, database: Database, act: Act, task_id: str
) -> bundles.Manifest:
    """Write an order's bundle into a file that can be sought.

    Args:
        target: an empty file.
        settings: where files and keys are.
        database: where the rest is.
        act: who takes it.
        task_id: the order.

    Raises:
        NotFound: there is no such order for this principal.
        BundleTooLarge: it is too large for one bundle.
        OrderAltered: it is not as it was written.
        DepotAway: the store of files does not answer.
        DepotFull: there is no room on the disk.
        KeyUnreadableError: the server's key cannot be read.
    """
    key = keys.opened(settings)
    with database.reading() as session:
        gathered = gathering.gather(session, act=act, task_id=task_id)
    made = page.Made(at=act.received_at, by=act.principal.person_id, kid=key.kid)
    with packing.Packer(target) as packer:
        packing.pack(packer, gathered, files=depot.opened(settings), made=made)
        manifest = bundles.Manifest(
            format=bundles.FORMAT,
            order_id=gathered.order.task.id,
            district_id=gathered.order.task.district_id,
            made_at=made.at,
            made_by=made.by,
            timeline=gathered.order.timeline,
            entries=packer.entries.copy(),
        )
        packing.seal(packer, manifest, key=key)
    with database.unit_of_work() as session:
        keys.enter(session, key, now=act.received_at)
        crews.audit(
            session,
            act=act,
            what="task.handed_over",
            subject_id=task_id,
            detail={"files": len(manifest.entries), "kid": key.kid},
        )
    return manifest
