"""Tables of insight: reports as they were issued."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base


class IssuedReport(Base):
    """A report of a district as it was issued at a period's end, once; never changed.

    `body` is the report's exact JSON, `sha256` its hash; the days are local dates as ISO text.
    """

    __tablename__ = "issued_reports"
    __table_args__ = (
        UniqueConstraint("district_id", "span", "first_day", name="uq_issued_reports_span"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str]
    first_day: Mapped[str]
    last_day: Mapped[str]
    as_of: Mapped[dt.datetime]
    issued_at: Mapped[dt.datetime]
    body: Mapped[bytes]
    sha256: Mapped[str]
