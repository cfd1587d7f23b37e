"""The same things three times: mine, a crew's beside mine, and another district's."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from sqlalchemy import MetaData, Table, select
from sqlalchemy.orm import Session

from api import acts, db, ids
from api.appointments.models import Appointment
from api.custody.models import CustodyFinding
from api.customer_promises import service as customer_promises
from api.evidence import service as evidence
from api.evidence.models import Upload
from api.notices.models import Notice
from api.photos.models import Likeness
from api.promises.models import Clock
from api.readings import service as readings
from api.readings.models import Stop
from api.repairs import service as repairs
from api.requests import service as requests
from api.supervision.models import Action, Appeal, Case
from api.sync.models import HeldOperation, Quarantined
from api.tasks import service as tasks
from schemas import readings as reading_shapes
from schemas import requests as request_shapes
from schemas.crews import Role
from schemas.customer_promises import PromiseDraft
from schemas.rules import requests as requests_rule
from schemas.rules import transitions
from tests.makers import crews, customer_notices, sites, sync, webhooks
from tests.makers import evidence as files
from tests.makers import meter_findings as found_meters
from tests.makers import readings as read_meters
from tests.makers import repairs as reports
from tests.makers import tasks as work

NOW = work.NOW
REASON = "台风后三号馈线倒杆，人手不足"
Names = Mapping[str, str]
_THINGS = (
    *("person", "crew", "device", "area", "feeder", "transformer", "switch", "point", "meter"),
    *("task", "file", "other", "upload", "likeness", "case", "report", "held", "quarantined"),
    *("part", "former", "finding", "appeal", "action", "appointment", "notice", "receiver"),
    *("told", "abnormal", "reading", "visit", "meter_finding"),
)


class Owner(enum.StrEnum):
    """Whose things: the walker's, those of a crew of the same district, of another district."""

    MINE = "mine"
    BESIDE = "beside"
    BEYOND = "beyond"

    @property
    def district(self) -> str:
        """The district that the things are in."""
        return "d2" if self is Owner.BEYOND else crews.DISTRICT


def settle(session: Session, owner: Owner) -> Names:
    """Make one of everything that a door can lead to, and name each."""
    names = {thing: f"{thing}-{owner}" for thing in _THINGS}
    names["district"] = owner.district
    names["shift"] = f"shift-{names['crew']}"
    _people(session, names)
    _places(session, names)
    names |= _work(session, names)
    _evidence(session, names)
    _operations(session, names)
    return names


def rows(database: db.Database, metadata: MetaData) -> dict[str, list[str]]:
    """Read every row of every table, as text."""
    with database.reading() as session:
        return {table.name: sorted(_rows(session, table)) for table in metadata.sorted_tables}


def _rows(session: Session, table: Table) -> list[str]:
    return [repr(tuple(row)) for row in session.execute(select(table))]


def _office(names: Names) -> acts.Act:
    return _act(names, person_id=f"dispatcher-{names['district']}", role=Role.DISPATCHER)


def _act(names: Names, *, person_id: str, role: Role, operation_id: str | None = None) -> acts.Act:
    in_field = role is Role.LINEMAN
    principal = acts.Principal(
        person_id=person_id,
        roles=frozenset({role}),
        district_id=names["district"],
        unit_path=f"/hq/hainan/haikou/{names['district']}",
        device_id=names["device"] if in_field else None,
        crew_ids=frozenset({names["crew"]} if in_field else ()),
    )
    happened = acts.Happened(at=NOW)
    return acts.Act(
        principal=principal, happened=happened, received_at=NOW, operation_id=operation_id
    )


def _people(session: Session, names: Names) -> None:
    district_id = names["district"]
    crews.district(session, district_id=district_id)
    person_id, crew_id = names["person"], names["crew"]
    crews.person(session, person_id=person_id, unit_id=district_id, name=f"name of {person_id}")
    crews.crew(session, crew_id=crew_id, district_id=district_id, member_ids=[person_id])
    crews.area(session, crew_id=crew_id, area_id="a8", district_id=district_id, reason=REASON)
    crews.device(session, person_id=person_id, device_id=names["device"], district_id=district_id)


