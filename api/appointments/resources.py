"""Doors of appointments: what a crew's calendar offers, and who has what of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from flask.views import MethodView
from flask_smorest import Blueprint
from msgspec import Meta

from api import http
from api.appointments import service
from api.appointments.store import Key
from api.errors import Invalid
from schemas import appointments as shapes
from schemas.base import Id, Instant, Shape, rfc3339
from schemas.crews import OFFICE, Role
from schemas.form import form_of, page_form_of, query_form_of

blueprint = Blueprint(
    "appointments", __name__, url_prefix="/v1", description="Slots of crews, given to customers"
)
_EXAMPLE = {
    "crew_id": "c1",
    "from_at": "2026-11-24T06:30:00Z",
    "customer": "Li Hua",
    "contact": "139 0000 0000",
    "words": "The crew comes on Tuesday between half past two and half past four.",
}


class SlotQuery(Shape):
    """Whose slots to list, from which local day on (today by default), for how many days."""

    crew_id: Id
    since: dt.date | None = None
    days: Annotated[int, Meta(ge=1, le=shapes.DAYS_MAX)] = 7


class AppointmentQuery(http.PageQuery):
    """Which appointments to list: whose, and when their slots begin."""

    crew_id: Id | None = None
    from_after: Instant | None = None
    from_before: Instant | None = None


@blueprint.route("/appointment-slots")
class Slots(MethodView):
    """Slots that can be given away."""

    @http.door(*OFFICE, Role.INTEGRATION)
    @blueprint.arguments(query_form_of(SlotQuery), location="query")
    @blueprint.response(200, form_of(shapes.SlotList))
    def get(self, query: SlotQuery) -> shapes.SlotList:
        """List the slots of a crew that still have a place, in their order.

        Refusals: not-found, crew-disbanded.
        """
        return service.list_slots(
            http.session(),
            act=http.act(),
            crew_id=query.crew_id,
            since=query.since,
            days=query.days,
        )


@blueprint.route("/appointments")
class Appointments(MethodView):
    """Appointments of the district."""

    @http.door(*OFFICE)
    @blueprint.arguments(query_form_of(AppointmentQuery), location="query")
    @blueprint.response(200, page_form_of(shapes.Appointment))
    def get(self, query: AppointmentQuery) -> http.Page:
        """List appointments by when their slots begin, each with its promise."""
        after = http.read_moment_key(query.after)
        rows = service.list_appointments(
            http.session(),
            act=http.act(),
            crew_id=query.crew_id,
            after=query.from_after,
            before=query.from_before,
            behind=None if after is None else Key(*after),
            limit=query.limit + 1,
        )
        if len(rows) <= query.limit:
            return http.Page(rows, None)
        last = rows[query.limit - 1]
        return http.Page(rows[: query.limit], http.page_key(rfc3339(last.from_at), last.id))

    @http.door(*OFFICE, Role.INTEGRATION)
    @blueprint.arguments(form_of(shapes.AppointmentDraft), example=_EXAMPLE)
    @blueprint.response(201, form_of(shapes.Appointment))
    def post(self, draft: shapes.AppointmentDraft) -> shapes.Appointment:
        """Give a slot to a customer; it is a promise from now on.

        Refusals: not-found, crew-disbanded, slot-not-offered, slot-full, order-done.
        """
        return service.book(http.session(), act=http.act(), draft=draft)


@blueprint.route("/appointments/<string(maxlength=64):appointment_id>")
class OneAppointment(MethodView):
    """One appointment."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(shapes.Appointment))
    def get(self, appointment_id: str) -> shapes.Appointment:
        """Show an appointment with its promise.

        Refusals: not-found.
        """
        return service.get_appointment(
            http.session(), act=http.act(), appointment_id=appointment_id
        )


@blueprint.route("/appointments/<string(maxlength=64):appointment_id>/move")
class Moving(MethodView):
    """Another slot."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(shapes.Moved),
        example={
            "crew_id": "c1",
            "from_at": "2026-11-25T00:30:00Z",
            "words": "Wednesday morning instead.",
            "consent": {"name": "Li Hua", "how": "spoken"},
            "why": "the customer is at the hospital on Tuesday",
        },
    )
    @blueprint.response(200, form_of(shapes.Appointment))
    def post(self, body: shapes.Moved, appointment_id: str) -> shapes.Appointment:
        """Exchange the slot for another with the customer's consent, before it is due.

        Refusals: not-found, crew-disbanded, appointment-over, slot-not-offered, slot-full,
        reason-not-concrete, promise-over, promise-settled.
        """
        return service.move(
            http.session(), act=http.act(), appointment_id=appointment_id, body=body
        )


@blueprint.route("/appointments/<string(maxlength=64):appointment_id>/cancel")
class Cancelling(MethodView):
    """Nobody needs to come."""

    @http.door(*OFFICE)
    @blueprint.arguments(
        form_of(shapes.AppointmentCancelled), example={"why": "the customer moved away"}
    )
    @blueprint.response(200, form_of(shapes.Appointment))
    def post(self, body: shapes.AppointmentCancelled, appointment_id: str) -> shapes.Appointment:
        """Give the slot back, before it is due.

        Refusals: not-found, appointment-over, reason-not-concrete, promise-over, promise-settled.
        """
        return service.cancel(
            http.session(), act=http.act(), appointment_id=appointment_id, body=body
        )


@blueprint.route("/crews/<string(maxlength=64):crew_id>/days-off")
class DaysOff(MethodView):
    """Days on which a crew does not come."""

    @http.door(*OFFICE)
    @blueprint.response(200, form_of(shapes.DayOffList))
    def get(self, crew_id: str) -> shapes.DayOffList:
        """List the days on which a crew does not come, from today on.

        Refusals: not-found.
        """
        return service.list_days_off(http.session(), act=http.act(), crew_id=crew_id)


@blueprint.route("/crews/<string(maxlength=64):crew_id>/days-off/<string(maxlength=10):day>")
class OneDayOff(MethodView):
    """A day on which a crew does not come."""

    @http.door(*OFFICE)
    @blueprint.arguments(form_of(shapes.DayOffReason), example={"why": "training at the depot"})
    @blueprint.response(200, form_of(shapes.DayOffList))
    def put(self, body: shapes.DayOffReason, crew_id: str, day: str) -> shapes.DayOffList:
        """Offer no slots of the crew on a day; what is booked already stays promised.

        Refusals: not-found, crew-disbanded, invalid, reason-not-concrete.
        """
        return service.take_day_off(
            http.session(), act=http.act(), crew_id=crew_id, day=_day(day), body=body
        )

    @http.door(*OFFICE)
    @blueprint.response(204)
    def delete(self, crew_id: str, day: str) -> None:
        """Offer the slots of a day again.

        Refusals: not-found, invalid.
        """
        service.work_day_off(http.session(), act=http.act(), crew_id=crew_id, day=_day(day))


def _day(text: str) -> dt.date:
    """Read a day of an address.

    Raises:
        Invalid: it is none.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(reason=f"{text} is no day") from error
