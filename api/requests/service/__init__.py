"""The way into service requests for other capabilities and doors."""

from api.requests.service.access import (
    READING,
    first_visit_failed,
    list_awaited,
    list_second_visits,
    list_waiting,
    meter_read,
)
from api.requests.service.browsing import (
    get_request,
    list_answers,
    list_moments,
    list_requests,
    verify,
    view,
)
from api.requests.service.course import (
    NotPossible,
    NotSatisfied,
    answer,
    archive,
    call_back,
    chase,
    contact,
    give,
    set_action,
    withdraw,
)
from api.requests.service.opening import AskedAtOdd, ItemNeeded, UnknownItem, open_request
from api.requests.service.posts import PostUnknown, list_posts, set_post
from api.requests.service.taxonomy import list_taxonomies

__all__ = [
    "READING",
    "AskedAtOdd",
    "ItemNeeded",
    "NotPossible",
    "NotSatisfied",
    "PostUnknown",
    "UnknownItem",
    "answer",
    "archive",
    "call_back",
    "chase",
    "contact",
    "first_visit_failed",
    "get_request",
    "give",
    "list_answers",
    "list_awaited",
    "list_moments",
    "list_posts",
    "list_requests",
    "list_second_visits",
    "list_taxonomies",
    "list_waiting",
    "meter_read",
    "open_request",
    "set_action",
    "set_post",
    "verify",
    "view",
    "withdraw",
]