def _places(session: Session, names: Names) -> None:
    district_id, feeder_id, point_id = names["district"], names["feeder"], names["point"]
    sites.district(session, district_id=district_id)
    sites.area(session, area_id=names["area"], district_id=district_id)
    sites.feeder(session, feeder_id=feeder_id, district_id=district_id)
    sites.transformer(
        session,
        transformer_id=names["transformer"],
        feeder_id=feeder_id,
        district_id=district_id,
    )
    sites.switch(session, switch_id=names["switch"], feeder_id=feeder_id, district_id=district_id)
    sites.service_point(session, service_point_id=point_id, district_id=district_id)
    sites.meter(
        session, meter_id=names["meter"], service_point_id=point_id, district_id=district_id
    )


def _work(session: Session, names: Names) -> Names:
    """Open an order with a promise that was broken, a route, and a report."""
    office, within = _office(names), {"district_id": names["district"]}
    kind = transitions.Kind.repair
    draft = tasks.TaskDraft(
        id=names["task"], kind=kind, title="no light", area_class="urban", site=work.site()
    )
    task = tasks.open_task(session, act=office, draft=draft)
    tasks.assign(
        session, act=office, task=task, crew_id=names["crew"], person_id=None, why="nearest"
    )
    meters = [names["meter"]]
    route = reading_shapes.RouteDraft(name="三号线", meter_ids=meters, crew_id=names["crew"])
    planned = readings.plan_route(session, act=office, draft=route)
    repairs.report(session, act=office, report=reports.report(key=names["report"]))
    session.flush()
    clock = session.query(Clock).filter_by(**within, subject_id=task.id).first()
    promise = _promise(session, names)
    session.add(_appointment(names, promise))
    assert clock is not None
    session.add(_case(names, clock))
    session.add(read_meters.abnormal(names))
    session.flush()
    read_meters.doubted(session, names)
    _supervised(session, names)
    request_id = _request(session, names)
    stop = session.query(Stop).filter_by(**within, route_id=planned.id).one()
    session.add_all(found_meters.beside(names, stop))
    return {
        "clock": clock.id,
        "route": planned.id,
        "stop": stop.id,
        "promise": promise,
        "request": request_id,
    }


def _promise(session: Session, names: Names) -> str:
    """Promise the customer of the order something, and name the promise."""
    due_at = NOW + dt.timedelta(hours=4)
    draft = PromiseDraft(
        customer=f"customer of {names['task']}",
        from_at=NOW,
        due_at=due_at,
        words="by noon",
        task_id=names["task"],
    )
    return customer_promises.give(session, act=_office(names), draft=draft).id


def _appointment(names: Names, promise_id: str) -> Appointment:
    return Appointment(
        district_id=names["district"],
        id=names["appointment"],
        promise_id=promise_id,
        crew_id=names["crew"],
        from_at=NOW,
        due_at=NOW + dt.timedelta(hours=4),
        seat=0,
        booked_by=f"dispatcher-{names['district']}",
        booked_at=NOW,
        cancelled_at=None,
    )


def _case(names: Names, clock: Clock) -> Case:
    return Case(
        district_id=names["district"],
        id=names["case"],
        clock_id=clock.id,
        subject_id=names["task"],
        kind=clock.kind,
        crew_id=names["crew"],
        unit_id=names["district"],
        opened_at=NOW,
        due_at=NOW,
        state="open",
        remark="",
        en="late",
        zh="超时",
    )


def _supervised(session: Session, names: Names) -> None:
    """Appeal against the case, and set a corrective action."""
    session.add(
        Appeal(
            district_id=names["district"],
            id=names["appeal"],
            case_id=names["case"],
            ground="not_true",
            words=REASON,
            state="pending",
            made_at=NOW,
            made_by=f"dispatcher-{names['district']}",
            decision="",
        )
    )
    session.add(
        Action(
            district_id=names["district"],
            id=names["action"],
            case_id=names["case"],
            subject_id=names["task"],
            what=REASON,
            owner_id=names["person"],
            due_on="2026-12-24",
            due_at=NOW,
            set_at=NOW,
            set_by=f"supervisor-{names['district']}",
            done="",
        )
    )


