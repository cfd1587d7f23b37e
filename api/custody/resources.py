"""Doors of custody, for whoever audits: the checkpoints of a district, and the public keys."""

from __future__ import annotations

import msgspec
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.custody import findings, service
from api.errors import Invalid
from schemas import custody
from schemas.base import rfc3339
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

_AUDITORS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


class FindingQuery(http.PageQuery):
    """Whether to list open findings (the default) or explained ones."""

    explained: bool = False


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


@blueprint.route("/findings")
class Findings(MethodView):
    """What phones were shown and the books do not have so."""

    @http.door(*_AUDITORS)
    @blueprint.arguments(query_form_of(FindingQuery), location="query")
    @blueprint.response(200, page_form_of(custody.Finding))
    def get(self, query: FindingQuery) -> http.Page:
        """List the district's findings, the newest first: open ones unless asked otherwise."""
        found = findings.list_findings(
            http.session(),
            act=http.act(),
            is_open=not query.explained,
            before=http.read_moment_key(query.after),
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        following = http.page_key(rfc3339(shown[-1].found_at), shown[-1].id) if more else None
        return http.Page(shown, following)


@blueprint.route("/findings/<string(maxlength=64):finding_id>/explanation")
class Explaining(MethodView):
    """How a finding came about."""

    @http.door(*_AUDITORS)
    @blueprint.arguments(form_of(custody.Explained))
    @blueprint.response(200, form_of(custody.Finding))
    def post(self, body: custody.Explained, finding_id: str) -> custody.Finding:
        """Explain a finding, such as a backup that was put back; it is open no longer.

        Refusals: not-found, finding-explained.
        """
        return findings.explain(http.session(), act=http.act(), finding_id=finding_id, body=body)


def _number(key: str | None) -> int | None:
    """Read where a page of checkpoints starts."""
    if key is None:
        return None
    (number,) = http.read_page_key(key, parts=1)
    try:
        return msgspec.convert(number, custody.Number)
    except msgspec.ValidationError as error:
        raise Invalid(reason="the page key is not one of ours") from error
