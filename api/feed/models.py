"""Tables of the feed: a head for each audience, and the newest entry of each entity in it."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base


class FeedHead(Base):
    """The last number given in an audience; locked while numbers are given."""

    __tablename__ = "feed_heads"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class FeedEntry(Base):
    """The newest change of one entity in one audience, with its wire bytes."""

    __tablename__ = "feed_entries"
    __table_args__ = (
        Index("ix_feed_entries_order", "district_id", "audience", "number", unique=True),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    gone: Mapped[bool]
    wire: Mapped[bytes]


class Lineage(Base):
    """The name of this database's history; a restored backup starts a new one."""

    __tablename__ = "feed_lineage"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
