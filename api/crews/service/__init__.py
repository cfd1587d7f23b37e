"""What others may ask of people and crews; each name is told in the module that it comes from."""

from api.crews.service.board import get_map, get_view, list_views
from api.crews.service.crews import (
    call_back,
    change_crew,
    disband,
    form_crew,
    get_crew,
    lend,
)
from api.crews.service.device_keys import has_signed
from api.crews.service.devices import (
    ClockSeen,
    enrol,
    get_device,
    get_device_of_district,
    keys_of,
    list_devices,
    note_checkpoint,
    note_contact,
    note_copied,
    revoke,
)
from api.crews.service.duty import (
    CrewOnDuty,
    covered_until,
    crews_by_area,
    list_crews_of,
    list_ended_stays,
    list_stays_in,
    on_duty,
)
from api.crews.service.people import (
    change_password,
    change_roles,
    create_person,
    deactivate,
    get_person,
    has_left,
    list_people,
    names_of,
    principal_of,
)
from api.crews.service.shifts import add_shifts, end_shift, list_shifts
from api.crews.service.trail import audit, list_audit
from api.crews.service.units import create_unit, get_unit, list_units

__all__ = [
    "ClockSeen",
    "CrewOnDuty",
    "add_shifts",
    "audit",
    "call_back",
    "change_crew",
    "change_password",
    "change_roles",
    "covered_until",
    "create_person",
    "create_unit",
    "crews_by_area",
    "deactivate",
    "disband",
    "end_shift",
    "enrol",
    "form_crew",
    "get_crew",
    "get_device",
    "get_device_of_district",
    "get_map",
    "get_person",
    "get_unit",
    "get_view",
    "has_left",
    "has_signed",
    "keys_of",
    "lend",
    "list_audit",
    "list_crews_of",
    "list_devices",
    "list_ended_stays",
    "list_people",
    "list_shifts",
    "list_stays_in",
    "list_units",
    "list_views",
    "names_of",
    "note_checkpoint",
    "note_contact",
    "note_copied",
    "on_duty",
    "principal_of",
    "revoke",
]
