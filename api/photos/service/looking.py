"""Looking into files: taken up in one unit of work, opened in none, noted in another.

Whoever dies in between leaves nothing but a file that is taken up again; what was made is made
again over itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import depot, examining
from api.evidence import service as evidence
from api.photos import darkroom, derived, store
from api.photos.models import Picture
from api.photos.service import asking
from schemas import photos
from schemas.evidence import EvidenceKind
from schemas.photos import PictureState, Why
from schemas.rules import likeness, sniffing

ATTEMPTS_MAX: Final = 3
"""How often a server may die over a file before it is left alone."""
_log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken up to be looked into."""

    file_id: str
    district_id: str
    sha256: str
    kind: EvidenceKind
    attempt: int
    is_known: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What looking into a file found; None for `developed` where it was not opened."""

    state: PictureState
    kind: sniffing.Kind
    developed: darkroom.Developed | None = None
    why: Why | None = None


def take(session: Session, *, act: Act) -> Taken | None:
    """Take up the file that has waited longest."""
    taken = examining.take(session, act=act)
    if taken is None:
        return None
    file = taken.file
    kind = EvidenceKind(file.kind)
    known = store.find_picture(session, district_id=act.district_id, sha256=file.sha256)
    return Taken(
        file_id=file.id,
        district_id=file.district_id,
        sha256=file.sha256,
        kind=kind,
        attempt=taken.attempt,
        is_known=known is not None and not _was_only_kept(known),
    )


def look_into(taken: Taken, *, files: depot.Depot, shelf: derived.Shelf) -> Found | None:
    """Open a file and put what it is shown as on the shelf; None when that was done before.

    No unit of work may be open: it takes long.

    Raises:
        OSError: the depot does not give the bytes, or the shelf has no room.
    """
    place = {"district_id": taken.district_id, "sha256": taken.sha256}
    with files.open_file(**place) as content:
        head = content.read(sniffing.HEAD_BYTES)
        kind = sniffing.sniff(head)
        if kind not in sniffing.DECODED or taken.kind is EvidenceKind.SIGNATURE:
            return None if taken.is_known else Found(PictureState.KEPT, kind)
        if taken.is_known and shelf.holds(**place):
            return None
        if taken.attempt > ATTEMPTS_MAX:
            return Found(PictureState.UNREADABLE, kind, why=Why.GAVE_UP)
        developed = darkroom.develop(content, kind=kind, head=head)
    if developed.why is not None:
        return Found(PictureState.UNREADABLE, kind, developed, developed.why)
    shelf.put(developed.thumbnail, shown=derived.Shown.THUMBNAIL, **place)
    shelf.put(developed.copy, shown=derived.Shown.COPY, **place)
    return Found(PictureState.READ, kind, developed)


def note(session: Session, *, act: Act, taken: Taken, found: Found | None) -> Mapping[str, int]:
    """Write down what was found, raise what must be asked, and let the file go; count both."""
    if found is not None:
        store.put_picture(session, picture=_row(act, taken, found))
        if found.why is not None:
            detail = found.developed.detail if found.developed else ""
            _log.warning("photo.unreadable", sha256=taken.sha256, why=found.why, detail=detail)
    raised = 0
    if taken.kind is not EvidenceKind.SIGNATURE:
        picture = store.find_picture(session, district_id=act.district_id, sha256=taken.sha256)
        assert picture is not None, "it was known, or written above"
        file = evidence.get_file(session, act=act, file_id=taken.file_id)
        raised = asking.raise_questions(session, act=act, file=file, picture=picture)
    examining.settle(session, act=act, file_id=taken.file_id)
    return {"examined": 1, "questions": raised}


def leave(session: Session, *, act: Act, taken: Taken) -> None:
    """Let a file go that could not be looked into for no fault of its own; it is tried later."""
    examining.put_back(session, act=act, file_id=taken.file_id)


def _was_only_kept(row: Picture) -> bool:
    """Tell whether a picture that could be opened was not, because it was a signature."""
    return row.state == PictureState.KEPT and sniffing.Kind(row.media_type) in sniffing.DECODED


def _row(act: Act, taken: Taken, found: Found) -> dict[str, Any]:
    developed = found.developed or darkroom.Developed(photos.Claims())
    ways = developed.marks
    comparable = bool(ways) and not ways[0].is_plain
    bands = likeness.bands(ways[0].dhash) if comparable else (None,) * likeness.BANDS
    return {
        "district_id": taken.district_id,
        "sha256": taken.sha256,
        "state": str(found.state),
        "why": None if found.why is None else str(found.why),
        "detail": developed.detail,
        "media_type": str(found.kind),
        "width_px": developed.width_px,
        "height_px": developed.height_px,
        "orientation": developed.orientation,
        "claims": msgspec.to_builtins(developed.claims),
        "marks": [[f"{way.dhash:016x}", f"{way.phash:016x}"] for way in ways],
        **{f"band_{place}": band for place, band in enumerate(bands)},
        "examined_at": act.received_at,
    }
