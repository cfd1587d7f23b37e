"""The face of readings: what other capabilities, the doors and the phones call."""

from api.readings.service.browsing import (
    day_bounds,
    draw_route,
    event_view,
    get_route,
    list_events,
    list_flags,
    list_readings,
    list_readings_of_meter,
    list_routes,
    list_stops,
    view,
)
from api.readings.service.entering import (
    EstimatorUnnamed,
    EventAboutNothing,
    NotReadAtDesk,
    enter,
    record_event,
)
from api.readings.service.flagging import flag_readings
from api.readings.service.planning import MeterRemoved, MeterTwice, plan_route, retire_routes
from api.readings.service.rereads import ask as ask_rereads
from api.readings.service.rereads import list_rereads, precision
from api.readings.service.rereads import plan as plan_rereads
from api.readings.service.reuse import flag_reused_photos
from api.readings.service.sampling import draw as draw_samples
from api.readings.service.stops import get_stop, load_stops
from api.readings.service.taking import RouteMovedOn, known_of, skip, take
from api.readings.service.values import (
    NotOnRegister,
    TooManyDecimals,
    TooManyDigits,
    UnknownRegister,
)

__all__ = [
    "EstimatorUnnamed",
    "EventAboutNothing",
    "MeterRemoved",
    "MeterTwice",
    "NotOnRegister",
    "NotReadAtDesk",
    "RouteMovedOn",
    "TooManyDecimals",
    "TooManyDigits",
    "UnknownRegister",
    "ask_rereads",
    "day_bounds",
    "draw_route",
    "draw_samples",
    "enter",
    "event_view",
    "flag_readings",
    "flag_reused_photos",
    "get_route",
    "get_stop",
    "known_of",
    "list_events",
    "list_flags",
    "list_readings",
    "list_readings_of_meter",
    "list_rereads",
    "list_routes",
    "list_stops",
    "load_stops",
    "plan_rereads",
    "plan_route",
    "precision",
    "record_event",
    "retire_routes",
    "skip",
    "take",
    "view",
]
