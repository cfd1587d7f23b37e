"""Doors of insight: figures, the rows that they count, their past, and reports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.errors import Invalid
from api.insight import service, store
from api.insight.paper import lines, page, workbook
from api.insight.paper.named import Lang, Named
from schemas import figures
from schemas.base import Id, Instant, Shape, rfc3339
from schemas.crews import OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of
from schemas.rules.periods import Grain

_READERS: Final = (*OFFICE, Role.INTEGRATION)
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9._-]")
_Group = Annotated[str, Meta(max_length=figures.GROUP_CHARS_MAX, pattern=r"^[^\x00]*$")]

blueprint = Blueprint(
    "figures", __name__, url_prefix="/v1", description="Figures of service, and reports"
)


class FigureQuery(Shape):
    """Whose figure, of which local days, as known when, broken down by what."""

    first_day: dt.date
    last_day: dt.date
    unit_id: Id | None = None
    as_of: Instant | None = None
    by: figures.By | None = None


class PastQuery(Shape):
    """Whose past, of which local days, as known when, in which parts."""

    first_day: dt.date
    last_day: dt.date
    unit_id: Id | None = None
    as_of: Instant | None = None
    grain: Grain = Grain.day


class RowQuery(http.PageQuery):
    """Which rows: of a figure, and of one group where `by` is given; no `group` is that of none."""

    first_day: dt.date
    last_day: dt.date
    unit_id: Id | None = None
    as_of: Instant | None = None
    by: figures.By | None = None
    group: _Group | None = None


class Format(StrEnum):
    """What a report is written as."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"


class ReportQuery(Shape):
    """Whose report, as known when, in which form and language."""

    unit_id: Id | None = None
    as_of: Instant | None = None
    format: Format = Format.json
    lang: Lang = Lang.en


@blueprint.route("/figures")
class Figures(MethodView):
    """The figures that this server knows."""

    @http.door(*_READERS)
    @blueprint.response(200, form_of(figures.DefinitionList))
    def get(self) -> figures.DefinitionList:
        """List every figure: what it counts, and what its numerator and denominator hold."""
        return figures.DefinitionList(items=list(service.DEFINITIONS.values()))


@blueprint.route("/figures/<string(maxlength=64):code>")
class OneFigure(MethodView):
    """One figure."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(FigureQuery), location="query")
    @blueprint.response(200, form_of(figures.Figure))
    def get(self, query: FigureQuery, code: str) -> figures.Figure:
        """Give a figure of a unit and a period, beside the period before; by groups with places.

        Refusals: not-found, period-odd, figure-is-live, as-of-ahead, not-broken-down.
        """
        return service.get_figure(
            http.session(), act=http.act(), code=code, question=_question(query), by=query.by
        )


@blueprint.route("/figures/<string(maxlength=64):code>/past")
class Past(MethodView):
    """A figure against its own past."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(PastQuery), location="query")
    @blueprint.response(200, form_of(figures.Past))
    def get(self, query: PastQuery, code: str) -> figures.Past:
        """Give a figure of each day, week or month of a period.

        Refusals: not-found, period-odd, figure-is-live, as-of-ahead, too-many-points.
        """
        return service.get_past(
            http.session(), act=http.act(), code=code, question=_question(query), grain=query.grain
        )


