from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from api import db
from api.promises import service
from schemas.rules.clocks import State
from tests.makers import promises, sites

minute = promises.minute


def test_a_batch_of_acts_on_loaded_subjects_asks_no_question(database: db.Database) -> None:
    names = [f"order-{number}" for number in range(60)]
    with database.unit_of_work() as first:
        sites.district(first)
        for name in names:
            promises.opened(first, name)
    asked: list[str] = []
    with database.unit_of_work() as second:
        service.load(second, district_id=promises.DISTRICT, subject_ids=names)
        service.note(
            second,
            act=promises.act(at=minute(1)),
            subject=promises.subject(names[0]),
            event="arrive",
        )
        connection = second.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
        for name in names[1:]:
            service.note(
                second,
                act=promises.act(at=minute(1)),
                subject=promises.subject(name),
                event="arrive",
            )
        assert asked == []
        second.flush()
        assert len(asked) <= 6


def test_a_rolled_back_act_leaves_nothing_behind(database: db.Database) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
        work = promises.opened(session)
        with pytest.raises(RuntimeError, match="thought better of it"):
            _arrive_and_fail(session, work)
        act = promises.act(at=minute(50))
        service.note(session, act=act, subject=work, event="arrive")

        assert promises.clock(session).state == State.breached


def _arrive_and_fail(session: Session, work: service.Subject) -> None:
    with db.savepoint(session):
        service.note(session, act=promises.act(at=minute(5)), subject=work, event="arrive")
        message = "thought better of it"
        raise RuntimeError(message)
