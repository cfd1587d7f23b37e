"""Doors of supervision."""

from api.supervision.resources import actions, appeals, cases

blueprints = (cases.blueprint, appeals.blueprint, actions.blueprint)

__all__ = ["blueprints"]
