"""Doors of people and crews: signing in, people, crews, devices, units and the audit."""

from api.crews.resources import sessions

blueprints = (sessions.blueprint,)
