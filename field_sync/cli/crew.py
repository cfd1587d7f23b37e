"""Commands of a crew: the worklist, and every step of an order."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Callable
from typing import Final

import click
import rich.table

from field_sync import corrections, fieldwork, metering, view
from field_sync import messages as inbox
from field_sync.cli import options
from field_sync.cli.program import Handheld, pick, short
from field_sync.clock import Edge
from field_sync.store.connection import Store
from field_sync.store.outbox import Entry
from field_sync.words import Lang
from schemas import checkins, evidence, tasks
from schemas.places import Fix, Position
from schemas.rules import geofence, seen
from schemas.rules.seen import Seen
from schemas.rules.transitions import Kind

Step = Callable[[Store, Edge, str], Entry]
_MINUTE_S: Final = 60


@click.command()
@click.pass_obj
def worklist(handheld: Handheld) -> None:
    """Show the work on this handheld, the most urgent first."""
    works = view.list_work(handheld.store)
    unread = inbox.count_unread(handheld.store)
    if unread:
        handheld.say("unread", count=unread)
    if not works:
        handheld.say("empty")
        return
    now = view.server_time(handheld.store, handheld.edge.moment())
    columns = ("order", "state", "what", "where", "due", "unsent")
    table = rich.table.Table(*(handheld.word(column) for column in columns))
    for work in works:
        task = work.task
        care = f"[{handheld.word('care')}] " if task.care else ""
        table.add_row(
            short(task.id),
            _state(handheld, task),
            care + task.title,
            task.site.address if task.site else "",
            _due(handheld, work, now),
            str(work.unsent or ""),
        )
    handheld.console.print(table, markup=False)


@click.command()
@click.pass_obj
def messages(handheld: Handheld) -> None:
    """Show what the office and other crews did to your work, newest first; it counts as read."""
    received = inbox.list_messages(handheld.store)
    if not received:
        handheld.say("no_messages")
        return
    zone = view.zone(handheld.store)
    for each in received:
        mark = " " if each.is_read else "*"
        words = each.message.words
        told = words.zh if handheld.lang is Lang.ZH else words.en
        at = each.message.at.astimezone(zone)
        line = f"{mark} {at:%m-%d %H:%M} {short(each.message.task_id)} {told}"
        handheld.console.print(line, highlight=False, markup=False, soft_wrap=True)
    inbox.mark_read(handheld.store, received)


@click.command("check-in")
@click.argument("order")
@options.fix
@options.note
@options.remedies
@click.pass_obj
def check_in(
    handheld: Handheld,
    *,
    order: str,
    fix: Fix | None,
    note: str,
    sightings: tuple[checkins.Sighting, ...],
    photos: tuple[pathlib.Path, ...],
    scanned: str,
) -> None:
    """Say that you have arrived; it is kept whatever the verdict.

    What you bring beside a doubtful position stands beside it; it does not change the verdict.
    """
    task_id = _order(handheld, order)
    store, edge = handheld.store, handheld.edge
    kept = [fieldwork.photo(store, edge, task_id=task_id, path=path, fix=fix) for path in photos]
    checked = fieldwork.check_in(
        store,
        edge,
        task_id=task_id,
        fix=fix,
        note=note,
        sightings=sightings,
        photo_sha256=[_hash_of(entry) for entry in kept],
        scanned=scanned,
    )
    handheld.say(
        "checked_in",
        verdict=handheld.word(checked.verdict.kind),
        numbers=_distance(handheld, checked.verdict),
    )
    beside = checkins.say_remedies(checked.remedies)
    if beside.en:
        handheld.console.print(
            beside.zh if handheld.lang is Lang.ZH else beside.en, highlight=False, markup=False
        )
    handheld.saved(checked.entry)


@click.command()
@click.argument("order")
@options.note
@click.pass_obj
def restored(handheld: Handheld, order: str, note: str) -> None:
    """Say that the lights are on again."""
    task_id = _order(handheld, order)
    handheld.saved(fieldwork.restored(handheld.store, handheld.edge, task_id=task_id, note=note))


@click.command()
@click.argument("order")
@click.option("--cause", default="", help="What was found.")
@click.option("--work-done", default="", help="What was done.")
@click.option(
    "--material",
    "materials",
    type=(str, float),
    multiple=True,
    metavar="NAME QUANTITY",
    help="What was used; may be repeated.",
)
@click.option("--left", default=0, help="How many meters of a route you mean to leave.")
@click.pass_obj
def finish(
    handheld: Handheld,
    *,
    order: str,
    cause: str,
    work_done: str,
    materials: tuple[tuple[str, float], ...],
    left: int,
) -> None:
    """End the work; of a route, what is left is told first."""
    task_id = _order(handheld, order)
    if view.get_task(handheld.store, task_id=task_id).kind is Kind.route:
        metering.require_left(handheld.store, route_id=task_id, left=left)
    used = [tasks.Material(name=name, quantity=quantity) for name, quantity in materials]
    entry = fieldwork.finish(
        handheld.store,
        handheld.edge,
        task_id=task_id,
        cause=cause,
        work_done=work_done,
        materials=used,
    )
    handheld.saved(entry)


@click.command()
@click.argument("order")
@click.argument("text")
@click.pass_obj
def note(handheld: Handheld, order: str, text: str) -> None:
    """Write words on the order's timeline."""
    task_id = _order(handheld, order)
    handheld.saved(fieldwork.note(handheld.store, handheld.edge, task_id=task_id, text=text))


