"""Doors of promises: clocks, policy sets and the calendar, for the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.promises import service
from api.promises.store import Key
from schemas import promises
from schemas.base import Id, Instant, Shape, rfc3339
from schemas.crews import OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of
from schemas.rules import clocks

_SUPERVISION: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR)

blueprint = Blueprint("promises", __name__, url_prefix="/v1", description="Promises to customers")


class ClockQuery(http.PageQuery):
    """Which clocks to list: by how they stand, when they are due, and whose they are."""

    standing: promises.Standing | None = None
    state: clocks.State | None = None
    due_before: Instant | None = None
    crew_id: Id | None = None
    subject_id: Id | None = None


class PolicyList(Shape):
    """Every policy set that this server knows."""

    items: list[promises.PolicySet]


class ChoiceList(Shape):
    """Which policy sets the district promises by, the latest first."""

    items: list[promises.PolicyChoice]


@blueprint.route("/promises")
class Clocks(MethodView):
    """Promises of the district."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(ClockQuery), location="query")
    @blueprint.response(200, page_form_of(promises.Clock))
    def get(self, query: ClockQuery) -> http.Page:
        """List promises by when they are due; `standing=at_risk` and `overdue` need somebody."""
        rows = service.list_clocks(
            http.session(),
            act=http.act(),
            wanted=service.Wanted(
                standing=query.standing,
                state=query.state,
                due_before=query.due_before,
                crew_id=query.crew_id,
                subject_id=query.subject_id,
            ),
            after=_after(query),
            limit=query.limit + 1,
        )
        return _page(rows, query.limit, [(row.due_at, row.id) for row in rows])


@blueprint.route("/promises/<string(maxlength=64):clock_id>")
class OneClock(MethodView):
    """One promise."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(promises.Clock))
    def get(self, clock_id: str) -> promises.Clock:
        """Show a promise with its ledger: what changed it, when that happened, when we heard.

        Refusals: not-found.
        """
        return service.get_clock(http.session(), act=http.act(), clock_id=clock_id)


@blueprint.route("/policies")
class Policies(MethodView):
    """The policy sets that this server knows."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(PolicyList))
    def get(self) -> PolicyList:
        """List every policy set with its rows and their sources."""
        return PolicyList(items=service.list_sets())


@blueprint.route("/policies/<string(maxlength=64):name>")
class OnePolicy(MethodView):
    """One policy set."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(promises.PolicySet))
    def get(self, name: str) -> promises.PolicySet:
        """Show a policy set with the source of each row.

        Refusals: not-found.
        """
        return service.get_set(name)


@blueprint.route("/district-policies")
class Choices(MethodView):
    """Which policy sets the district promises by."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(ChoiceList))
    def get(self) -> ChoiceList:
        """List the district's choices, the latest first; without any, the default holds."""
        return ChoiceList(items=service.list_choices(http.session(), act=http.act()))

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(promises.PolicyChoice))
    @blueprint.response(200, form_of(promises.PolicyChoice))
    def put(self, choice: promises.PolicyChoice) -> promises.PolicyChoice:
        """Promise by a policy set for work opened from an instant on; open work keeps its own.

        Refusals: not-found.
        """
        return service.choose(http.session(), act=http.act(), choice=choice)


@blueprint.route("/calendar")
class Calendar(MethodView):
    """The office's table of days."""

    @http.door()
    @blueprint.response(200, form_of(promises.Calendar))
    def get(self) -> tuple[promises.Calendar, dict[str, str]]:
        """Show weekly days off, holidays and make-up working days of every year."""
        return _tagged(service.get_calendar(http.session(), act=http.act()))


@blueprint.route("/calendar/years/<int(min=2000, max=2200):year>")
class Year(MethodView):
    """One year of the table."""

    @http.door(*_SUPERVISION)
    @blueprint.arguments(form_of(promises.CalendarYearDays))
    @blueprint.response(200, form_of(promises.Calendar))
    def put(
        self, days: promises.CalendarYearDays, year: int
    ) -> tuple[promises.Calendar, dict[str, str]]:
        """Put a year in the place of what stood there; publishing it settles provisional dates.

        Refusals: stale, day-not-in-year, day-twice.
        """
        edited = promises.CalendarYear(year=year, published=days.published, days=days.days)
        return _tagged(service.put_year(http.session(), act=http.act(), year=edited))


@blueprint.route("/calendar/weekend")
class Weekend(MethodView):
    """The weekly days off."""

    @http.door(*_SUPERVISION)
    @blueprint.arguments(form_of(promises.Weekend))
    @blueprint.response(200, form_of(promises.Calendar))
    def put(self, weekend: promises.Weekend) -> tuple[promises.Calendar, dict[str, str]]:
        """Set the weekly days off, Monday is 0.

        Refusals: stale.
        """
        return _tagged(service.set_weekend(http.session(), act=http.act(), weekend=weekend))


@blueprint.route("/calendar/holidays")
class Holidays(MethodView):
    """The public holidays of a country."""

    @http.door(*_SUPERVISION)
    @blueprint.arguments(form_of(promises.CalendarCountry), example={"country": "PL", "year": 2026})
    @blueprint.response(200, form_of(promises.Calendar))
    def post(self, body: promises.CalendarCountry) -> tuple[promises.Calendar, dict[str, str]]:
        """Fill in a year of a country's public holidays, and its weekly days off.

        Refusals: stale, country-not-known, year-not-published.
        """
        return _tagged(service.seed_country(http.session(), act=http.act(), body=body))


@blueprint.route("/calendar/china")
class China(MethodView):
    """China's published holidays."""

    @http.door(*_SUPERVISION)
    @blueprint.response(200, form_of(promises.Calendar))
    def post(self) -> tuple[promises.Calendar, dict[str, str]]:
        """Fill in China's holidays and make-up working days of 2024 to 2026.

        Refusals: stale.
        """
        return _tagged(service.seed_china(http.session(), act=http.act()))


def _page(rows: Sequence[Shape], limit: int, keys: Sequence[tuple[dt.datetime, str]]) -> http.Page:
    """Make a page of at most `limit` rows out of one row more."""
    if len(rows) <= limit:
        return http.Page(rows, None)
    at, row_id = keys[limit - 1]
    return http.Page(rows[:limit], http.page_key(rfc3339(at), row_id))


def _after(query: http.PageQuery) -> Key | None:
    """Read where the page starts.

    Raises:
        Invalid: the key is none that this door wrote.
    """
    after = http.read_moment_key(query.after)
    return None if after is None else Key(*after)


def _tagged(calendar: promises.Calendar) -> tuple[promises.Calendar, dict[str, str]]:
    return calendar, {"ETag": f'"{calendar.version}"'}
