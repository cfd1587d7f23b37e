"""What others may ask of people and crews; each name is told in the module that it comes from."""

from api.crews.service.units import get_unit, list_units

__all__ = ["get_unit", "list_units"]
