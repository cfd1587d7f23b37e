"""Tables of work: tasks, their timelines, who held them from when on, what crews are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district
from api.feed.synced import Synced
from schemas import messages, tasks
from schemas.errors import Words
from schemas.rules import transitions

_OPEN = text("state NOT IN ('archived', 'cancelled')")
_TO_LOOK_AT = text("look IS NOT NULL")


class Task(Synced, Base):
    """One piece of work.

    `version` counts its changes; `timeline_count` and `timeline_hash` tell how long its timeline
    is and how it ends, so that a cut tail is seen.
    `customers_out` is how many customers were reported to be without power.
    `due_at` is the earliest instant at which a clock that still runs is due.
    `reopened_at` is when its present turn began, if it had one before; `look` names what a person
    of the office is asked to look at.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        same_district("crew_id", target="crews"),
        same_district("area_id", target="areas"),
        same_district("service_point_id", target="service_points"),
        Index(
            "ix_tasks_open",
            "district_id",
            "urgency",
            "opened_at",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_tasks_look",
            "district_id",
            "urgency",
            "opened_at",
            "id",
            sqlite_where=_TO_LOOK_AT,
            postgresql_where=_TO_LOOK_AT,
        ),
        Index("ix_tasks_age", "district_id", "urgency", "opened_at", "id"),
        Index("ix_tasks_opened", "district_id", "opened_at", "kind", "id"),
        Index("ix_tasks_crew", "district_id", "crew_id", "state"),
        Index("ix_tasks_person", "district_id", "person_id", "state"),
    )
    entity = "task"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    note: Mapped[str]
    urgency: Mapped[int]
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    why: Mapped[str]
    area_id: Mapped[str | None]
    area_class: Mapped[str | None]
    site: Mapped[dict[str, Any] | None] = mapped_column(JsonType)
    service_point_id: Mapped[str | None]
    care: Mapped[bool]
    customers_out: Mapped[int] = mapped_column(server_default="0")
    contact: Mapped[str]
    opened_at: Mapped[dt.datetime]
    state_at: Mapped[dt.datetime]
    suspended_reason: Mapped[str]
    suspended_until: Mapped[dt.datetime | None]
    reopened_at: Mapped[dt.datetime | None]
    look: Mapped[str | None]
    evidence_declared: Mapped[int]
    evidence_missing: Mapped[int]
    clocks: Mapped[list[dict[str, Any]]] = mapped_column(JsonType)
    due_at: Mapped[dt.datetime | None]
    timeline_count: Mapped[int]
    timeline_hash: Mapped[str]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Give it to its person, else to its crew; settled or unassigned it is on no phone."""
        if values["state"] in transitions.SETTLED:
            return None
        if values["person_id"]:
            return f"person:{values['person_id']}"
        return f"crew:{values['crew_id']}" if values["crew_id"] else None

    def wire(self) -> tasks.Task:
        """Shape the task as crews and office see it."""
        return tasks.Task(
            id=self.id,
            district_id=self.district_id,
            kind=transitions.Kind(self.kind),
            state=transitions.State(self.state),
            version=self.version,
            title=self.title,
            note=self.note,
            urgency=self.urgency,
            crew_id=self.crew_id,
            person_id=self.person_id,
            why=self.why,
            area_id=self.area_id,
            site=self.work_site,
            service_point_id=self.service_point_id,
            care=self.care,
            contact=self.contact,
            opened_at=self.opened_at,
            state_at=self.state_at,
            suspended_reason=self.suspended_reason,
            suspended_until=self.suspended_until,
            look=self.look,
            evidence_declared=self.evidence_declared,
            evidence_missing=self.evidence_missing,
            clocks=self.task_clocks,
        )

    @property
    def work_site(self) -> tasks.WorkSite | None:
        """The ground that its crew must stand on."""
        return msgspec.convert(self.site, tasks.WorkSite) if self.site else None

    @property
    def task_clocks(self) -> list[tasks.TaskClock]:
        """The promises on it, as its crew sees them count down."""
        return msgspec.convert(self.clocks, list[tasks.TaskClock])


class TaskEvent(Base):
    """One moment of a task's timeline; never changed.

    `body` is the moment's exact JSON; `hash` is the SHA-256 over the hash before it and `body`.
    """

    __tablename__ = "task_events"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        UniqueConstraint("district_id", "task_id", "number", name="uq_task_events_number"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    number: Mapped[int]
    body: Mapped[bytes]
    hash: Mapped[str]


class TaskMark(Base):
    """A moment that decided how a task's turn ended, as it is counted; never changed.

    It has its moment's id.
    `word` is what is counted by: the cause that was found, what the customer said, why it was given
    back, suspended or called off.
    """

    __tablename__ = "task_marks"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        Index("ix_task_marks_task", "district_id", "task_id", "event", "received_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    event: Mapped[str]
    crew_id: Mapped[str | None]
    happened_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    word: Mapped[str]


class TaskHolder(Base):
    """Whose hands a task came into, and when; never changed, the next row ends it.

    Without crew and person it lies with the duty office.
    """

    __tablename__ = "task_holders"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        Index("ix_task_holders_task", "district_id", "task_id", "held_from"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    held_from: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]


class Message(Synced, Base):
    """What a crew, or one person, is told about work that was or is theirs."""

    __tablename__ = "messages"
    __table_args__ = (
        same_district("task_id", target="tasks"),
        Index("ix_messages_at", "district_id", "at"),
    )
    entity = "message"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str | None]
    person_id: Mapped[str | None]
    kind: Mapped[str]
    task_id: Mapped[str]
    title: Mapped[str]
    why: Mapped[str]
    at: Mapped[dt.datetime]

    @classmethod
    def audience_of(cls, values: Mapping[str, Any]) -> str | None:
        """Give it to its person, else to its crew."""
        if values["person_id"]:
            return f"person:{values['person_id']}"
        return f"crew:{values['crew_id']}"

    def wire(self) -> messages.Message:
        """Shape the message as its crew reads it."""
        kind = messages.MessageKind(self.kind)
        en, zh = messages.SENTENCES[kind]
        told = {"title": self.title, "why": self.why}
        return messages.Message(
            id=self.id,
            kind=kind,
            task_id=self.task_id,
            title=self.title,
            words=Words(en=en.format_map(told), zh=zh.format_map(told)),
            at=self.at,
        )
