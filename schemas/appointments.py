"""Appointments: slots of a crew's calendar, one of them promised to a customer."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Id, Instant, Shape, Text
from schemas.customer_promises import Consent, ContactWay, CustomerPromise, Said

DAYS_MAX: Final = 31
"""The most days whose slots are listed at once."""


class OfferedSlot(Shape):
    """A slot in which a crew can still come, and how many appointments it takes yet."""

    crew_id: Id
    from_at: Instant
    due_at: Instant
    left: int


class SlotList(Shape):
    """Slots that can be given away, in their order."""

    items: list[OfferedSlot]


class AppointmentDraft(Shape):
    """A slot for a customer, on an order or before there is one."""

    crew_id: Id
    from_at: Instant
    task_id: Id | None = None
    service_point_id: Id | None = None
    customer: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    contact: Text = ""
    channel: ContactWay = ContactWay.PHONE
    words: Said


class Moved(Shape):
    """Another slot, with the customer's consent, for a concrete reason."""

    crew_id: Id
    from_at: Instant
    channel: ContactWay = ContactWay.PHONE
    words: Said
    consent: Consent
    why: Text


class AppointmentCancelled(Shape):
    """Nobody needs to come, for a concrete reason."""

    why: Text


class AppointmentState(StrEnum):
    """How an appointment stands; `moved` when the customer agreed on a time outside its slot."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Appointment(Shape):
    """A slot of a crew that was promised to a customer, with the promise."""

    id: Id
    crew_id: Id
    from_at: Instant
    due_at: Instant
    state: AppointmentState
    booked_by: Id
    booked_at: Instant
    promise: CustomerPromise


class DayOff(Shape):
    """A local day on which a crew does not come, whatever its shifts say."""

    day: dt.date
    why: Text


class DayOffList(Shape):
    """The days on which a crew does not come, from today on."""

    items: list[DayOff]


class DayOffReason(Shape):
    """Why a crew does not come on a day."""

    why: Text
