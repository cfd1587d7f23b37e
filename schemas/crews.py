"""People and crews: who does the work, with which skills, on which shift, with which device."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta

from schemas.base import Id, Instant, LatDeg, LonDeg, Metres, Name, Seconds, Shape, Text

PASSWORD_CHARS_MIN: Final = 10
PASSWORD_CHARS_MAX: Final = 128
TOKEN_CHARS_MAX: Final = 4_096
SKILLS_MAX: Final = 32
MEMBERS_MAX: Final = 64
AREAS_MAX: Final = 64
SHIFTS_MAX: Final = 200

Login = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
        description="What somebody signs in as; capital letters make no difference.",
        examples=["li.wei"],
    ),
]
Password = Annotated[
    str,
    Meta(
        min_length=PASSWORD_CHARS_MIN,
        max_length=PASSWORD_CHARS_MAX,
        pattern=r"^[^\x00]*$",
        examples=["a long pass phrase"],
    ),
]
Coordinate = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="32 bytes in base64url without padding (RFC 7518, section 6.2.1).",
        examples=["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"],
    ),
]
Skill = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["low_voltage", "meter_reading"])
]
Token = Annotated[str, Meta(min_length=1, max_length=TOKEN_CHARS_MAX, pattern=r"^[!-~]+$")]


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

Roles = Annotated[list[Role], Meta(min_length=1, max_length=len(Role))]
Skills = Annotated[list[Skill], Meta(max_length=SKILLS_MAX)]


class UnitView(Shape):
    """A node of the organisation tree; `path` names every unit from the top."""

    id: Id
    parent_id: Id | None
    level: Level
    name: Name
    path: str


class UnitDraft(Shape):
    """A unit to be; a district's id also names its work."""

    id: Id
    parent_id: Id | None = None
    level: Level
    name: Name


class SignIn(Shape):
    """A login and its password; `device_id` signs an enrolled device in again.

    The login may be typed in capitals or in full-width letters.
    """

    login: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    password: Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARS_MAX)]
    device_id: Id | None = None


class Refresh(Shape):
    """A refresh token to exchange for new tokens.

    A device names itself, so that it hears that it is revoked from a server that does not know
    its token any more.
    """

    refresh_token: Token
    device_id: Id | None = None


class Tokens(Shape):
    """What signing in, refreshing and enrolling answer.

    `token_type` is how the access token is shown: `DPoP` asks for a proof with every request.
    `districts` are those that the person may name in `X-District`, the first hundred of them.
    """

    access_token: Token
    access_expires_at: Instant
    token_type: Literal["Bearer", "DPoP"] = "Bearer"  # noqa: S105 - a scheme, not a token
    refresh_token: Token
    refresh_expires_at: Instant
    person_id: Id
    name: Name
    roles: list[Role]
    device_id: Id | None
    districts: list[UnitView]


class DeviceKey(Shape):
    """A device's public key: a point on P-256 as a JWK (RFC 7517).

    The private key is made on the device and never leaves it; it signs what the device pushes.
    """

    kty: Literal["EC"] = "EC"
    crv: Literal["P-256"] = "P-256"
    x: Coordinate
    y: Coordinate


class Enrolment(Shape):
    """A device that its person wants to work with; its id and its key are made on the device."""

    id: Id | None = None
    name: Name
    app: Name
    key: DeviceKey


class Enrolled(Shape):
    """An enrolled device, and tokens bound to it."""

    device_id: Id
    district_id: Id
    tokens: Tokens


class NewKey(Shape):
    """Why a device may have another key: what became of the one that it had."""

    reason: Text


class DeviceView(Shape):
    """A device: whose it is, when it was heard of, what it had not sent then.

    `copied_at` is when it was first seen that two phones work under its name: both keep their
    work, but one of them should be enrolled for itself.
    `key` proves what it signed; a device enrolled before there were keys has none.
    All that it did until `covered_until` is here; `unsent_since` is the same by its own clock.
    `clock_fast_s` is how far its wall clock was ahead of ours, within `clock_error_s`;
    `clock_set_at` is the last contact that found it set by hand.
    Until `new_key_until` its person may give it another key.
    """

    id: Id
    person_id: Id
    name: Name
    app: Name
    enrolled_at: Instant
    revoked_at: Instant | None
    last_seen_at: Instant | None
    covered_until: Instant
    queued: int
    files_queued: int
    unsent_since: Instant | None
    copied_at: Instant | None = None
    key: DeviceKey | None = None
    files_bytes: int = 0
    clock_fast_s: float | None = None
    clock_error_s: Seconds | None = None
    clock_set_at: Instant | None = None
    new_key_until: Instant | None = None


