"""Readings: routes of meters in walking order, and the register values read from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from schemas.base import Exact, Id, Instant, Name, Shape, Text, require_exact
from schemas.places import Fix, Geometry
from schemas.reading_standing import SetAside
from schemas.rules import estimators, flags, rereads
from schemas.rules.datums import Datum
from schemas.rules.transitions import State

STOPS_MAX: Final = 20_000
"""The most meters that one route may have."""


class Method(StrEnum):
    """How a value came to be known."""

    READ = "read"
    SCANNED = "scanned"
    REMOTE = "remote"
    CUSTOMER = "customer"
    ESTIMATED = "estimated"


class Quality(StrEnum):
    """What a value is worth: `actual` was read at the meter, the rest was not."""

    ACTUAL = "actual"
    CUSTOMER = "customer"
    ESTIMATED = "estimated"
    QUESTIONABLE = "questionable"


class SkipCode(StrEnum):
    """Why a meter could not be read."""

    NO_ACCESS = "no_access"
    DOG = "dog"
    LOCKED = "locked"
    DISPLAY_DEAD = "display_dead"
    METER_MISSING = "meter_missing"
    DANGER = "danger"
    REFUSED = "refused"


REACHED_NOBODY: Final = frozenset({SkipCode.NO_ACCESS, SkipCode.LOCKED, SkipCode.DOG})
"""Why a meter was skipped that a second visit may reach."""


class StopState(StrEnum):
    """Whether a stop of the route is done."""

    OPEN = "open"
    READ = "read"
    SKIPPED = "skipped"


class Stop(Shape):
    """One meter on a route, with all that its checks need; the synced entity `stop`.

    `typical_kwh`, `low_kwh` and `high_kwh` feed the checks and are never shown to the reader.
    `previous_value` is the last actual one, `reported_value` the last that was billed by, whatever
    its quality. `finding_id` says that another meter was found here than is on record.
    """

    id: Id
    route_id: Id
    sequence: int
    state: StopState
    service_point_id: Id
    meter_id: Id
    serial: Name
    digits: Annotated[int, Meta(ge=1, le=12)]
    decimals: Annotated[int, Meta(ge=0, le=3)] = 0
    multiplier: Exact
    registers: list[str]
    address: Text
    access_note: Text = ""
    keys: Text = ""
    dogs: Text = ""
    care: bool = False
    geometry: Geometry
    datum: Datum
    radius_m: float
    box: Name | None = None
    previous_value: Exact | None = None
    previous_at: Instant | None = None
    reported_value: Exact | None = None
    reported_at: Instant | None = None
    reported_quality: Quality | None = None
    typical_kwh: Exact | None = None
    low_kwh: Exact | None = None
    high_kwh: Exact | None = None
    active_history: bool = False
    skip_code: SkipCode | None = None
    finding_id: Id | None = None


class RouteDraft(Shape):
    """A reading route as the office plans it: meters in walking order, and whose it is."""

    name: Name
    meter_ids: Annotated[list[Id], Meta(min_length=1, max_length=STOPS_MAX)]
    crew_id: Id | None = None
    person_id: Id | None = None
    planned_at: Instant | None = None
    note: Text = ""


class Route(Shape):
    """A route and how far it is."""

    id: Id
    name: Name
    planned_at: Instant
    state: State
    crew_id: Id | None
    person_id: Id | None
    stops_open: int
    stops_read: int
    stops_skipped: int


class StopsMoved(Shape):
    """Open stops that go to another reader: to a route that is there, or to a new one of theirs."""

    stop_ids: Annotated[list[Id], Meta(min_length=1, max_length=STOPS_MAX)]
    to_route_id: Id | None = None
    crew_id: Id | None = None
    person_id: Id | None = None
    reason: Annotated[Text, Meta(min_length=1)]


class WalkingOrder(Shape):
    """Every stop of a route once, in the order in which it shall be walked."""

    stop_ids: Annotated[list[Id], Meta(min_length=1, max_length=STOPS_MAX)]


class OrderProposal(WalkingOrder):
    """The order in which a route's meters were really read.

    `walk_id` is the route on which they were, null where nobody has read any; `walked` of them
    were, and the others stay behind the meter that they stand behind in the plan.
    `planned_m` and `proposed_m` are the two ways from stop to stop.
    """

    walk_id: Id | None
    walked: int
    planned_m: float
    proposed_m: float


class ReadingTaken(Shape):
    """Operation `reading.take`: a register value, and how it was got.

    `total` is the register of the whole; `tariffs` its parts by name when the meter has them.
    `confirmed` lists the prompts that the reader saw and confirmed.
    """

    stop_id: Id
    total: Exact
    tariffs: dict[str, Exact] = {}
    method: Method = Method.READ
    confirmed: Annotated[list[str], Meta(max_length=20)] = []
    fix: Fix | None = None
    photo_sha256: Annotated[list[str], Meta(max_length=10)] = []
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be kept."""
        require_exact(self.total, *self.tariffs.values())


