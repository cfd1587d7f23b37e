"""Doors of places: the district and its areas, the grid, service points and meters, imports."""

from api.sites.resources import areas, districts, grid, imports, points

blueprints = (
    districts.blueprint,
    areas.blueprint,
    grid.blueprint,
    points.blueprint,
    imports.blueprint,
)