class PersonView(Shape):
    """A person, or another system, and what they may do."""

    id: Id
    unit_id: Id
    login: Login
    name: Name
    roles: list[Role]
    joined_at: Instant
    left_at: Instant | None
    version: int


class PersonDraft(Shape):
    """A person to be; without a password they cannot sign in yet.

    `unit_id` is where they belong; by default the district that the request is about.
    """

    login: Login
    name: Name
    roles: Roles
    unit_id: Id | None = None
    password: Password | None = None


class RolesChange(Shape):
    """The roles that a person has from now on."""

    roles: Roles


class PasswordChange(Shape):
    """A person's new password; it ends everything that they were signed in with."""

    password: Password


class CrewDraft(Shape):
    """A crew to be."""

    name: Name
    skills: Skills = []
    member_ids: Annotated[list[Id], Meta(max_length=MEMBERS_MAX)] = []
    area_ids: Annotated[list[Id], Meta(max_length=AREAS_MAX)] = []


class CrewChange(Shape):
    """What changes of a crew; what is null stays. Lent areas stay as they are."""

    name: Name | None = None
    skills: Skills | None = None
    member_ids: Annotated[list[Id], Meta(max_length=MEMBERS_MAX)] | None = None
    area_ids: Annotated[list[Id], Meta(max_length=AREAS_MAX)] | None = None


class Loan(Shape):
    """A crew lent to another area, why, and until when; null lasts until it is called back."""

    reason: Text
    until: Instant | None = None


class ShiftDraft(Shape):
    """When a crew is on duty; without an end, until further notice."""

    starts_at: Instant
    ends_at: Instant | None = None


class ShiftsDraft(Shape):
    """Shifts to add to a crew's roster."""

    shifts: Annotated[list[ShiftDraft], Meta(min_length=1, max_length=SHIFTS_MAX)]


class ShiftView(Shape):
    """A shift of a crew."""

    id: Id
    crew_id: Id
    starts_at: Instant
    ends_at: Instant | None


class MemberView(Shape):
    """A person in a crew."""

    person_id: Id
    name: Name


class CrewAreaView(Shape):
    """An area that a crew serves; `reason` says why when it is lent there."""

    area_id: Id
    lent: bool
    reason: Text | None
    until: Instant | None


class CrewPosition(Shape):
    """Where a crew was last heard of (WGS-84), and how old that is."""

    device_id: Id
    lat_deg: LatDeg
    lon_deg: LonDeg
    accuracy_m: Metres | None
    at: Instant
    age_s: Seconds


class UnsyncedWork(Shape):
    """What a crew's devices had not sent at their last contact.

    `covered_until` is the moment until which all that the crew did is known; null without a device.
    """

    queued: int
    files_queued: int
    unsent_since: Instant | None
    covered_until: Instant | None


class CrewView(Shape):
    """A crew as the office sees it now."""

    id: Id
    name: Name
    skills: list[Skill]
    members: list[MemberView]
    areas: list[CrewAreaView]
    on_duty: bool
    unsynced: UnsyncedWork
    position: CrewPosition | None
    formed_at: Instant
    disbanded_at: Instant | None
    version: int


class CrewPoint(Shape):
    """A GeoJSON point: longitude, latitude, in WGS-84."""

    type: Literal["Point"] = "Point"
    coordinates: Annotated[
        list[float], Meta(min_length=2, max_length=2, examples=[[110.32, 20.04]])
    ]


class CrewFeature(Shape):
    """A crew on the map (RFC 7946); the geometry is null when nobody knows where it is."""

    type: Literal["Feature"] = "Feature"
    id: Id
    geometry: CrewPoint | None
    properties: CrewView


class CrewFeatures(Shape):
    """The crews of a district on the map (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CrewFeature]


class AuditView(Shape):
    """One act of the office."""

    id: Id
    at: Instant
    person_id: Id
    what: Name
    subject_id: Id
    detail: dict[str, object]
