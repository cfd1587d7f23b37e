"""Tables of the feed: a head for each audience, the newest entry of each entity in it, its pages.

Pages are kept copies of entries and can be lost without harm.
"""

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


class FeedSnapshot(Base):
    """How far an audience's pages reach; the row is what makers of pages agree on.

    Pages hold every entry up to `through` as of their making, `rows` altogether.
    Those up to `base` were made at once and leave out what was gone by then; later ones tell it.
    """

    __tablename__ = "feed_snapshots"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int]
    base: Mapped[int]
    through: Mapped[int]
    rows: Mapped[int]


class FeedPage(Base):
    """Changes with numbers beyond `after` and up to `through`, joined and compressed with zstd."""

    __tablename__ = "feed_pages"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    through: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    after: Mapped[int]
    rows: Mapped[int]
    tells_gone: Mapped[bool]
    changes: Mapped[bytes]


class Lineage(Base):
    """The name of this database's history; a restored backup starts a new one."""

    __tablename__ = "feed_lineage"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
