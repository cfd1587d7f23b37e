"""Questions about crews, their members, areas and shifts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crews.models import Crew, CrewMember


def list_crew_ids_of(session: Session, *, district_id: str, person_id: str) -> Sequence[str]:
    """List the crews that a person is in and that are not disbanded."""
    question = (
        select(CrewMember.crew_id)
        .join(
            Crew,
            (Crew.district_id == CrewMember.district_id) & (Crew.id == CrewMember.crew_id),
        )
        .where(
            CrewMember.district_id == district_id,
            CrewMember.person_id == person_id,
            Crew.disbanded_at.is_(None),
        )
        .order_by(CrewMember.crew_id)
    )
    return session.scalars(question).all()
