"""Quotas: how often one person may ask for what costs much, or gives much away.

They are counted in the database, so that the limit is one for all workers, and before anything else
is done.
Uploads have allowances of their own (`evidence.allowances`) and syncs are counted in memory
(`sync.traffic`): neither is counted here.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Final, NamedTuple, ParamSpec, TypeVar

import flask

from api import http
from api.acts import Principal
from api.crews.identity import limits
from api.settings import Settings
from schemas.crews import Role

P = ParamSpec("P")
R = TypeVar("R")
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600


class Cost(enum.StrEnum):
    """What is counted."""

    SEARCH = "searches"
    """Customers and their meters by words, box or serial."""
    VIEW = "views"
    """A photo or an original; each has a line in the audit, too."""
    IMPORT = "imports"
    """A file of another system, taken in."""
    EXPORT = "exports"
    """Whatever is drawn or walked whole, without pages."""


class Quota(NamedTuple):
    """So many in a window; they may come in one burst, and then as the window refills."""

    allowed: int
    window_s: int


def quota_of(cost: Cost, *, principal: Principal, settings: Settings) -> Quota:
    """Tell how much somebody may ask for; an integration, which serves many, some times as much."""
    quota = _quota_of_person(cost, settings)
    if not principal.has(Role.INTEGRATION):
        return quota
    return quota._replace(allowed=quota.allowed * settings.integration_times)


def gate(
    cost: Cost, *roles: Role, writes: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view as `http.gate` does, and count what it costs; a quota that is spent is refused.

    The refusal is `too-many`, with `Retry-After`.

    Args:
        cost: what is counted.
        *roles: the roles that may enter; none named: everybody.
        writes: whether the view writes.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            _charge(cost)
            return view(*args, **kwargs)

        return http.gate(*roles, writes=writes)(counted)

    return wrap


def door(
    cost: Cost, *roles: Role, writes: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view as `http.door` does, and count what it costs before its unit of work begins.

    Args:
        cost: what is counted.
        *roles: the roles that may enter; none named: everybody.
        writes: whether the unit of work writes.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def opened(*args: P.args, **kwargs: P.kwargs) -> R:
            database = http.server().database
            work = database.unit_of_work if writes else database.reading
            with work() as session:
                flask.g.session = session
                return view(*args, **kwargs)

        return gate(cost, *roles, writes=writes)(opened)

    return wrap


def _charge(cost: Cost) -> None:
    """Count one, in a unit of work of its own: nobody searches while a row is held."""
    server, principal = http.server(), http.principal()
    quota = quota_of(cost, principal=principal, settings=server.settings)
    with server.database.unit_of_work() as session:
        limits.fill(
            session,
            name=f"{cost} of {principal.person_id}",
            share=1 / quota.allowed,
            window_s=quota.window_s,
            now=server.clock.now(),
        )


def _quota_of_person(cost: Cost, settings: Settings) -> Quota:
    match cost:
        case Cost.SEARCH:
            return Quota(settings.searches_per_minute, _MINUTE_S)
        case Cost.VIEW:
            return Quota(settings.views_per_hour, _HOUR_S)
        case Cost.IMPORT:
            return Quota(settings.imports_per_hour, _HOUR_S)
        case Cost.EXPORT:
            return Quota(settings.exports_per_hour, _HOUR_S)
