"""Questions about people and crews, by noun."""

from api.crews.store import audit, crews, devices, people, sessions, units

__all__ = ["audit", "crews", "devices", "people", "sessions", "units"]
