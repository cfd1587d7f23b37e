"""What a crew finds otherwise than the order says; the office may change it meanwhile."""

from __future__ import annotations

from field_sync import errors, keeping, view
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from schemas import amending, tasks
from schemas.places import Position


def amend(
    store: Store,
    edge: Edge,
    *,
    task_id: str,
    contact: str | None = None,
    note: str | None = None,
    access_note: str | None = None,
    position: Position | None = None,
) -> Entry:
    """Correct what the order says, where the crew found it otherwise.

    Args:
        store: the handheld's store.
        edge: its clocks and chance.
        task_id: the order.
        contact: whom to call; None leaves it, as every other field.
        note: what the order says about the trouble.
        access_note: how to get in; only on an order with a site, or with its position.
        position: where the site is.

    Raises:
        NotOnPhone: the order is not on this handheld.
        NothingChanged: no field is named, or all are as the order says.
        SiteNeedsPosition: words how to get to a site that is nowhere.
        Malformed: a text is too long, or the position impossible.
    """
    with store.writing():
        task = view.get_task(store, task_id=task_id)
        site = task.site
        saw = amending.position_of(site)
        moved = tasks.PositionAmended(saw=saw, set=position) if position else None
        body = tasks.Amended(
            contact=_amended(task.contact, contact),
            note=_amended(task.note, note),
            access_note=_amended(site.access_note if site else "", access_note),
            position=moved if position != saw else None,
        )
        if body == tasks.Amended():
            raise errors.NothingChanged
        if body.access_note and site is None and position is None:
            raise errors.SiteNeedsPosition
        return keeping.keep(store, edge, task=task, body=body)


def _amended(saw: str, wanted: str | None) -> tasks.TextAmended | None:
    return None if wanted in (None, saw) else tasks.TextAmended(saw=saw, set=wanted or "")