@blueprint.route(
    "/figures/<string(maxlength=64):code>/<any(numerator, denominator, undecided):part>"
)
class Rows(MethodView):
    """The rows behind a figure."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(RowQuery), location="query")
    @blueprint.response(200, page_form_of(figures.Row))
    def get(self, query: RowQuery, code: str, part: str) -> http.Page:
        """List the rows that the numerator or the denominator counts, or that are undecided yet.

        Refusals: not-found, period-odd, figure-is-live, as-of-ahead, not-broken-down.
        """
        rows = service.list_rows(
            http.session(),
            act=http.act(),
            code=code,
            question=_question(query),
            opened=service.Opened(figures.Part(part), query.by, query.group),
            after=_after(query),
            limit=query.limit + 1,
        )
        if len(rows) <= query.limit:
            return http.Page(rows, None)
        last = rows[query.limit - 1]
        key = http.page_key(last.district_id, rfc3339(last.at), last.id)
        return http.Page(rows[: query.limit], key)


@blueprint.route("/reports")
class Reports(MethodView):
    """Reports that were issued."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(figures.IssuedReport))
    def get(self, query: http.PageQuery) -> http.Page:
        """List the district's reports as they were issued, with their hashes, the latest first."""
        before = http.read_moment_key(query.after)
        rows = service.list_issued(
            http.session(),
            act=http.act(),
            before=None if before is None else store.Place(*before),
            limit=query.limit + 1,
        )
        if len(rows) <= query.limit:
            return http.Page(rows, None)
        last = rows[query.limit - 1]
        return http.Page(rows[: query.limit], http.page_key(rfc3339(last.issued_at), last.id))


@blueprint.route("/reports/<any(weekly, monthly):span>/<string(maxlength=10):day>")
class OneReport(MethodView):
    """One report."""

    @http.door(*_READERS)
    @blueprint.arguments(query_form_of(ReportQuery), location="query")
    @blueprint.doc(
        responses={
            "200": {
                "description": "The report; its ETag is the SHA-256 of its JSON.",
                "content": {
                    kind: {"schema": {"type": "string", "format": "binary"}}
                    for kind in ("application/json", "text/csv", _XLSX, "text/html")
                },
            }
        }
    )
    def get(self, query: ReportQuery, span: str, day: str) -> flask.Response:
        """Give the report of the week or month in which a day lies: as issued, or as of an instant.

        The same unit, period and `as_of` give the same JSON.
        Refusals: not-found, invalid, period-odd, report-too-soon.
        """
        wanted = service.Wanted(
            unit_id=query.unit_id,
            span=figures.Span(span),
            day=_day(day),
            as_of=query.as_of,
        )
        found = service.find(http.session(), act=http.act(), wanted=wanted)
        return _written(found, query.format, query.lang)


def _question(query: FigureQuery | PastQuery | RowQuery) -> service.Question:
    return service.Question(
        unit_id=query.unit_id,
        first_day=query.first_day,
        last_day=query.last_day,
        as_of=query.as_of,
    )


def _after(query: RowQuery) -> service.Key | None:
    """Read where the page starts.

    Raises:
        Invalid: the key is none that this door wrote.
    """
    if query.after is None:
        return None
    district_id, at, row_id = http.read_page_key(query.after, parts=3)
    return service.Key(str(district_id), store.Key(http.read_page_instant(at), str(row_id)))


def _day(text: str) -> dt.date:
    """Read the day of an address.

    Raises:
        Invalid: it is none.
    """
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise Invalid(reason="the day is not written as 2025-10-01") from error


_Writer = Callable[[service.Composed, Named], bytes]
_FORMATS: Final[Mapping[Format, tuple[str, _Writer]]] = MappingProxyType(
    {
        Format.json: ("application/json", lambda found, _: found.body),
        Format.csv: ("text/csv", lambda found, named: lines.as_csv(found.report, named)),
        Format.xlsx: (_XLSX, lambda found, named: workbook.as_xlsx(found.report, named)),
        Format.html: (
            "text/html",
            lambda found, named: page.as_page(found.report, named, sha256=found.sha256),
        ),
    }
)


def _written(found: service.Composed, wanted: Format, lang: Lang) -> flask.Response:
    """Write a report as it was asked for; a page is shown, the rest is kept as a file."""
    report = found.report
    unit, groups = service.names_for(http.session(), act=http.act(), report=report)
    named = Named(lang=lang, unit=unit, definitions=service.DEFINITIONS, groups=groups)
    media_type, write = _FORMATS[wanted]
    response = flask.Response(write(found, named), content_type=media_type)
    response.headers.update(_SAFE)
    response.set_etag(found.sha256)
    if wanted is not Format.html:
        stem = _UNUSUAL.sub("-", report.unit_id)
        name = f"{stem}-{report.span}-{report.first_day}.{wanted}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
