"""Doors of notices."""

from api.notices.resources import notices, receivers

blueprints = (notices.blueprint, receivers.blueprint)

__all__ = ["blueprints"]
