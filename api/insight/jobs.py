"""The job that issues reports: composed first, while nobody waits for it, then entered at once."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.insight import service
from api.insight.service import issuing
from api.settings import Settings

REPORTS_PER_RUN: Final = issuing.REPORTS_PER_RUN


class IssueReports:
    """Issue the reports of every week and month that is over and has none yet."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Compose them from one moment of the books."""
        del settings
        with database.reading() as session:
            self._composed = service.compose_due(session, act=act)

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Enter them."""
        del settings
        return {"issued": service.enter_due(session, act=act, composed=self._composed)}
