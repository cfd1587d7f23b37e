"""Tables of appointments: seats in slots, and days on which a crew does not come."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, same_district

_SEATED = "seat IS NOT NULL"
SEAT_TAKEN = "uq_appointments_seat"


class Appointment(Base):
    """A slot of a crew's calendar, given to a customer.

    `seat` numbers the appointments of one slot; it is None once the slot is free again: cancelled,
    or agreed anew outside of it.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        same_district("crew_id", target="crews"),
        same_district("promise_id", target="customer_promises"),
        Index(
            SEAT_TAKEN,
            "district_id",
            "crew_id",
            "from_at",
            "seat",
            unique=True,
            sqlite_where=text(_SEATED),
            postgresql_where=text(_SEATED),
        ),
        Index("ix_appointments_from", "district_id", "from_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    promise_id: Mapped[str]
    crew_id: Mapped[str]
    from_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    seat: Mapped[int | None]
    booked_by: Mapped[str]
    booked_at: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]


class CrewDayOff(Base):
    """A day on which a crew does not come; `day` is the local date as ISO text."""

    __tablename__ = "crew_days_off"
    __table_args__ = (same_district("crew_id", target="crews"),)

    district_id: Mapped[str] = mapped_column(primary_key=True)
    crew_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    by: Mapped[str]
    at: Mapped[dt.datetime]