@click.command()
@click.argument("order")
@click.option("--contact", help="Whom to call.")
@click.option("--note", help="What the order says about the trouble.")
@click.option("--access", "access_note", help="How to get in.")
@options.fix
@click.pass_obj
def amend(
    handheld: Handheld,
    *,
    order: str,
    contact: str | None,
    note: str | None,
    access_note: str | None,
    fix: Fix | None,
) -> None:
    """Correct what the order says; `--fix` tells where the site really is."""
    position = Position(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg) if fix else None
    entry = corrections.amend(
        handheld.store,
        handheld.edge,
        task_id=_order(handheld, order),
        contact=contact,
        note=note,
        access_note=access_note,
        position=position,
    )
    handheld.saved(entry)


@click.command()
@click.argument("order")
@click.argument("file", type=click.Path(path_type=pathlib.Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in evidence.EvidenceKind]),
    default=evidence.EvidenceKind.SITE.value,
    help="What it shows.",
)
@click.option("--stop", "stop_id", help="Id of the stop of a route that it shows.")
@options.fix
@options.note
@click.pass_obj
def photo(
    handheld: Handheld,
    *,
    order: str,
    file: pathlib.Path,
    kind: str,
    stop_id: str | None,
    fix: Fix | None,
    note: str,
) -> None:
    """Keep a file as evidence; it is copied, and sent when there is signal."""
    entry = fieldwork.photo(
        handheld.store,
        handheld.edge,
        task_id=_order(handheld, order),
        path=file,
        kind=evidence.EvidenceKind(kind),
        stop_id=stop_id,
        fix=fix,
        note=note,
    )
    handheld.saved(entry)


def _step(name: str, words: str, step: Step) -> click.Command:
    """Make the command of a step that needs nothing but its order."""

    @click.command(name, help=words)
    @click.argument("order")
    @click.pass_obj
    def command(handheld: Handheld, order: str) -> None:
        handheld.saved(step(handheld.store, handheld.edge, _order(handheld, order)))

    return command


COMMANDS: Final = (
    worklist,
    messages,
    _step(
        "accept",
        "Take the work.",
        lambda store, edge, task_id: fieldwork.accept(store, edge, task_id=task_id),
    ),
    _step(
        "set-out",
        "Say that you are on your way.",
        lambda store, edge, task_id: fieldwork.set_out(store, edge, task_id=task_id),
    ),
    check_in,
    _step(
        "start",
        "Begin the work itself.",
        lambda store, edge, task_id: fieldwork.start(store, edge, task_id=task_id),
    ),
    restored,
    finish,
    note,
    amend,
    photo,
    _step(
        "resume",
        "Go on with work that had to wait.",
        lambda store, edge, task_id: fieldwork.resume(store, edge, task_id=task_id),
    ),
)


def _hash_of(photo: Entry) -> str:
    declared = photo.read()
    assert isinstance(declared, evidence.Declared), "a photo declares a file"
    return declared.sha256


def _order(handheld: Handheld, text: str) -> str:
    ids = (work.task.id for work in view.list_work(handheld.store))
    return pick(ids, text, what="order")


def _state(handheld: Handheld, task: tasks.Task) -> str:
    """Say where an order stands, and until when it waits."""
    word = handheld.word(task.state)
    if task.suspended_until is None:
        return word
    until = task.suspended_until.astimezone(view.zone(handheld.store))
    return handheld.word("waits_until", state=word, until=f"{until:%m-%d %H:%M}")


def _due(handheld: Handheld, work: view.Work, now: dt.datetime) -> str:
    """Tell how the next promise that is not settled stands: how long it has, or that it waits."""
    running = [clock for clock in work.task.clocks if clock.stopped_at is None]
    if not running:
        return ""
    clock = min(running, key=lambda clock: (clock.paused_at is not None, clock.due_at))
    stands = seen.clock(
        now,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=None,
        paused_at=clock.paused_at,
        stop_event=clock.stop_event,
        is_unsent=work.unsent > 0,
    )
    minutes = int((clock.due_at - now).total_seconds() // _MINUTE_S)
    match stands:
        case Seen.still:
            return handheld.word("stands_still")
        case Seen.late:
            return handheld.word("late", minutes=-minutes)
        case Seen.late_here:
            return handheld.word("late_here", minutes=-minutes)
        case Seen.near:
            return handheld.word("near", minutes=minutes)
        case _:
            return handheld.word("minutes", minutes=minutes)


def _distance(handheld: Handheld, verdict: geofence.Verdict) -> str:
    if verdict.distance_m is None:
        return ""
    return handheld.word("distance", distance_m=verdict.distance_m)
