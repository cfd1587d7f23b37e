"""How an act is kept: held to its shape, then one row of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from field_sync import errors, ids, view
from field_sync.clock import Edge
from field_sync.store import outbox, settings
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from field_sync.store.settings import Name
from schemas import tasks
from schemas.base import Shape, encode
from schemas.operations import OPERATIONS

TYPES: Final[Mapping[type[Shape], str]] = {body: name for name, body in OPERATIONS.items()}
"""The wire's name of each act, by its body."""


def keep(store: Store, edge: Edge, *, task: tasks.Task, body: Shape) -> Entry:
    """Append the act to the outbox, in the caller's transaction.

    Raises:
        NotEnrolled: this handheld belongs to nobody yet.
        Wiped: the office has revoked it.
        Malformed: the act does not have its shape.
        OutboxFull: too much waits already.
    """
    _require_ours(store)
    _require_form(body)
    return outbox.add(
        store,
        id=ids.new_id(edge),
        type=TYPES[type(body)],
        subject=task.id,
        about=view.about(task.id, body),
        based_on=task.version,
        moment=edge.moment(),
        body=body,
    )


def _require_ours(store: Store) -> None:
    notice = settings.find(store, Name.WIPED)
    if notice is not None:
        raise errors.Wiped(notice=notice)
    if settings.find(store, Name.DEVICE) is None:
        raise errors.NotEnrolled


def _require_form(body: Shape) -> None:
    """Hold the body to its shape before it is kept, as the server will when it comes."""
    try:
        msgspec.json.decode(encode(body), type=type(body))
    except msgspec.ValidationError as error:
        raise errors.Malformed(reason=str(error)) from error
