"""Who listens hears everything once and in order, also when it was down for a day."""

from __future__ import annotations

import datetime as dt

import pytest

from api.supervision.models import CaseMoment
from schemas.supervision import CaseEvent
from tests.makers.webhooks import Heard, System
from tests.month import listening
from tests.month.living import Month

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("month")]


def sent_at(heard: Heard) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), dt.UTC)


def test_a_receiver_that_is_down_for_a_day_gets_everything_once_and_in_order(
    lived: Month, system: System
) -> None:
    with lived.database.reading() as session:
        record = session.query(CaseMoment).order_by(CaseMoment.heard_at, CaseMoment.id).all()
    events = [(CaseEvent(line.event), line.case_id) for line in record]
    told = [(listening.TOLD[event], case) for event, case in events if event in listening.TOLD]

    taken = system.taken(listening.NAME)
    assert [
        (heard.event["type"], heard.event["subject"].removeprefix("supervision/"))
        for heard in taken
    ] == told
    assert len({heard.headers["webhook-id"] for heard in taken}) == len(told)


def test_nothing_was_taken_while_it_was_down_and_it_was_not_stormed(
    lived: Month, system: System
) -> None:
    assert lived.clock.now() > listening.DOWN[1]
    assert not [each for each in system.taken(listening.NAME) if listening.was_down(sent_at(each))]
    refused = [each for each in system.heard if each.status >= 500]
    assert 1 < len(refused) < 60
    assert len({each.headers["webhook-id"] for each in refused}) == 1, "the others waited"
