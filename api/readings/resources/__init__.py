"""Doors of readings: routes and their stops, values, findings and what explains them."""

from api.readings.resources import findings, routes, values

blueprints = (routes.blueprint, values.blueprint, findings.blueprint)
