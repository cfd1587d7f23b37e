"""Doors of signing in and out."""

from __future__ import annotations

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews.identity import Identity, sources
from schemas import crews as shapes
from schemas.form import form_of

blueprint = Blueprint(
    "sessions", __name__, url_prefix="/v1/sessions", description="Signing in and out"
)


def identity() -> Identity:
    """Give the identity that this application was made with."""
    found = flask.current_app.extensions["lamplighter.identity"]
    assert isinstance(found, Identity)
    return found


@blueprint.route("")
class Sessions(MethodView):
    """Sign in."""

    @blueprint.arguments(form_of(shapes.SignIn))
    @blueprint.response(201, form_of(shapes.Tokens))
    def post(self, asked: shapes.SignIn) -> shapes.Tokens:
        """Sign in by password.

        With a proof (`DPoP`) the tokens are bound to its key.
        Refusals: wrong-password, too-many, busy, device-revoked, not-found, proof-wrong,
        proof-stale, proof-used.
        """
        server = http.server()
        source = sources.find_source(
            peer=flask.request.remote_addr,
            forwarded=flask.request.headers.getlist("X-Forwarded-For"),
            trusted_proxies=server.settings.trusted_proxies,
        )
        return identity().sign_in(
            server.database,
            asked=asked,
            now=server.clock.now(),
            proof=http.proof(writes=True),
            source=source,
        )


@blueprint.route("/refresh")
class Refreshing(MethodView):
    """Exchange a refresh token."""

    @blueprint.arguments(form_of(shapes.Refresh))
    @blueprint.response(201, form_of(shapes.Tokens))
    def post(self, asked: shapes.Refresh) -> shapes.Tokens:
        """Exchange a refresh token for new tokens; repeat it when the answer was lost.

        Refusals: not-signed-in, device-revoked, token-reused, proof-needed, proof-wrong,
        proof-stale, proof-used.
        """
        server = http.server()
        return identity().refresh(
            server.database, asked=asked, now=server.clock.now(), proof=http.proof(writes=True)
        )


@blueprint.route("/current")
class Current(MethodView):
    """The sign-in behind the access token."""

    @http.open_door
    @blueprint.doc(security=http.SECURITY)
    @blueprint.response(204)
    def delete(self) -> None:
        """Sign out: end this sign-in's access and refresh tokens.

        Refusals: not-signed-in, proof-needed, proof-wrong, proof-stale, proof-used.
        """
        identity().sign_out(
            http.session(),
            token=http.token(),
            now=http.server().clock.now(),
            proof=http.proof(writes=True),
        )
