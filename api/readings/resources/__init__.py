"""Doors of readings: routes, stops, values, files, findings, disputes, unread meters."""

from api.readings.resources import (
    abnormal,
    disputes,
    findings,
    gaps,
    interchange,
    routes,
    unread,
    values,
)

blueprints = (
    routes.blueprint,
    values.blueprint,
    disputes.blueprint,
    unread.blueprint,
    findings.blueprint,
    abnormal.blueprint,
    gaps.blueprint,
    interchange.blueprint,
)
