"""The face of readings: what other capabilities, the doors and the phones call."""

from api.readings.service.abnormal import AbnormalClosed, list_abnormal
from api.readings.service.abnormal import close as close_abnormal
from api.readings.service.abnormal import find as find_abnormal
from api.readings.service.abnormal import open_found as open_abnormal
from api.readings.service.abnormal import sweep as sweep_abnormal
from api.readings.service.abnormal import take as take_abnormal
from api.readings.service.allowing import EstimatesUsedUp
from api.readings.service.browsing import (
    day_bounds,
    draw_route,
    event_view,
    get_reading,
    get_route,
    list_events,
    list_flags,
    list_readings,
    list_readings_of_meter,
    list_routes,
    list_stops,
    view,
)
from api.readings.service.correcting import NotCorrectedSo, correct
from api.readings.service.customers import take as take_customers
from api.readings.service.disputes import (
    AlreadyDisputed,
    CountsNoMore,
    KeyUsed,
    dispute,
    list_disputes,
)
from api.readings.service.disputes import follow as follow_disputes
from api.readings.service.entering import (
    EstimatorUnnamed,
    EventAboutNothing,
    NotReadAtDesk,
    enter,
    record_event,
)
from api.readings.service.estimating import (
    EstimateNotPossible,
    EstimateWithoutGround,
    show_estimate,
)
from api.readings.service.estimating import declare as estimate
from api.readings.service.flagging import flag_readings
from api.readings.service.gaps import list_gaps
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
from api.readings.service.proposing import VisitDecidedBefore
from api.readings.service.proposing import decide as decide_visit
from api.readings.service.proposing import find as propose_visits
from api.readings.service.proposing import list_proposals as list_visit_proposals
from api.readings.service.rereads import ask as ask_rereads
from api.readings.service.rereads import list_rereads, precision
from api.readings.service.rereads import plan as plan_rereads
from api.readings.service.reuse import flag_reused_photos
from api.readings.service.revisiting import plan as plan_second_visits
from api.readings.service.rotation import propose as propose_rotation
from api.readings.service.sampling import draw as draw_samples
from api.readings.service.stops import get_stop, load_stops
from api.readings.service.taking import (
    MeterTakenDown,
    RegisterUnread,
    RouteMovedOn,
    StopMoved,
    begin,
    skip,
    take,
)
from api.readings.service.thresholds import BadThresholds
from api.readings.service.thresholds import read as read_thresholds
from api.readings.service.trying import Change, Trial, try_out
from api.readings.service.values import (
    NotOnRegister,
    TooManyDecimals,
    TooManyDigits,
    UnknownRegister,
    require_possible,
)
from api.readings.service.waiting import (
    count_waiting,
    find_other_meter,
    last_value,
    release,
    settle_stops,
)
from api.readings.service.windows import pack_missing as pack_windows

__all__ = [
    "AbnormalClosed",
    "AlreadyDisputed",
    "BadThresholds",
    "Change",
    "CountsNoMore",
    "EstimateNotPossible",
    "EstimateWithoutGround",
    "EstimatesUsedUp",
    "EstimatorUnnamed",
    "EventAboutNothing",
    "KeyUsed",
    "MeterNotThere",
    "MeterRemoved",
    "MeterTakenDown",
    "MeterTwice",
    "MovedNowhere",
    "NotATable",
    "NotCorrectedSo",
    "NotOnRegister",
    "NotReadAtDesk",
    "OrderNotOfRoute",
    "QualityContradicts",
    "RegisterMissing",
    "RegisterUnread",
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
    "VisitDecidedBefore",
    "ask_rereads",
    "begin",
    "close_abnormal",
    "correct",
    "count_waiting",
    "day_bounds",
    "decide_visit",
    "dispute",
    "draw_route",
    "draw_samples",
    "enter",
    "estimate",
    "event_view",
    "export_readings",
    "export_route",
    "find_abnormal",
    "find_other_meter",
    "flag_readings",
    "flag_reused_photos",
    "follow_disputes",
    "get_reading",
    "get_route",
    "get_stop",
    "last_value",
    "list_abnormal",
    "list_disputes",
    "list_events",
    "list_flags",
    "list_gaps",
    "list_readings",
    "list_readings_of_meter",
    "list_rereads",
    "list_routes",
    "list_stops",
    "list_visit_proposals",
    "load_stops",
    "move_stops",
    "open_abnormal",
    "pack_windows",
    "plan_rereads",
    "plan_route",
    "plan_second_visits",
    "precision",
    "propose_order",
    "propose_rotation",
    "propose_visits",
    "read_thresholds",
    "record_event",
    "release",
    "require_possible",
    "retire_routes",
    "set_order",
    "settle_stops",
    "show_estimate",
    "skip",
    "sweep_abnormal",
    "take",
    "take_abnormal",
    "take_customers",
    "take_readings",
    "take_routes",
    "try_out",
    "view",
]
