"""Doors of people."""

from __future__ import annotations

from typing import Final

import flask
from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews import service
from api.crews.models import Person
from api.crews.resources import pages
from api.crews.service import invitation, people
from api.errors import Invalid
from schemas import crews as shapes
from schemas.base import Id
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "people", __name__, url_prefix="/v1/people", description="People and their roles"
)
Tagged = tuple[shapes.PersonView, dict[str, str]]
_HOST_CHARS_MAX: Final = 260
"""The longest name of a host, and its port."""
_SVG: Final = {
    "description": "A QR code.",
    "content": {"image/svg+xml": {"schema": {"type": "string"}}},
}


class PeopleQuery(http.PageQuery):
    """Which people to list: those of a unit and beneath it, by default of the district."""

    unit_id: Id | None = None


@blueprint.route("")
class People(MethodView):
    """The people of a unit."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(PeopleQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.PersonView))
    def get(self, query: PeopleQuery) -> http.Page:
        """List people, those who have left too, in the order of their ids.

        Refusals: not-found.
        """
        found = service.list_people(
            http.session(),
            act=http.act(),
            unit_id=query.unit_id,
            after_id=pages.after_text(query.after),
            limit=query.limit,
        )
        following = http.page_key(found[-1].id) if len(found) == query.limit else None
        return http.Page([people.view(person) for person in found], following)

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.PersonDraft))
    @blueprint.response(201, form_of(shapes.PersonView))
    def post(self, draft: shapes.PersonDraft) -> Tagged:
        """Take somebody on.

        Refusals: not-found, login-taken, busy.
        """
        return _tagged(service.create_person(http.session(), act=http.act(), draft=draft))


@blueprint.route("/<string(maxlength=64):person_id>")
class OnePerson(MethodView):
    """A person."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.PersonView))
    def get(self, person_id: str) -> Tagged:
        """Show a person.

        Refusals: not-found.
        """
        return _tagged(service.get_person(http.session(), act=http.act(), person_id=person_id))

    @http.door(Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.PersonView))
    def delete(self, person_id: str) -> Tagged:
        """Let a person go: nothing that they are signed in with is valid any more.

        Refusals: not-found, own-rights, stale.
        """
        return _tagged(service.deactivate(http.session(), act=http.act(), person_id=person_id))


@blueprint.route("/<string(maxlength=64):person_id>/roles")
class RolesOfPerson(MethodView):
    """What a person may do."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.RolesChange))
    @blueprint.response(200, form_of(shapes.PersonView))
    def put(self, change: shapes.RolesChange, person_id: str) -> Tagged:
        """Give a person other roles, at once.

        Refusals: not-found, own-rights, stale.
        """
        person = service.change_roles(
            http.session(), act=http.act(), person_id=person_id, roles=change.roles
        )
        return _tagged(person)


@blueprint.route("/<string(maxlength=64):person_id>/password")
class PasswordOfPerson(MethodView):
    """What a person signs in with."""

    @http.door(Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.PasswordChange))
    @blueprint.response(200, form_of(shapes.PersonView))
    def put(self, change: shapes.PasswordChange, person_id: str) -> Tagged:
        """Give a person another password; everything that they are signed in with ends.

        Refusals: not-found, stale, busy.
        """
        person = service.change_password(
            http.session(), act=http.act(), person_id=person_id, password=change.password
        )
        return _tagged(person)


@blueprint.route("/<string(maxlength=64):person_id>/enrolment.svg")
class EnrolmentOfPerson(MethodView):
    """The way to the phone app for a person."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.doc(responses={"200": _SVG})
    def get(self, person_id: str) -> flask.Response:
        """Draw the code that leads a phone's camera to the app, with the login filled in.

        It holds no secret: whoever scans it still needs the password.
        Refusals: not-found, invalid.
        """
        person = service.get_person(http.session(), act=http.act(), person_id=person_id)
        address = invitation.address(public_url=_public_url(), login=person.login)
        response = flask.Response(invitation.drawn(address), mimetype="image/svg+xml")
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


def _public_url() -> str:
    """Give the address that phones are led to.

    Raises:
        Invalid: the request names a host that is none.
    """
    if http.server().settings.public_url:
        return http.server().settings.public_url
    if not 0 < len(flask.request.host) <= _HOST_CHARS_MAX:
        raise Invalid(reason="the Host header names no host")
    return flask.request.host_url.rstrip("/")


def _tagged(person: Person) -> Tagged:
    """Show a person with the version that `If-Match` takes."""
    return people.view(person), {"ETag": f'"{person.version}"'}
