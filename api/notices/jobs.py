"""Scheduled jobs of notices: what waits is sent, and what ended long ago is forgotten."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.db import Database
from api.notices import sending, service
from api.notices.channels import opening
from api.settings import Settings

SENT_PER_RUN: Final = sending.TAKEN_MAX * sending.ROUNDS_MAX
FORGOTTEN_MAX: Final = 50_000


class SendNotices:
    """Send what is due in a district; each notice is noted in a unit of work of its own."""

    def __init__(self, database: Database, *, act: Act, settings: Settings) -> None:
        """Send; no unit of work is open meanwhile."""
        self._counts = sending.send_due(database, act=act, channels=opening.opened(settings))

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Tell what was sent; it is noted already."""
        del session, act, settings
        return {what: count for what, count in self._counts.items() if count}


def is_wanted(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether there is anything to send."""
    return service.is_any_ready(session, district_id=district_id, now=now)


def forget(session: Session, *, act: Act) -> dict[str, int]:
    """Forget notices that ended long ago, and where revoked devices heard them."""
    return {
        "notices_gone": service.forget_ended(session, act=act, limit=FORGOTTEN_MAX),
        "subscriptions_gone": service.forget_revoked(session),
    }
