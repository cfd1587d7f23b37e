"""Doors of work: reading it, what the office does to it, and what crews do online."""

from api.tasks.resources import field, office, reading

blueprints = (reading.blueprint, office.blueprint, field.blueprint)
