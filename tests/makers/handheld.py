"""Records as a server would send them to a handheld."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence

import msgspec

from field_sync.store import records
from field_sync.store.connection import Store
from field_sync.testing.edge import START
from schemas import messages, promises, readings, sites, tasks
from schemas.base import Shape, decode, encode
from schemas.errors import Words
from schemas.rules.datums import Datum
from schemas.rules.picking import ReasonFor
from schemas.rules.transitions import Kind, State
from schemas.sync import AudienceChanges, Change, Operation

LAT_DEG, LON_DEG = 20.04, 110.32
POINT: dict[str, object] = {"type": "Point", "coordinates": [LON_DEG, LAT_DEG]}


def task(
    task_id: str = "t1",
    *,
    state: State = State.dispatched,
    kind: Kind = Kind.repair,
    urgency: int = 3,
    version: int = 1,
    site: bool = True,
    title: str = "No light in Lane 3",
    contact: str = "",
    clocks: list[tasks.TaskClock] | None = None,
) -> tasks.Task:
    """Make an order."""
    ground = tasks.WorkSite(geometry=POINT, datum=Datum.wgs84, radius_m=50.0, address="Lane 3")
    return tasks.Task(
        id=task_id,
        district_id="d1",
        kind=kind,
        state=state,
        version=version,
        title=title,
        contact=contact,
        urgency=urgency,
        crew_id="c1",
        site=ground if site else None,
        opened_at=START,
        state_at=START,
        clocks=clocks or [],
    )


def stop(
    stop_id: str = "s1",
    *,
    route_id: str = "r1",
    sequence: int = 1,
    previous: str | None = "1000",
    typical_kwh: str | None = "120",
    registers: list[str] | None = None,
) -> readings.Stop:
    """Make a stop of a route."""
    usual = decimal.Decimal(typical_kwh) if typical_kwh else None
    return readings.Stop(
        id=stop_id,
        route_id=route_id,
        sequence=sequence,
        state=readings.StopState.OPEN,
        service_point_id=f"sp-{stop_id}",
        meter_id=f"m-{stop_id}",
        serial=f"88{sequence:04d}",
        digits=5,
        multiplier=decimal.Decimal(1),
        registers=registers or ["total"],
        address=f"Lane {sequence}",
        geometry=POINT,
        datum=Datum.wgs84,
        radius_m=30.0,
        previous_value=decimal.Decimal(previous) if previous else None,
        previous_at=START - dt.timedelta(days=30),
        typical_kwh=usual,
        low_kwh=usual / 2 if usual else None,
        high_kwh=usual * 2 if usual else None,
        active_history=True,
    )


def message(message_id: str = "m1", *, task_id: str = "t1") -> messages.Message:
    """Make a message about work that was given to this crew."""
    kind = messages.MessageKind.GIVEN
    en, zh = messages.SENTENCES[kind]
    told = {"title": "No light in Lane 3", "why": "the other crew is cut off"}
    return messages.Message(
        id=message_id,
        kind=kind,
        task_id=task_id,
        title=told["title"],
        words=Words(en=en.format_map(told), zh=zh.format_map(told)),
        at=START,
    )


def reasons(
    policy: str = "sgcc-2022", *, own_words: Sequence[ReasonFor] = tuple(ReasonFor)
) -> promises.PolicyReasons:
    """Make what work may be returned or suspended for by a policy set."""
    both, suspend = list(ReasonFor), [ReasonFor.suspend]
    return promises.PolicyReasons(
        policy=policy,
        reasons=[
            promises.PolicyReason(
                code="no_access",
                words=Words(en="No access to the site", zh="无法进入现场"),
                given_for=both,
                holds=["arrive"],
            ),
            promises.PolicyReason(
                code="customer_asked",
                words=Words(en="The customer asked for another time", zh="客户要求改期"),
                given_for=suspend,
                holds=["arrive", "restore"],
                needs_until=True,
            ),
            promises.PolicyReason(
                code="waits_for_material",
                words=Words(en="Material is on its way", zh="等待物资到场"),
                given_for=suspend,
            ),
        ],
        own_words=list(own_words),
    )


def clock(
    *,
    kind: str = "arrive",
    due_at: dt.datetime = START + dt.timedelta(minutes=45),
    policy: str | None = "sgcc-2022",
) -> tasks.TaskClock:
    """Make a clock that runs on an order since it was opened."""
    return tasks.TaskClock(
        kind=kind, due_at=due_at, started_at=START, stop_event=kind, policy=policy
    )


def district(
    *, fix_age_max_s: float = 60.0, reasons: Sequence[promises.PolicyReasons] = ()
) -> sites.District:
    """Make the facts of a district."""
    return sites.District(
        id="d1",
        name="Meilan",
        zone="Asia/Shanghai",
        datum=Datum.wgs84,
        fix_age_max_s=fix_age_max_s,
        radius_m=50.0,
        version=1,
        reasons=list(reasons),
    )


def feed(
    audience: str,
    *shapes: tuple[str, Shape],
    fresh: bool = False,
    gone: tuple[str, str] | None = None,
) -> AudienceChanges:
    """Make one audience's page."""
    changes = [
        Change(
            entity=entity,
            id=msgspec.json.decode(encode(shape))["id"],
            put=msgspec.Raw(encode(shape)),
        )
        for entity, shape in shapes
    ]
    if gone:
        changes.append(Change(entity=gone[0], id=gone[1], gone=True))
    return AudienceChanges(audience=audience, through=len(changes), fresh=fresh, changes=changes)


def hold(store: Store, audience: str, *shapes: tuple[str, Shape]) -> None:
    """Put records on a handheld as if they had been pulled."""
    with store.writing():
        records.apply_page(
            store, feeds=[feed(audience, *shapes)], dropped=[], cursor="held", more=False
        )


def decode_task(body: bytes) -> tasks.Task:
    """Read an order's record."""
    return decode(body, tasks.Task)


def decode_operation(wire: bytes) -> Operation:
    """Read an operation's bytes."""
    return decode(wire, Operation)
