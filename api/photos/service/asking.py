"""Asking: which files are alike and about different work, and what a person says to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.errors import NotFound
from api.evidence import service as evidence
from api.evidence.models import EvidenceFile
from api.photos import store
from api.photos.models import Picture
from schemas import photos
from schemas.errors import Refused
from schemas.evidence import EvidenceKind
from schemas.rules import likeness

CANDIDATES_MAX: Final = 2_000
"""The most pictures, of one band of marks, that one is measured against; the latest come first."""
SAME_FILES_MAX: Final = 100
QUESTIONS_PER_FILE_MAX: Final = 20
"""More would be no question any more."""


class LikenessSettled(Refused):
    """Somebody has decided this question otherwise. Look at it again, and speak with them."""

    code = "likeness-settled"
    status = 409
    en = "{decided_by} has decided this question already: {state}."
    zh = "{decided_by} 已对该问题作出结论：{state}。"


def raise_questions(session: Session, *, act: Act, file: EvidenceFile, picture: Picture) -> int:
    """Ask about every other file that is this one, or looks like it, and is about other work."""
    distances = {file.sha256: likeness.Distance(0, 0)} | dict(_near(session, picture))
    others = evidence.list_arrived_of(
        session, act=act, hashes=sorted(distances), limit=SAME_FILES_MAX
    )
    raised = 0
    for other in others:
        if raised == QUESTIONS_PER_FILE_MAX:
            break
        if other.kind != EvidenceKind.SIGNATURE and _is_other_work(file, other):
            row = _question(act, file, other, distances[other.sha256])
            raised += store.add_likeness(session, likeness=row)
    return raised


def list_likenesses(
    session: Session, *, act: Act, state: photos.LikenessState | None, after_id: str, limit: int
) -> list[photos.Likeness]:
    """List the district's questions by id, which is the order in which they were raised."""
    rows = store.page_of_likenesses(
        session, district_id=act.district_id, state=state, after_id=after_id, limit=limit
    )
    return [row.view() for row in rows]


def decide(
    session: Session, *, act: Act, likeness_id: str, body: photos.LikenessDecided
) -> photos.Likeness:
    """Take a person's decision; the same one again changes nothing.

    Raises:
        NotFound: there is no such question for this principal.
        LikenessSettled: it was decided otherwise.
    """
    row = store.find_likeness_held(session, district_id=act.district_id, likeness_id=likeness_id)
    if row is None:
        raise NotFound(what="likeness", id=likeness_id)
    if row.state == body.decision:
        return row.view()
    if row.state != photos.LikenessState.OPEN:
        raise LikenessSettled(decided_by=row.decided_by, state=row.state)
    row.state = str(body.decision)
    row.decided_by = act.principal.person_id
    row.decided_at = act.received_at
    row.note = body.note
    crews.audit(
        session,
        act=act,
        what="likeness.decided",
        subject_id=row.id,
        detail={"decision": str(body.decision), "file_id": row.file_id, "other_id": row.other_id},
    )
    return row.view()


def _near(session: Session, picture: Picture) -> Iterator[tuple[str, likeness.Distance]]:
    """Find the pictures of the district that look like one."""
    if picture.band_0 is None:
        return
    ways = picture.ways
    candidates = store.list_in_bands(
        session,
        district_id=picture.district_id,
        bands=likeness.near_bands(ways),
        but_sha256=picture.sha256,
        limit=CANDIDATES_MAX,
    )
    for candidate in candidates:
        apart = likeness.distance(ways, candidate.ways[0])
        if apart.is_near:
            yield candidate.sha256, apart


def _is_other_work(file: EvidenceFile, other: EvidenceFile) -> bool:
    """Tell whether two files are about different work: other orders, or two meters of one route."""
    if file.task_id != other.task_id:
        return True
    return bool(file.stop_id and other.stop_id) and file.stop_id != other.stop_id


def _question(
    act: Act, file: EvidenceFile, other: EvidenceFile, apart: likeness.Distance
) -> dict[str, Any]:
    """Shape a question; the file that we heard of later is asked about."""
    earlier, later = sorted((file, other), key=lambda each: (each.received_at, each.id))
    return {
        "district_id": act.district_id,
        "id": act.new_id(),
        "file_id": later.id,
        "file_task_id": later.task_id,
        "file_stop_id": later.stop_id or None,
        "other_id": earlier.id,
        "other_task_id": earlier.task_id,
        "other_stop_id": earlier.stop_id or None,
        "same_bytes": later.sha256 == earlier.sha256,
        "dhash_distance": apart.dhash,
        "phash_distance": apart.phash,
        "raised_at": act.received_at,
        "state": str(photos.LikenessState.OPEN),
        "decided_by": None,
        "decided_at": None,
        "note": "",
    }
