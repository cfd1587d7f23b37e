"""Tables of photos: what the bytes of a hash say, and questions about files that are alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.columns import JsonType
from api.db import Base, same_district
from schemas import photos
from schemas.rules import likeness


class Picture(Base):
    """What the bytes of a hash say; whoever declared them, and however often.

    `marks` are those of `likeness.marks` as pairs of hex; `band_0` to `band_3` are the first
    dHash's bands, empty where the picture is too plain to be compared.
    """

    __tablename__ = "pictures"
    __table_args__ = tuple(
        Index(f"ix_pictures_band_{band}", "district_id", f"band_{band}") for band in range(4)
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    why: Mapped[str | None]
    detail: Mapped[str]
    media_type: Mapped[str]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    orientation: Mapped[int | None]
    claims: Mapped[dict[str, Any]] = mapped_column(JsonType)
    marks: Mapped[list[list[str]]] = mapped_column(JsonType)
    band_0: Mapped[int | None]
    band_1: Mapped[int | None]
    band_2: Mapped[int | None]
    band_3: Mapped[int | None]
    examined_at: Mapped[dt.datetime]

    @property
    def said(self) -> photos.Claims:
        """What the file says of itself."""
        return msgspec.convert(self.claims, photos.Claims)

    @property
    def ways(self) -> tuple[likeness.Mark, ...]:
        """The picture's marks, the first as it stands."""
        return tuple(likeness.Mark(int(dhash, 16), int(phash, 16)) for dhash, phash in self.marks)


class Likeness(Base):
    """A question to a person: is `file_id`, of which we heard later, `other_id` used again?"""

    __tablename__ = "likenesses"
    __table_args__ = (
        same_district("file_id", target="evidence_files"),
        same_district("other_id", target="evidence_files"),
        UniqueConstraint("district_id", "file_id", "other_id", name="uq_likenesses_pair"),
        Index("ix_likenesses_state", "district_id", "state", "id"),
        Index("ix_likenesses_other", "district_id", "other_id"),
    )

    district_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str]
    file_task_id: Mapped[str]
    file_stop_id: Mapped[str | None]
    other_id: Mapped[str]
    other_task_id: Mapped[str]
    other_stop_id: Mapped[str | None]
    same_bytes: Mapped[bool]
    dhash_distance: Mapped[int]
    phash_distance: Mapped[int]
    raised_at: Mapped[dt.datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
    note: Mapped[str]

    def view(self) -> photos.Likeness:
        """Shape the question as the office sees it."""
        words = photos.question(
            same_bytes=self.same_bytes,
            dhash_distance=self.dhash_distance,
            phash_distance=self.phash_distance,
        )
        return photos.Likeness(
            id=self.id,
            file_id=self.file_id,
            file_task_id=self.file_task_id,
            file_stop_id=self.file_stop_id,
            other_id=self.other_id,
            other_task_id=self.other_task_id,
            other_stop_id=self.other_stop_id,
            same_bytes=self.same_bytes,
            dhash_distance=self.dhash_distance,
            phash_distance=self.phash_distance,
            raised_at=self.raised_at,
            state=photos.LikenessState(self.state),
            decided_by=self.decided_by,
            decided_at=self.decided_at,
            note=self.note,
            words=words,
        )
