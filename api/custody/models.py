"""Tables of custody: keys that signed, checkpoints with their leaves, and their time stamps.

Keys, checkpoints and leaves never change; a stamp is tried until it is there, and a finding is open
until somebody explains it.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api import db


class CheckpointKey(db.Base):
    """The public half of a key that signs checkpoints; the private one is no matter of a database.

    `public` is the JWK; `follows` and `named_by` say which key named it as its successor.
    """

    __tablename__ = "checkpoint_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[str]
    since: Mapped[dt.datetime]
    follows: Mapped[str | None]
    named_by: Mapped[str | None]


class Checkpoint(db.Base):
    """A signed statement of a district's books; `sha256` is that of the statement's bytes."""

    __tablename__ = "checkpoints"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    kid: Mapped[str]
    leaves: Mapped[int]
    statement: Mapped[bytes]
    signature: Mapped[str]
    sha256: Mapped[str]


class CheckpointLeaf(db.Base):
    """One chain in a checkpoint's tree, at its place there, counted from 0."""

    __tablename__ = "checkpoint_leaves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["district_id", "number"], ["checkpoints.district_id", "checkpoints.number"]
        ),
        UniqueConstraint(
            "district_id", "kind", "subject_id", "count", name="uq_checkpoint_leaves_subject"
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    subject_id: Mapped[str]
    count: Mapped[int]
    hash: Mapped[str]


class CustodyFinding(db.Base):
    """A checkpoint that a device was shown, and that was not here so when the device said it.

    `our_sha256` is what had its number here; `restored_after` the checkpoint after which a new
    lineage had begun. It is open until somebody explains it.
    """

    __tablename__ = "custody_findings"
    __table_args__ = (
        UniqueConstraint(
            "district_id", "device_id", "number", "said_sha256", name="uq_custody_findings_said"
        ),
        Index("ix_custody_findings_found", "district_id", "found_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str]
    number: Mapped[int]
    said_sha256: Mapped[str]
    our_sha256: Mapped[str | None]
    restored_after: Mapped[int | None]
    found_at: Mapped[dt.datetime]
    explained_at: Mapped[dt.datetime | None]
    explained_by: Mapped[str | None]
    note: Mapped[str]


class CheckpointStamp(db.Base):
    """A time-stamp authority's answer for a checkpoint (RFC 3161), or why there is none yet."""

    __tablename__ = "checkpoint_stamps"
    __table_args__ = (
        ForeignKeyConstraint(
            ["district_id", "number"], ["checkpoints.district_id", "checkpoints.number"]
        ),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tried_at: Mapped[dt.datetime]
    answer: Mapped[bytes | None]
    stamped_at: Mapped[dt.datetime | None]
    error: Mapped[str]
