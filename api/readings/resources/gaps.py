"""Door of photos that policy asks for and that did not come."""

from __future__ import annotations

from typing import Final

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.readings import service, store
from api.readings.resources import pages
from schemas import crews, evidence_gaps, form
from schemas.base import Id

OFFICE: Final = tuple(sorted(crews.OFFICE))

blueprint = Blueprint(
    "evidence-gaps",
    __name__,
    url_prefix="/v1/evidence-gaps",
    description="Photos that the district's policy asks for and that did not come",
)


class GapQuery(http.PageQuery):
    """Which missing photos to list."""

    kind: evidence_gaps.GapKind | None = None
    meter_id: Id | None = None
    reader_id: Id | None = None


@blueprint.route("")
class Gaps(MethodView):
    """Missing photos."""

    @http.door(*OFFICE)
    @blueprint.arguments(form.query_form_of(GapQuery), location="query")
    @blueprint.response(200, form.page_form_of(evidence_gaps.EvidenceGap))
    def get(self, query: GapQuery) -> http.Page:
        """List skips and confirmed values without the photo that policy asks for, latest first.

        A photo of the meter that comes later takes its entry off.
        """
        rows = service.list_gaps(
            http.session(),
            act=http.act(),
            chosen=store.GapFilter(
                kind=query.kind, meter_id=query.meter_id, reader_id=query.reader_id
            ),
            after=pages.after(query),
            limit=query.limit + 1,
        )
        return pages.page(rows, limit=query.limit, key=lambda row: (row.happened_at, row.id))
