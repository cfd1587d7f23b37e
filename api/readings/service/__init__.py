"""The face of readings: what other capabilities, the doors and the phones call."""

from api.readings.service.abnormal import AbnormalClosed, list_abnormal
from api.readings.service.abnormal import close as close_abnormal
from api.readings.service.abnormal import find as find_abnormal
from api.readings.service.abnormal import take as take_abnormal
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
from api.readings.service.interchange.exporting import (
    NotATable,
    TooMuchToExport,
    export_readings,
    export_route,
)
from api.readings.service.interchange.importing import (
    MeterNotThere,
    QualityContradicts,
    RegisterMissing,
    take_readings,
)
from api.readings.service.interchange.routes import SequenceTwice, take_routes
from api.readings.service.interchange.rows import SourceDiffers
from api.readings.service.moving import (
    MovedNowhere,
    RereadStays,
    RouteNotWalked,
    StopNotOpen,
    move_stops,
)
from api.readings.service.ordering import OrderNotOfRoute, propose_order, set_order
from api.readings.service.planning import MeterRemoved, MeterTwice, plan_route, retire_routes
from api.readings.service.rereads import ask as ask_rereads
from api.readings.service.rereads import list_rereads, precision
from api.readings.service.rereads import plan as plan_rereads
from api.readings.service.reuse import flag_reused_photos
from api.readings.service.sampling import draw as draw_samples
from api.readings.service.stops import get_stop, load_stops
from api.readings.service.sweeping import Change, Trial, try_out
from api.readings.service.taking import RouteMovedOn, StopMoved, skip, take
from api.readings.service.thresholds import BadThresholds
from api.readings.service.thresholds import read as read_thresholds
from api.readings.service.values import (
    NotOnRegister,
    TooManyDecimals,
    TooManyDigits,
    UnknownRegister,
)
from api.readings.service.windows import pack_missing as pack_windows

__all__ = [
    "AbnormalClosed",
    "BadThresholds",
    "Change",
    "EstimatorUnnamed",
    "EventAboutNothing",
    "MeterNotThere",
    "MeterRemoved",
    "MeterTwice",
    "MovedNowhere",
    "NotATable",
    "NotOnRegister",
    "NotReadAtDesk",
    "OrderNotOfRoute",
    "QualityContradicts",
    "RegisterMissing",
    "RereadStays",
    "RouteMovedOn",
    "RouteNotWalked",
    "SequenceTwice",
    "SourceDiffers",
    "StopMoved",
    "StopNotOpen",
    "TooManyDecimals",
    "TooManyDigits",
    "TooMuchToExport",
    "Trial",
    "UnknownRegister",
    "ask_rereads",
    "close_abnormal",
    "day_bounds",
    "draw_route",
    "draw_samples",
    "enter",
    "event_view",
    "export_readings",
    "export_route",
    "find_abnormal",
    "flag_readings",
    "flag_reused_photos",
    "get_route",
    "get_stop",
    "list_abnormal",
    "list_events",
    "list_flags",
    "list_readings",
    "list_readings_of_meter",
    "list_rereads",
    "list_routes",
    "list_stops",
    "load_stops",
    "move_stops",
    "pack_windows",
    "plan_rereads",
    "plan_route",
    "precision",
    "propose_order",
    "read_thresholds",
    "record_event",
    "retire_routes",
    "set_order",
    "skip",
    "take",
    "take_abnormal",
    "take_readings",
    "take_routes",
    "try_out",
    "view",
]
