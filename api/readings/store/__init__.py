"""Questions about routes, their stops, readings and what was found in them."""

from api.readings.store.findings import (
    FlagFilter,
    forget_unjudged,
    list_events_about,
    list_flag_codes,
    list_unjudged,
    page_of_events,
    page_of_flags,
)
from api.readings.store.paging import After
from api.readings.store.routes import (
    RouteFilter,
    RouteRow,
    count_stops,
    find_route,
    keep_stop,
    list_live_settled,
    list_stops_of_route,
    load_stops,
    page_of_routes,
)
from api.readings.store.values import (
    PastReading,
    ReadingFilter,
    ReadingRow,
    list_history,
    list_readers,
    list_skips,
    page_of_readings,
)
from api.readings.store.walks import (
    SampleRow,
    TakeRow,
    list_readers_at,
    list_sample,
    list_takes,
)

__all__ = [
    "After",
    "FlagFilter",
    "PastReading",
    "ReadingFilter",
    "ReadingRow",
    "RouteFilter",
    "RouteRow",
    "SampleRow",
    "TakeRow",
    "count_stops",
    "find_route",
    "forget_unjudged",
    "keep_stop",
    "list_events_about",
    "list_flag_codes",
    "list_history",
    "list_live_settled",
    "list_readers",
    "list_readers_at",
    "list_sample",
    "list_skips",
    "list_stops_of_route",
    "list_takes",
    "list_unjudged",
    "load_stops",
    "page_of_events",
    "page_of_flags",
    "page_of_readings",
    "page_of_routes",
]
