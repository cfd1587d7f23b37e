"""Doors of supervision cases (督办): seen, taken up, raised, closed; and what they cost."""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.supervision import service
from api.supervision.resources import pages
from schemas import supervision
from schemas.base import Id, Instant, Shape
from schemas.crews import OFFICE
from schemas.form import form_of, page_form_of, query_form_of

_ONE: Final = "/<string(maxlength=64):case_id>"

blueprint = Blueprint(
    "supervision",
    __name__,
    url_prefix="/v1/supervision",
    description="Cases of broken promises, which climb until somebody acts",
)


class CaseQuery(http.PageQuery):
    """Which supervision cases to list; `unit_id` asks for those that stand at a unit."""

    state: supervision.CaseState | None = None
    unit_id: Id | None = None
    subject_id: Id | None = None
    crew_id: Id | None = None
    major: bool | None = None


class PointsQuery(Shape):
    """Whose breach points, of promises that fell due from an instant on and before another."""

    by: supervision.Counted
    from_at: Instant
    until_at: Instant
    unit_id: Id | None = None


@blueprint.route("")
class Cases(MethodView):
    """Supervision cases of the district, or of those beneath a unit."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(CaseQuery), location="query")
    @blueprint.response(200, page_form_of(supervision.Supervision))
    def get(self, query: CaseQuery) -> http.Page:
        """List supervision cases by when they were opened.

        Refusals: not-found.
        """
        rows = service.list_cases(
            http.session(),
            act=http.act(),
            wanted=service.Wanted(
                state=query.state,
                unit_id=query.unit_id,
                subject_id=query.subject_id,
                crew_id=query.crew_id,
                major=query.major,
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, query.limit, [(row.opened_at, row.id) for row in rows])


@blueprint.route("/points")
class BreachPoints(MethodView):
    """Breach points."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(PointsQuery), location="query")
    @blueprint.response(200, form_of(supervision.PointsList))
    def get(self, query: PointsQuery) -> supervision.PointsList:
        """Add up breach points by unit, crew or person; what is cleared or excused counts nowhere.

        Refusals: not-found.
        """
        items = service.list_points(
            http.session(),
            act=http.act(),
            by=query.by,
            period=service.Period(from_at=query.from_at, until_at=query.until_at),
            unit_id=query.unit_id,
        )
        return supervision.PointsList(items=items)


@blueprint.route(_ONE)
class OneCase(MethodView):
    """One supervision case."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(supervision.Supervision))
    def get(self, case_id: str) -> supervision.Supervision:
        """Show a supervision case with its record, its appeals and its corrective actions.

        Refusals: not-found.
        """
        return service.get_case(http.session(), act=http.act(), case_id=case_id)


@blueprint.route(f"{_ONE}/acknowledge")
class Acknowledging(MethodView):
    """A supervisor takes a case up."""

    @http.door(*pages.LEADS)
    @blueprint.arguments(form_of(supervision.CaseTaken), example={"remark": "second van sent"})
    @blueprint.response(200, form_of(supervision.Supervision))
    def post(self, body: supervision.CaseTaken, case_id: str) -> supervision.Supervision:
        """Say that the case was seen, and what will be done; it climbs until that is done.

        Refusals: not-found, case-settled.
        """
        return service.acknowledge(http.session(), act=http.act(), case_id=case_id, body=body)


@blueprint.route(f"{_ONE}/raise")
class Raising(MethodView):
    """A case climbs at once."""

    @http.door(*pages.LEADS)
    @blueprint.arguments(
        form_of(supervision.CaseRaised),
        example={"level": "province", "reason": "the hospital is on its generator"},
    )
    @blueprint.response(200, form_of(supervision.Supervision))
    def post(self, body: supervision.CaseRaised, case_id: str) -> supervision.Supervision:
        """Let a case climb at once, for a concrete reason; by default to the next level.

        Refusals: not-found, case-settled, reason-not-concrete, at-the-top.
        """
        case = service.raise_case(http.session(), act=http.act(), case_id=case_id, body=body)
        return service.whole(http.session(), act=http.act(), case=case)


@blueprint.route(f"{_ONE}/close")
class Closing(MethodView):
    """A case ends."""

    @http.door(*pages.LEADS)
    @blueprint.arguments(
        form_of(supervision.CaseClosed), example={"done": "light back at 16:10, crew 2 helped"}
    )
    @blueprint.response(200, form_of(supervision.Supervision))
    def post(self, body: supervision.CaseClosed, case_id: str) -> supervision.Supervision:
        """Close a case with what was done, once what was promised has come or was withdrawn.

        Refusals: not-found, case-settled, reason-not-concrete, still-overdue, appeal-pending.
        """
        return service.close(http.session(), act=http.act(), case_id=case_id, body=body)
