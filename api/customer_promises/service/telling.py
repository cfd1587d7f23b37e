"""What the office does about a promise besides: tell the customer, tie it to its order, end it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.crews import service as crews
from api.customer_promises import store
from api.customer_promises.models import CustomerPromise, Telling
from api.customer_promises.service import agreeing, browsing, giving
from api.promises import service as promises
from api.reasons import require_concrete
from api.tasks import service as tasks
from schemas import customer_promises as shapes
from schemas.errors import Refused
from schemas.promises import Cause


class AboutAnother(Refused):
    """The promise is about another order already. Give a new one on this."""

    code = "about-another"
    status = 409
    en = "The promise is about order {task_id} already."
    zh = "该承诺已关联工单 {task_id}。"


def tell(
    session: Session, *, act: Act, promise_id: str, body: shapes.Told
) -> shapes.CustomerPromise:
    """Write down what the customer was told, and whether that was before the promise was due.

    Raises:
        NotFound: there is no such promise.
    """
    promise, _ = agreeing.lock(session, act=act, promise_id=promise_id)
    clock = agreeing.holding(session, act=act, promise=promise)
    row = {
        "district_id": act.district_id,
        "id": act.new_id(),
        "promise_id": promise.id,
        "at": act.happened.at,
        "received_at": act.received_at,
        "by": act.principal.person_id,
        "customer": body.customer,
        "channel": str(body.channel),
        "words": body.words,
        "before_due": act.happened.at <= clock.due_at,
    }
    db.append(session, Telling, row)
    promises.notice(session, act=act, clock=clock, remark=body.words)
    return _audited(session, act, promise, "customer_promise.told")


def attach(
    session: Session, *, act: Act, promise_id: str, body: shapes.Attached
) -> shapes.CustomerPromise:
    """Tie a promise to the order that it is about; its crew is in charge of it from now on.

    Raises:
        NotFound: there is no such promise, or no such order.
        AboutAnother: it is about an order already.
    """
    task = tasks.get_to_change(session, act=act._replace(based_on=None), task_id=body.task_id)
    promise = store.lock_promise(session, district_id=act.district_id, promise_id=promise_id)
    if promise is None:
        raise browsing.not_found(promise_id)
    if promise.task_id is not None:
        raise AboutAnother(task_id=promise.task_id)
    promise.task_id = task.id
    promises.attach(session, act=act, promise_id=promise.id, subject=tasks.subject_of(task))
    tasks.show_clocks(session, act=act, task=task)
    detail = {"promise_id": promise.id, "customer": promise.customer}
    tasks.write(session, act=act, task=task, event=giving.PROMISE, detail=detail)
    return _audited(session, act, promise, "customer_promise.attached")


def withdraw(
    session: Session, *, act: Act, promise_id: str, body: shapes.Withdrawn
) -> shapes.CustomerPromise:
    """Take a promise back that the customer needs no more, before it is due.

    Raises:
        NotFound: there is no such promise.
        ReasonNotConcrete: the reason says nothing.
        PromiseOver: it was due already; broken stays broken.
        PromiseSettled: it was kept or taken back.
    """
    promise, task = agreeing.lock(session, act=act, promise_id=promise_id)
    require_concrete(body.why)
    clock = agreeing.holding(session, act=act, promise=promise)
    agreeing.require_open(act, clock)
    promises.take_back(session, act=act, clock=clock, cause=Cause.withdrawn, remark=body.why)
    if task is not None:
        tasks.show_clocks(session, act=act, task=task)
    return _audited(session, act, promise, "customer_promise.withdrawn")


def _audited(
    session: Session, act: Act, promise: CustomerPromise, what: str
) -> shapes.CustomerPromise:
    detail = {"task_id": promise.task_id}
    crews.audit(session, act=act, what=what, subject_id=promise.id, detail=detail)
    return browsing.view(session, promise)
