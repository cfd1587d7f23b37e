"""A scheduled job: uploads that are over make room."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.acts import Act
from api.evidence import depot, uploads
from api.settings import Settings


def sweep_uploads(session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
    """Forget a district's uploads that are over, and discard the parts that nobody waits for."""
    files = depot.opened(settings)
    return uploads.sweep(session, act=act, files=files)
