"""The way into notices to customers: who has a customer told something, and the doors."""

from api.customer_notices.service.advancing import Above, advance, forget, is_any_due
from api.customer_notices.service.office import CustomerNoticeEnded, list_notices, record_told
from api.customer_notices.service.telling import Event, attach, end, tell, tell_all_on, tells
from api.customer_notices.service.words import Fact, Window

__all__ = [
    "Above",
    "CustomerNoticeEnded",
    "Event",
    "Fact",
    "Window",
    "advance",
    "attach",
    "end",
    "forget",
    "is_any_due",
    "list_notices",
    "record_told",
    "tell",
    "tell_all_on",
    "tells",
]
