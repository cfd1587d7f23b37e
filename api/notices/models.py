"""Tables of notices: the outbox, where devices hear them, and the house's own push key."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api import db


class Notice(db.Base):
    """Something that is told to one receiver by one channel, written with its cause.

    Those of a receiver go out in the order of their ids, one after the other.
    While one is being sent, `next_at` is when its sender's word counts no more; `tries` tells the
    attempts apart, so that a slow sender does not write over what a later one has noted.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("district_id", "channel", "receiver", "cause", name="uq_notices_cause"),
        Index("ix_notices_due", "district_id", "state", "next_at", "id"),
        Index("ix_notices_receiver", "district_id", "state", "channel", "receiver", "id"),
        Index("ix_notices_made", "district_id", "made_at", "id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    receiver: Mapped[str]
    cause: Mapped[str]
    kind: Mapped[str]
    subject_id: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    next_at: Mapped[dt.datetime]
    tries: Mapped[int]
    ended_at: Mapped[dt.datetime | None]
    why: Mapped[str]


class Subscription(db.Base):
    """Where a device hears notices: one place for each device, and one device for each place."""

    __tablename__ = "push_subscriptions"

    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    lang: Mapped[str]
    since: Mapped[dt.datetime]


class PushKeyPair(db.Base):
    """The key pair by which push services know this house; there is one.

    Browsers tie each subscription to it, so it is kept as long as the database.
    """

    __tablename__ = "push_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    private_pem: Mapped[bytes]
    made_at: Mapped[dt.datetime]
