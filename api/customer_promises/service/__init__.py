"""The way into promises to customers for other capabilities, doors and phones."""

from api.customer_promises.service.agreeing import (
    AgreedMeanwhile,
    PromiseOver,
    PromiseSettled,
    WaitsForPromise,
    agree,
    reagree,
)
from api.customer_promises.service.browsing import get_promise, list_promises, views_of
from api.customer_promises.service.giving import OrderDone, WindowFaulty, give, make
from api.customer_promises.service.telling import AboutAnother, attach, tell, withdraw

__all__ = [
    "AboutAnother",
    "AgreedMeanwhile",
    "OrderDone",
    "PromiseOver",
    "PromiseSettled",
    "WaitsForPromise",
    "WindowFaulty",
    "agree",
    "attach",
    "get_promise",
    "give",
    "list_promises",
    "make",
    "reagree",
    "tell",
    "views_of",
    "withdraw",
]
