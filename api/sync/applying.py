"""Apply a batch of operations: together where it can be, each alone where something rises.

Service functions refuse before they change anything, so a refused operation needs no undoing and
a whole batch can share one savepoint.
A bug or a broken constraint undoes the batch; then each operation is tried in a savepoint of its
own, the poisonous one is held with its bytes, and the rest go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api import db
from api.acts import Act, Happened
from api.crews import service as crews
from api.sync import catalogue
from api.sync.inbox import Letter
from api.sync.refusals import OperationFailed
from schemas import sync
from schemas.errors import Refused

_log = structlog.get_logger()


class Timed(NamedTuple):
    """A letter and when its operation happened."""

    letter: Letter
    happened: Happened


class Settled(NamedTuple):
    """A letter's outcome: applied when there is no remark, else what the remark says."""

    letter: Letter
    happened: Happened
    remark: Refused | None

    @property
    def status(self) -> str:
        """What became of the operation (a `schemas.sync.Status`)."""
        return self.remark.outcome if self.remark else sync.Status.APPLIED


def settle(
    session: Session, *, act: Act, timed: Sequence[Timed], barred: Mapping[int, Refused]
) -> list[Settled]:
    """Give each operation its outcome.

    Args:
        session: the unit of work.
        act: the contact that brought them.
        timed: the operations in their order.
        barred: those that may not be applied, by number.
    """
    try:
        with db.savepoint(session):
            letters = [each.letter for each in timed if each.letter.n not in barred]
            load(session, act=act, letters=letters)
            return [_settle_one(session, act=act, each=each, barred=barred) for each in timed]
    except OperationalError:
        raise  # the database is away: nothing is settled and the phone asks again
    except Exception:  # noqa: BLE001 - whatever rose, its neighbours go on; it is logged
        _log.exception("push.batch_failed", operations=len(timed))
    return [_settle_alone(session, act=act, each=each, barred=barred) for each in timed]


def settle_late(
    session: Session,
    *,
    act: Act,
    letter: Letter,
    device_id: str,
    person_id: str,
    happened: Happened,
) -> Refused | None:
    """Settle one operation long after it came, as the act of the person who did it then.

    Args:
        session: the unit of work.
        act: of the job or the person of the office that brings it to an end.
        letter: the operation as it came.
        device_id: the device that sent it.
        person_id: who did it.
        happened: when it happened.

    Returns:
        None when it was applied, else what was said of it.
    """
    principal = crews.principal_of(
        session, district_id=act.district_id, person_id=person_id, device_id=device_id
    )
    own = act._replace(principal=principal)
    barred = {} if letter.refused is None else {letter.n: letter.refused}
    (settled,) = settle(session, act=own, timed=[Timed(letter, happened)], barred=barred)
    return settled.remark


def load(session: Session, *, act: Act, letters: Sequence[Letter]) -> None:
    """Bring what letters are about into the unit of work, locked in order."""
    catalogue.load(
        session,
        act=act,
        subject_ids={letter.subject_id for letter in letters},
        stop_ids={letter.stop_id for letter in letters if letter.stop_id is not None},
        hashes={letter.sha256_declared for letter in letters if letter.sha256_declared},
    )


def _settle_one(
    session: Session, *, act: Act, each: Timed, barred: Mapping[int, Refused]
) -> Settled:
    letter = each.letter
    remark = barred.get(letter.n)
    if remark is None:
        try:
            remark = _apply(session, act=act, each=each)
        except Refused as refused:
            remark = refused
    return Settled(letter, each.happened, remark)


def _settle_alone(
    session: Session, *, act: Act, each: Timed, barred: Mapping[int, Refused]
) -> Settled:
    """Try one operation where it can harm no other."""
    try:
        with db.savepoint(session):
            return _settle_one(session, act=act, each=each, barred=barred)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - a poisonous record is held, never the queue
        _log.exception("push.operation_failed", operation_id=each.letter.id)
        return Settled(each.letter, each.happened, OperationFailed())


def _apply(session: Session, *, act: Act, each: Timed) -> Refused | None:
    operation = each.letter.operation
    assert operation is not None
    own = act.within(happened=each.happened, operation_id=operation.id, based_on=operation.based_on)
    entry = catalogue.ENTRIES[operation.type]
    return entry.apply(session, act=own, subject_id=operation.subject, body=each.letter.body)
