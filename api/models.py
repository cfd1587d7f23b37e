"""Every table, gathered for migrations and tests; nothing else imports this."""

from api.feed import models as feed

__all__ = ["feed"]
