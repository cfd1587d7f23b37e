"""Doors for files from other systems."""

from __future__ import annotations

from typing import Any, Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews.identity import quotas
from api.sites.resources import views
from api.sites.service import files, intake
from schemas import sites as shapes
from schemas.base import Shape
from schemas.form import form_of, query_form_of
from schemas.rules.datums import Datum

blueprint = Blueprint(
    "imports", __name__, url_prefix="/v1/imports", description="Files from other systems"
)
_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string"}}
_CSV_EXAMPLE: Final = "id,name,kv,station\nF01,Lingshan,10,Lingshan 110 kV\n"


class ImportQuery(Shape):
    """How to take the file.

    `datum` is that of rows that name none; with `all_or_nothing` one refused row keeps every other
    out.
    """

    datum: Datum = Datum.wgs84
    all_or_nothing: bool = False


@blueprint.route(
    "/<any('areas','feeders','transformers','switches','service-points','meters'):what>"
)
class Imports(MethodView):
    """Files of one kind of place."""

    @quotas.door(quotas.Cost.IMPORT, *views.EDITORS, writes=True)
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {
                "text/csv": {**_TEXT, "example": _CSV_EXAMPLE},
                views.GEOJSON: {"schema": {"type": "object"}},
            },
        }
    )
    @blueprint.arguments(query_form_of(ImportQuery), location="query")
    @blueprint.response(200, form_of(shapes.ImportReport))
    def post(self, query: ImportQuery, what: str) -> shapes.ImportReport:
        """Take a CSV file (`text/csv`) or, for areas, feeders and service points, GeoJSON.

        Good rows go in and replace what has the same id; the report lists the refused ones.
        Refusals: bad-file, too-large, too-many.
        """
        flask.request.max_content_length = files.BYTES_MAX
        is_csv = flask.request.mimetype == "text/csv"
        take = intake.take_csv if is_csv else intake.take_geojson
        return take(
            http.session(),
            act=http.act(),
            what=shapes.Importable(what),
            data=flask.request.get_data(cache=False),
            datum=query.datum,
            all_or_nothing=query.all_or_nothing,
        )
