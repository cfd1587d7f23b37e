"""Doors of devices."""

from __future__ import annotations

from flask.views import MethodView
from flask_smorest import Blueprint

from api import http
from api.crews import service
from api.crews.resources import pages
from api.crews.resources.sessions import identity
from api.crews.service import devices
from schemas import crews as shapes
from schemas.base import Id
from schemas.crews import Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "devices", __name__, url_prefix="/v1/devices", description="Phones and handhelds"
)


class DevicesQuery(http.PageQuery):
    """Which devices to list."""

    person_id: Id | None = None


class UnsyncedQuery(http.PageQuery):
    """Whose devices to list: of one unit and those beneath it, or of the district."""

    unit_id: Id | None = None


@blueprint.route("")
class Devices(MethodView):
    """The devices of a district."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(DevicesQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.DeviceView))
    def get(self, query: DevicesQuery) -> http.Page:
        """List devices with when they were heard of and what they had not sent then."""
        found = service.list_devices(
            http.session(),
            act=http.act(),
            person_id=query.person_id,
            after_id=pages.after_text(query.after),
            limit=query.limit,
        )
        following = http.page_key(found[-1].id) if len(found) == query.limit else None
        return http.Page([devices.view(device) for device in found], following)

    @http.door()
    @blueprint.arguments(form_of(shapes.Enrolment))
    @blueprint.response(201, form_of(shapes.Enrolled))
    def post(self, asked: shapes.Enrolment) -> shapes.Enrolled:
        """Enrol a device and get tokens bound to it; repeat it with the same id and key if need be.

        Refusals: not-found, device-revoked, device-key-wrong, device-key-differs,
        too-many-devices.
        """
        return identity().enrol(http.session(), act=http.act(), asked=asked)


@blueprint.route("/unsynced")
class UnsyncedDevices(MethodView):
    """The devices that have work which has not arrived."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(query_form_of(UnsyncedQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.DeviceView))
    def get(self, query: UnsyncedQuery) -> http.Page:
        """List devices that said they had work unsent, the longest unheard first.

        Refusals: not-found.
        """
        found = devices.list_unsynced(
            http.session(),
            act=http.act(),
            unit_id=query.unit_id,
            after=pages.after_instant(query.after),
            limit=query.limit,
        )
        last = found[-1] if len(found) == query.limit else None
        following = http.page_key(last.covered_until, last.id) if last else None
        return http.Page([devices.view(device) for device in found], following)


@blueprint.route("/<string(maxlength=64):device_id>")
class OneDevice(MethodView):
    """A device."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.DeviceView))
    def get(self, device_id: str) -> shapes.DeviceView:
        """Show a device.

        Refusals: not-found.
        """
        found = service.get_device_of_district(http.session(), act=http.act(), device_id=device_id)
        return devices.view(found)

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.response(200, form_of(shapes.DeviceView))
    def delete(self, device_id: str) -> shapes.DeviceView:
        """Revoke a device: every door answers it device-revoked, which tells it to wipe.

        Refusals: not-found.
        """
        return devices.view(service.revoke(http.session(), act=http.act(), device_id=device_id))


@blueprint.route("/<string(maxlength=64):device_id>/new-key")
class NewKey(MethodView):
    """Another key for a device that has lost its own."""

    @http.door(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
    @blueprint.arguments(form_of(shapes.NewKey))
    @blueprint.response(200, form_of(shapes.DeviceView))
    def post(self, asked: shapes.NewKey, device_id: str) -> shapes.DeviceView:
        """Let its person enrol it with another key within a day, once, for a concrete reason.

        Refusals: not-found, device-revoked, new-key-reason-vague.
        """
        allowed = devices.allow_new_key(
            http.session(), act=http.act(), device_id=device_id, reason=asked.reason
        )
        return devices.view(allowed)
