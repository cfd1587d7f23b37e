"""People and crews: who does the work, with which skills, on which shift, with which device."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do; a person can have several."""

    LINEMAN = "lineman"
    READER = "reader"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    INTEGRATION = "integration"


class Level(StrEnum):
    """The four levels of the organisation tree, top to bottom."""

    HEADQUARTERS = "headquarters"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


FIELD: frozenset[Role] = frozenset({Role.LINEMAN, Role.READER})
OFFICE: frozenset[Role] = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