class ReadingSkipped(Shape):
    """Operation `reading.skip`: the meter could not be read, and why."""

    stop_id: Id
    code: SkipCode
    fix: Fix | None = None
    photo_sha256: Annotated[list[str], Meta(max_length=10)] = []
    note: Text = ""


class ReadingEntered(Shape):
    """A value that the office enters: a customer's own reading, or a declared estimate.

    An estimate says how it was made; `read_at` is the moment that the value stands for.
    """

    meter_id: Id
    total: Exact
    tariffs: dict[str, Exact] = {}
    method: Method
    estimator: estimators.Method | None = None
    read_at: Instant | None = None
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could keep."""
        require_exact(self.total, *self.tariffs.values())


class Reading(Shape):
    """A register value as the office sees it.

    `counts` is false for a value that a later one of the same stop took the place of, and for one
    that was set aside. A `disputed` one counts until somebody has answered.
    """

    id: Id
    meter_id: Id
    route_id: Id | None
    stop_id: Id | None
    reader_id: Id | None
    read_at: Instant
    received_at: Instant
    total: Exact
    tariffs: dict[str, Exact]
    used_kwh: Exact | None
    method: Method
    quality: Quality
    estimator: estimators.Method | None = None
    counts: bool = True
    prompts: list[str]
    confirmed: list[str]
    flags: list[str] = []
    disputed: bool = False
    set_aside: SetAside | None = None
    note: Text = ""


class Flag(Shape):
    """A finding about a reading: its rule, the numbers it rests on, a sentence for a person."""

    id: Id
    reading_id: Id
    meter_id: Id
    reader_id: Id | None
    code: str
    rule_version: int
    severity: str
    cim: str | None
    inputs: dict[str, object]
    en: Text
    zh: Text
    found_at: Instant
    outcome: Name | None = None


class RereadReason(StrEnum):
    """Why a meter is read again: something was found, it was drawn blindly, or is disputed."""

    FLAGGED = "flagged"
    SAMPLED = "sampled"
    DISPUTED = "disputed"


class Reread(Shape):
    """A reading that somebody else reads again, and what that said.

    `codes` are the findings that asked for it; a sampled one has none, and its reader is told
    nothing of it. It is open until `outcome` is there.
    """

    reading_id: Id
    meter_id: Id
    reader_id: Id | None
    reason: RereadReason
    codes: list[str]
    opened_at: Instant
    due_at: Instant
    route_id: Id | None
    second_id: Id | None
    settled_at: Instant | None
    outcome: rereads.Outcome | None
    en: Text
    zh: Text


class AbnormalKind(StrEnum):
    """How a meter's use is out of the usual; it accuses nobody."""

    HIGH = "high"
    LOW = "low"
    STOPPED = "stopped"
    GROWING = "growing"
    UNUSED = "unused"


class AbnormalCause(StrEnum):
    """What abnormal use turned out to be."""

    REAL = "real"
    MISREAD = "misread"
    METER_FAULT = "meter_fault"
    VACANCY = "vacancy"
    THEFT = "theft"
    OTHER = "other"


class AbnormalUse(Shape):
    """Use that somebody should look into until it is due, with the numbers it rests on.

    `read_on` is the day of the reading that shows it, `code` the rule. It is open until `found`
    says what it was.
    """

    id: Id
    meter_id: Id
    kind: AbnormalKind
    code: str
    read_on: str
    inputs: dict[str, object]
    en: Text
    zh: Text
    opened_at: Instant
    due_at: Instant
    owner_id: Id | None
    closed_at: Instant | None
    found: AbnormalCause | None
    note: Text


class AbnormalFound(Shape):
    """What abnormal use turned out to be, in a word and for people."""

    found: AbnormalCause
    note: Text = ""


class RulePrecision(Shape):
    """How often a rule was right, of what was read again.

    `precision` is upheld / (upheld + cleared); null where nothing was settled yet.
    """

    code: str
    name: str
    upheld: int
    cleared: int
    open: int
    precision: float | None


class RulePrecisionList(Shape):
    """All rules of which something was read again."""

    items: list[RulePrecision]


class MeterEventDraft(Shape):
    """What happened at a meter, or at all meters behind a transformer, that explains readings."""

    kind: flags.Explanation
    meter_id: Id | None = None
    transformer_id: Id | None = None
    from_at: Instant
    to_at: Instant | None = None
    note: Text = ""


class MeterEvent(MeterEventDraft):
    """Such an event as it was recorded."""

    id: Id
    recorded_by: Id
    recorded_at: Instant
