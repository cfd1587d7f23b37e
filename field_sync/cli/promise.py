"""Commands of promises: what the customer was told at the door, and agreed to anew."""

from __future__ import annotations

import datetime as dt
from typing import Final

import click

from field_sync import promising, view
from field_sync.cli import options
from field_sync.cli.program import Handheld, pick
from schemas.customer_promises import Consent, ConsentHow, PromiseMade, PromiseReagreed
from schemas.rules.windows import Aim


@click.command()
@click.argument("order")
@click.argument("words")
@click.option("--to", "customer", required=True, help="Whom you promise it.")
@click.option("--contact", default="", help="How to reach them.")
@click.option(
    "--aim",
    type=click.Choice([aim.value for aim in Aim]),
    default=Aim.arrive.value,
    help="What shall have come by then.",
)
@options.window
@click.pass_obj
def promise(
    handheld: Handheld,
    *,
    order: str,
    words: str,
    customer: str,
    contact: str,
    aim: str,
    from_at: dt.datetime | None,
    due_at: dt.datetime,
) -> None:
    """Promise the customer a window, in your own WORDS; it counts down on the order."""
    promised = PromiseMade(
        customer=customer,
        contact=contact,
        aim=Aim(aim),
        from_at=_aware(handheld, from_at) if from_at else None,
        due_at=_aware(handheld, due_at),
        words=words,
    )
    task_id = _order(handheld, order)
    entry = promising.make(handheld.store, handheld.edge, task_id=task_id, promised=promised)
    handheld.saved(entry)


@click.command()
@click.argument("order")
@click.argument("words")
@click.argument("why")
@click.option("--consent", "name", required=True, help="Who consented.")
@click.option(
    "--how",
    type=click.Choice([how.value for how in ConsentHow]),
    default=ConsentHow.SPOKEN.value,
    help="How they consented.",
)
@click.option("--promise", "promise_id", default="", help="Which; the next to end by default.")
@options.window
@click.pass_obj
def reagree(
    handheld: Handheld,
    *,
    order: str,
    words: str,
    why: str,
    name: str,
    how: str,
    promise_id: str,
    from_at: dt.datetime | None,
    due_at: dt.datetime,
) -> None:
    """Agree on another window before the promise is due: your WORDS, and WHY it must be."""
    task_id = _order(handheld, order)
    task = view.get_task(handheld.store, task_id=task_id)
    running = [each.promise.id for each in promising.list_promises(task) if each.promise]
    agreed = PromiseReagreed(
        promise_id=pick(running, promise_id or "".join(running[:1]), what="promise"),
        from_at=_aware(handheld, from_at) if from_at else None,
        due_at=_aware(handheld, due_at),
        words=words,
        consent=Consent(name=name, how=ConsentHow(how)),
        why=why,
    )
    entry = promising.reagree(handheld.store, handheld.edge, task_id=task_id, agreed=agreed)
    handheld.saved(entry)


COMMANDS: Final = (promise, reagree)


def _order(handheld: Handheld, text: str) -> str:
    ids = (work.task.id for work in view.list_work(handheld.store))
    return pick(ids, text, what="order")


def _aware(handheld: Handheld, local: dt.datetime) -> dt.datetime:
    """Read a time by the district's clock."""
    return local.replace(tzinfo=view.zone(handheld.store))
