"""Doors of custody, for whoever audits: the checkpoints of a district, and the public keys."""

from __future__ import annotations

import msgspec
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.custody import service
from api.errors import Invalid
from schemas import custody
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

_AUDITORS = (Role.SUPERVISOR, Role.ADMINISTRATOR)

blueprint = Blueprint(
    "custody", __name__, url_prefix="/v1/custody", description="Signed checkpoints"
)


@blueprint.route("/checkpoints")
class Checkpoints(MethodView):
    """The checkpoints of a district."""

    @http.door(*_AUDITORS)
    @blueprint.arguments(query_form_of(http.PageQuery), location="query")
    @blueprint.response(200, page_form_of(custody.Checkpoint))
    def get(self, query: http.PageQuery) -> http.Page:
        """List the district's checkpoints, the newest first, each with the text that was signed."""
        found = service.list_checkpoints(
            http.session(), act=http.act(), before=_number(query.after), limit=query.limit + 1
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        return http.Page(shown, http.page_key(shown[-1].number) if more else None)


@blueprint.route("/keys")
class Keys(MethodView):
    """The public keys of checkpoints."""

    @http.door(*_AUDITORS)
    @blueprint.response(200, form_of(custody.PublicKeys))
    def get(self) -> custody.PublicKeys:
        """List every public key that ever signed checkpoints here, the first one first."""
        return service.list_keys(http.session())


def _number(key: str | None) -> int | None:
    """Read where a page of checkpoints starts."""
    if key is None:
        return None
    (number,) = http.read_page_key(key, parts=1)
    try:
        return msgspec.convert(number, custody.Number)
    except msgspec.ValidationError as error:
        raise Invalid(reason="the page key is not one of ours") from error
