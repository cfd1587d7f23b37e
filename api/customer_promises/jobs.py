"""Scheduled jobs: customers are told what they are to be told, and of promises in danger first."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from api.acts import Act
from api.customer_notices import service as customer_notices
from api.customer_promises import service
from api.promises import service as promises
from api.settings import Settings

NOTICES_PER_RUN: Final = 500
FORGOTTEN_PER_RUN: Final = 50_000


def inform(session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
    """Hand over what customers are to be told by now, and write down what they were told.

    Returns:
        How many promises in danger were found, and how many notices came to stand how.
    """
    gateway = bool(settings.sms_url)
    return dict(service.inform_due(session, act=act, gateway=gateway, limit=NOTICES_PER_RUN))


def is_wanted(session: Session, *, district_id: str, now: dt.datetime) -> bool:
    """Tell whether any customer is to be told anything."""
    return customer_notices.is_any_due(
        session, district_id=district_id, now=now
    ) or promises.is_any_to_tell(session, district_id=district_id)


def forget(session: Session, *, act: Act) -> dict[str, int]:
    """Forget what customers were told a month ago, with their numbers."""
    return {"notices_gone": customer_notices.forget(session, act=act, limit=FORGOTTEN_PER_RUN)}
