"""What the doors of work have in common: answers with their version, remarks, pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api import http
from api.errors import Invalid
from api.tasks import service
from api.tasks.models import Task
from schemas import tasks
from schemas.base import Id, Instant, rfc3339
from schemas.crews import OFFICE, Role

GEOJSON: Final = "application/geo+json"
READERS: Final = (*OFFICE, Role.INTEGRATION)
_PAGE_ROWS: Final = 100
_NUMBER_MAX: Final = 2**31


class WorklistQuery(tasks.TaskFilter):
    """Which work to list, where its page starts and how long it is."""

    after: Annotated[str, Meta(max_length=1_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=http.PAGE_ROWS_MAX)] = _PAGE_ROWS


def tagged(task: Task) -> tuple[tasks.Task, dict[str, str]]:
    """Answer with a task and its version, which `If-Match` sends back."""
    return task.wire(), {"ETag": f'"{task.version}"'}


def worklist(query: WorklistQuery) -> tuple[Sequence[Task], str | None]:
    """Fetch a page of the worklist, and the key of the next."""
    rows = service.list_worklist(
        http.session(),
        act=http.act(),
        wanted=query,
        behind=_behind(query.after),
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    if len(rows) <= query.limit:
        return shown, None
    last = shown[-1]
    return shown, http.page_key(last.urgency, rfc3339(last.opened_at), last.id)


def after_number(query: http.PageQuery) -> int:
    """Read behind which moment of a timeline a page starts."""
    if query.after is None:
        return 0
    number = http.read_page_key(query.after, parts=1)[0]
    if not isinstance(number, int) or not 0 <= number < _NUMBER_MAX:
        raise Invalid(reason="the page key is not one of ours")
    return number


def _behind(after: str | None) -> service.Place | None:
    if after is None:
        return None
    parts = http.read_page_key(after, parts=3)
    try:
        urgency, opened_at, task_id = msgspec.convert(parts, tuple[tasks.Urgency, Instant, Id])
    except msgspec.ValidationError as error:
        raise Invalid(reason="the page key is not one of ours") from error
    return service.Place(urgency, opened_at, task_id)
