"""Places of a district: areas, the grid down to the meter, and reports about imported rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Exact, Id, Instant, LatDeg, LonDeg, Metres, Name, Seconds, Shape, Text
from schemas.errors import Words
from schemas.places import Geometry
from schemas.promises import PolicyReasons
from schemas.readings import SkipCode
from schemas.rules import meter_reading
from schemas.rules.datums import Datum

DIGITS_MAX = 12
DECIMALS_MAX = 3
REGISTERS_MAX = 12
TOTAL = meter_reading.TOTAL
"""The register of the whole, which every meter has."""
DWELL_S = 180.0
"""Three minutes, until a district says otherwise."""

Digits = Annotated[int, Meta(ge=1, le=DIGITS_MAX, description="Digits before the point.")]
Decimals = Annotated[int, Meta(ge=0, le=DECIMALS_MAX, description="Digits after the point.")]
Registers = Annotated[
    list[Name],
    Meta(
        min_length=1,
        max_length=REGISTERS_MAX,
        description="Names of the registers; `total` is the whole, the rest are its tariffs.",
        examples=[["total", "peak", "valley"]],
    ),
]
SkipCodes = Annotated[list[SkipCode], Meta(max_length=len(SkipCode))]
Kv = Annotated[float, Meta(gt=0, le=2_000, description="Kilovolts.", examples=[10.0])]
Kva = Annotated[float, Meta(gt=0, le=1e6, description="Kilovolt-amperes.", examples=[400.0])]


class AreaClass(StrEnum):
    """What ground an area is; arrival promises differ by it."""

    URBAN = "urban"
    RURAL = "rural"
    REMOTE = "remote"


class Normally(StrEnum):
    """How a switch stands when nothing is switched."""

    OPEN = "open"
    CLOSED = "closed"


class CustomerClass(StrEnum):
    """What the customer uses power for; estimates and checks differ by it."""

    RESIDENTIAL = "residential"
    COMMERCIAL = "commercial"
    INDUSTRIAL = "industrial"
    FARM = "farm"


class Care(StrEnum):
    """Why somebody at this address must not wait."""

    LIFE_SUPPORT = "life_support"
    ELDERLY = "elderly"
    DISABLED = "disabled"


class Originals(StrEnum):
    """What becomes of a photo as the camera made it, where the phone makes it smaller."""

    HASH = "hash"
    """It is let go; its hash and size are declared with the small one."""
    SEND = "send"
    """Nothing is made smaller: the camera's own bytes are sent."""


class District(Shape):
    """What phones know of their district; the synced entity `district`.

    `dwell_s` is how long somebody stays whose position is in doubt, for the stay to count.
    `reasons` are those of each policy set that work of the district may have been opened under; the
    first set is in force.
    `photo_on_skip` are the reasons for which a skipped meter is photographed; `photo_on_confirm`
    says whether the display is, where a reader confirms an odd value.
    """

    id: Id
    name: Name
    zone: Name
    datum: Datum
    fix_age_max_s: Seconds
    radius_m: Metres
    version: int
    dwell_s: Seconds = DWELL_S
    originals: Originals = Originals.HASH
    reasons: list[PolicyReasons] = []
    photo_on_skip: SkipCodes = []
    photo_on_confirm: bool = False


class DistrictSettings(Shape):
    """What an administrator may set for a district."""

    name: Name
    zone: Name = "Asia/Shanghai"
    datum: Datum = Datum.wgs84
    fix_age_max_s: Annotated[float, Meta(gt=0, le=86_400, description="Seconds.")] = 120.0
    radius_m: Annotated[float, Meta(gt=0, le=5_000, description="Metres.")] = 50.0
    dwell_s: Annotated[float, Meta(ge=10, le=1_800, description="Seconds.")] = DWELL_S
    originals: Originals = Originals.HASH
    photo_on_skip: SkipCodes = []
    photo_on_confirm: bool = True


