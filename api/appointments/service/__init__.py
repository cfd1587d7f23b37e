"""The way into appointments."""

from api.appointments.service.booking import (
    AppointmentOver,
    SlotFull,
    SlotNotOffered,
    book,
    cancel,
    get_appointment,
    list_appointments,
    move,
)
from api.appointments.service.offering import list_days_off, list_slots, take_day_off, work_day_off

__all__ = [
    "AppointmentOver",
    "SlotFull",
    "SlotNotOffered",
    "book",
    "cancel",
    "get_appointment",
    "list_appointments",
    "list_days_off",
    "list_slots",
    "move",
    "take_day_off",
    "work_day_off",
]
