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
from api.readings.service.reuse import flag_reused_photos
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
    "day_bounds",
    "draw_route",
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
    "list_routes",
    "list_stops",
    "load_stops",
    "plan_route",
    "record_event",
    "retire_routes",
    "skip",
    "take",
    "view",
]
