"""The demo district: a real network with invented people, meters, history, routes and orders.

The same seed and moment make the same district.
"""

from api.demo.loading import PASSWORD, Report, is_empty, load
from api.demo.people import SIGN_INS

__all__ = ["PASSWORD", "SIGN_INS", "Report", "is_empty", "load"]