class AreaDraft(Shape):
    """A service area as it is drawn."""

    name: Name
    area_class: AreaClass
    geometry: Geometry
    datum: Datum = Datum.wgs84


class Area(AreaDraft):
    """A service area; its crews take what is reported inside it.

    It is the synced entity `area` of those who work there, too, its shape made small for a map.
    """

    id: Id
    version: int


class ImportedArea(AreaDraft):
    """A service area as another system names it; a known id is redrawn."""

    id: Id


class Feeder(Shape):
    """A medium-voltage feeder."""

    id: Id
    name: Name
    kv: Kv
    station: Name


class ImportedFeeder(Feeder):
    """A feeder as another system names it; without its lines, those that are known stay."""

    geometry: Geometry | None = None
    datum: Datum = Datum.wgs84


class AreaFeeder(Feeder):
    """A feeder and what of its lines lies near one area, made small; the synced entity `feeder`.

    `geometry` is a MultiLineString.
    """

    area_id: Id
    feeder_id: Id
    geometry: Geometry
    datum: Datum
    version: int


class Transformer(Shape):
    """A distribution transformer and the feeder it hangs on."""

    id: Id
    name: Name
    feeder_id: Id
    kva: Kva
    lat_deg: LatDeg
    lon_deg: LonDeg
    datum: Datum = Datum.wgs84


class Switch(Shape):
    """A switch of the grid and its normal state."""

    id: Id
    name: Name
    feeder_id: Id
    normally: Normally
    lat_deg: LatDeg
    lon_deg: LonDeg
    datum: Datum = Datum.wgs84


class ServicePoint(Shape):
    """Where a customer is served: the address, the way in, and what it hangs on.

    `keys` says which key opens the way and who has it, `dogs` where they are.
    """

    id: Id
    number: Name
    address: Text
    access_note: Text = ""
    keys: Text = ""
    dogs: Text = ""
    care: Care | None = None
    customer_name: Text = ""
    customer_phone: Text = ""
    customer_class: CustomerClass = CustomerClass.RESIDENTIAL
    lat_deg: LatDeg
    lon_deg: LonDeg
    datum: Datum = Datum.wgs84
    feeder_id: Id | None = None
    transformer_id: Id | None = None


class Meter(Shape):
    """A meter's time at a service point; another meter, or another place, is another row."""

    id: Id
    service_point_id: Id
    serial: Name
    digits: Digits
    decimals: Decimals = 0
    multiplier: Exact
    registers: Registers
    box: Name | None = None
    installed_at: Instant
    installed_value: Exact
    removed_at: Instant | None = None
    removed_value: Exact | None = None


class Neighbour(Shape):
    """Another area and how far away it is."""

    area_id: Id
    distance_m: Metres


class Located(Shape):
    """The area that a position lies in, if any, and the other areas by distance."""

    area_id: Id | None
    area_class: AreaClass | None
    name: Text
    neighbours: list[Neighbour]


class Importable(StrEnum):
    """What can be imported."""

    AREAS = "areas"
    FEEDERS = "feeders"
    TRANSFORMERS = "transformers"
    SWITCHES = "switches"
    SERVICE_POINTS = "service-points"
    METERS = "meters"


class RefusedRow(Shape):
    """A row that did not go in: its line (or the feature's number), a stable code, and why."""

    line: int
    code: str
    detail: Words


class ImportReport(Shape):
    """What became of an imported file.

    `taken` counts the rows that went in; when `all_or_nothing` was asked for and a row is refused,
    nothing goes in.
    `refused` lists the first refused rows; `refused_count` counts all of them.
    """

    what: Importable
    rows: int
    taken: int
    refused_count: int
    refused: list[RefusedRow]


class Feature(Shape):
    """A GeoJSON feature (RFC 7946)."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, object]
    properties: dict[str, object]


class FeatureCollection(Shape):
    """GeoJSON features in WGS-84; `next` is the key of the next page, null on the last."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    next: str | None = None
