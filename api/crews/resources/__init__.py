"""Doors of people and crews: signing in, people, crews, devices, units and the audit."""

from api.crews.resources import crews, devices, people, sessions, units

blueprints = (
    sessions.blueprint,
    people.blueprint,
    crews.blueprint,
    devices.blueprint,
    units.blueprint,
)
