"""Doors of the grid: feeders, transformers and switches."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.sites import service
from api.sites.models import Switch, Transformer
from api.sites.resources import views
from api.sites.service import geojson, listing
from schemas import sites as shapes
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "grid", __name__, url_prefix="/v1", description="Feeders, transformers and switches"
)


@blueprint.route("/feeders")
class Feeders(MethodView):
    """Feeders of the district."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.Feeder))
    def get(self, query: http.PageQuery) -> http.Page:
        """List feeders."""
        rows = listing.feeders(
            http.session(),
            district_id=http.principal().district_id,
            after=views.after(query),
            limit=query.limit + 1,
        )
        return views.page(rows, shapes.Feeder, limit=query.limit)


@blueprint.route("/feeders/geojson")
class FeedersDrawn(MethodView):
    """Feeders as a map."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, form_of(shapes.FeatureCollection), content_type=views.GEOJSON)
    def get(self, query: http.PageQuery) -> flask.Response:
        """Draw the feeders whose lines are known, in WGS-84."""
        rows = listing.drawn_feeders(
            http.session(),
            district_id=http.principal().district_id,
            after=views.after(query),
            limit=query.limit + 1,
        )
        key = views.next_key(rows, limit=query.limit)
        return views.drawn(geojson.of_feeders(rows[: query.limit], next_key=key))


@blueprint.route("/transformers")
class Transformers(MethodView):
    """Transformers of the district."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(views.MapQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.Transformer))
    def get(self, query: views.MapQuery) -> http.Page:
        """List transformers by box or feeder."""
        return views.page(_transformers(query), shapes.Transformer, limit=query.limit)


@blueprint.route("/transformers/geojson")
class TransformersDrawn(MethodView):
    """Transformers as a map."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(views.MapQuery), location="query")
    @blueprint.response(200, form_of(shapes.FeatureCollection), content_type=views.GEOJSON)
    def get(self, query: views.MapQuery) -> flask.Response:
        """Draw transformers, in WGS-84."""
        rows = _transformers(query)
        key = views.next_key(rows, limit=query.limit)
        return views.drawn(geojson.of_transformers(rows[: query.limit], next_key=key))


@blueprint.route("/transformers/<string(maxlength=64):transformer_id>")
class OneTransformer(MethodView):
    """One transformer."""

    @http.door(*views.READERS)
    @blueprint.response(200, form_of(shapes.Transformer))
    def get(self, transformer_id: str) -> shapes.Transformer:
        """Show a transformer."""
        district_id = http.principal().district_id
        row = service.get_transformer(
            http.session(), district_id=district_id, transformer_id=transformer_id
        )
        return views.one(row, shapes.Transformer)


@blueprint.route("/switches")
class Switches(MethodView):
    """Switches of the district."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(views.MapQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.Switch))
    def get(self, query: views.MapQuery) -> http.Page:
        """List switches and how they normally stand, by box or feeder."""
        return views.page(_switches(query), shapes.Switch, limit=query.limit)


@blueprint.route("/switches/geojson")
class SwitchesDrawn(MethodView):
    """Switches as a map."""

    @http.door(*views.READERS)
    @blueprint.arguments(query_form_of(views.MapQuery), location="query")
    @blueprint.response(200, form_of(shapes.FeatureCollection), content_type=views.GEOJSON)
    def get(self, query: views.MapQuery) -> flask.Response:
        """Draw switches, in WGS-84."""
        rows = _switches(query)
        key = views.next_key(rows, limit=query.limit)
        return views.drawn(geojson.of_switches(rows[: query.limit], next_key=key))


def _transformers(query: views.MapQuery) -> Sequence[Transformer]:
    return listing.transformers(
        http.session(),
        district_id=http.principal().district_id,
        bbox=query.bbox,
        feeder_id=query.feeder_id,
        after=views.after(query),
        limit=query.limit + 1,
    )


def _switches(query: views.MapQuery) -> Sequence[Switch]:
    return listing.switches(
        http.session(),
        district_id=http.principal().district_id,
        bbox=query.bbox,
        feeder_id=query.feeder_id,
        after=views.after(query),
        limit=query.limit + 1,
    )