def _request(session: Session, names: Names) -> str:
    """Open a complaint that nobody answers for yet, and give its id."""
    draft = request_shapes.RequestDraft(
        key=names["report"],
        kind=requests_rule.Kind.complaint,
        item="voltage",
        description="电压不稳",
        meter_id=names["meter"],
    )
    opened, _ = requests.open_request(session, act=_office(names), draft=draft)
    return str(opened.id)


def _evidence(session: Session, names: Names) -> None:
    """Declare two files, ask whether they are alike, and begin two uploads."""
    for thing in ("file", "other"):
        act = _act(names, person_id=names["person"], role=Role.LINEMAN, operation_id=names[thing])
        body = files.declared(names[thing].encode())
        evidence.declare(session, act=act, subject_id=names["task"], body=body)
    session.flush()
    session.add(_likeness(names))
    for thing, kind in (("upload", "file"), ("part", "partial")):
        session.add(
            Upload(
                district_id=names["district"],
                id=names[thing],
                owner=names["device"],
                kind=kind,
                sha256=None,
                found_sha256=None,
                size_bytes=10,
                opened_at=NOW,
                expires_at=NOW + dt.timedelta(days=14),
                arrived_at=None,
            )
        )


def _likeness(names: Names) -> Likeness:
    return Likeness(
        district_id=names["district"],
        id=names["likeness"],
        file_id=names["file"],
        file_task_id=names["task"],
        file_stop_id=None,
        other_id=names["other"],
        other_task_id=names["task"],
        other_stop_id=None,
        same_bytes=False,
        dhash_distance=1,
        phash_distance=1,
        raised_at=NOW,
        state="open",
        decided_by=None,
        decided_at=None,
        note="",
    )


def _operations(session: Session, names: Names) -> None:
    """Hold one operation of a former phone, and keep another out."""
    phone = sync.Phone(client=None, headers={}, clock=_Still())  # type: ignore[arg-type]  # it only writes
    wire = phone.operation("task.note", names["task"], {"text": "a dog"}, id=names["held"])
    told = {"type": "task.note", "subject_id": names["task"], "wire": wire}
    told |= {"device_id": names["former"], "district_id": names["district"]}
    session.add(sync.receipt(1, operation_id=names["held"], status="held", **told))
    session.add(
        HeldOperation(
            district_id=names["district"],
            id=names["held"],
            device_id=names["former"],
            n=1,
            person_id=names["person"],
            code="waits-for-order",
            fields={"id": names["task"]},
            held_at=NOW,
            tries=0,
            tried_by="",
            settled_at=None,
        )
    )
    kept_out = phone.operation("task.note", names["task"], {"text": "a cat"}, id=ids.new_id())
    session.add(_quarantined(names, kept_out, told))
    session.add(_finding(names))
    session.add_all([_notice(names), webhooks.receiver(names["receiver"], names["district"])])
    session.add(customer_notices.notice(names["told"], names["district"], task_id=names["task"]))


def _quarantined(names: Names, wire: bytes, told: Mapping[str, object]) -> Quarantined:
    return Quarantined(
        id=names["quarantined"],
        reason="revoked",
        state="waiting",
        person_id=names["person"],
        n=2,
        operation_id=f"operation-{names['quarantined']}",
        sha256=files.sha256(wire),
        happened_at=NOW,
        error_s=0.0,
        clock_suspect=False,
        received_at=NOW,
        fields={},
        **{**told, "wire": wire},
    )


def _finding(names: Names) -> CustodyFinding:
    return CustodyFinding(
        district_id=names["district"],
        id=names["finding"],
        device_id=names["device"],
        number=1,
        said_sha256="0" * 64,
        our_sha256=None,
        restored_after=None,
        found_at=NOW,
        explained_at=None,
        explained_by=None,
        note="",
    )


def _notice(names: Names) -> Notice:
    return Notice(
        district_id=names["district"],
        id=names["notice"],
        channel="push",
        receiver=names["device"],
        cause=names["notice"],
        kind="given",
        subject_id=names["task"],
        state="dead",
        made_at=NOW,
        expires_at=NOW + dt.timedelta(days=1),
        next_at=NOW,
        tries=1,
        ended_at=NOW,
        why="the push service answered 400",
    )


class _Still:
    """A clock that stands."""

    def now(self) -> dt.datetime:
        return NOW
