"""Doors of readings: routes, stops, values, files, findings, what explains them, abnormal use."""

from api.readings.resources import abnormal, findings, interchange, routes, values

blueprints = (
    routes.blueprint,
    values.blueprint,
    findings.blueprint,
    abnormal.blueprint,
    interchange.blueprint,
)
