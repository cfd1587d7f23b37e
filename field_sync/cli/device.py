"""Commands about the handheld itself: enrol, sync, status, export-outbox."""

from __future__ import annotations

import datetime as dt
import pathlib
import platform
import sys
from typing import Final

import click
import rich.progress
import rich.table

from field_sync import client, enrolment, errors, safety, settings, standing, view
from field_sync.cli import options
from field_sync.cli.program import Handheld, short
from field_sync.store import contacts, outbox, uploads
from field_sync.store import settings as kept
from field_sync.store.settings import Name
from field_sync.transport import Transport
from schemas.places import Fix
from schemas.rules import event_time

ROUNDS_MAX: Final = 1_000
"""Rounds that `sync --until-done` tries."""
_MEGABYTE: Final = 1_000_000


@click.command()
@click.option("--server", help="Address of the server; needed the first time.")
@click.option("--login", required=True, prompt=True, help="Who works with this handheld.")
@click.option("--password", help="Asked for when it is not given; `-` reads it from the input.")
@click.option("--name", default=platform.node, help="What the office calls this handheld.")
@click.option("--new-key", is_flag=True, help="Another key for it, which the office has allowed.")
@click.pass_obj
def enrol(
    handheld: Handheld,
    server: str | None,
    login: str,
    password: str | None,
    name: str,
    *,
    new_key: bool,
) -> None:
    """Make this handheld somebody's, or sign in again on it."""
    known = kept.find(handheld.store, Name.DEVICE)
    asked = enrolment.Login(login, _password(handheld, password))
    signed_out = kept.find(handheld.store, Name.SIGNED_OUT) is not None
    if known is not None and (signed_out or new_key):
        with _line(handheld) as line:
            enrolment.sign_in(handheld.store, line, handheld.edge, login=asked, new_key=new_key)
        handheld.say("signed_in", person=kept.find(handheld.store, Name.PERSON))
        return
    if server is None and known is None:
        raise errors.WrongSetting(name="server", reason="--server https://host[:port]")
    address = settings.server_address(server or kept.find(handheld.store, Name.SERVER) or "")
    with handheld.world.connect(address) as line:
        enrolment.enrol(
            handheld.store, line, handheld.edge, server=address, login=asked, name=name or login
        )
    handheld.say("enrolled", person=kept.find(handheld.store, Name.PERSON))


@click.command()
@click.option("--until-done", is_flag=True, help="Keep trying until everything is sent.")
@click.option(
    "--woken", is_flag=True, help="For timers: wait this handheld's share of ten minutes first."
)
@options.fix
@click.pass_obj
def sync(handheld: Handheld, fix: Fix | None, *, until_done: bool, woken: bool) -> None:
    """Send what was done and fetch what is new."""
    before = outbox.count_waiting(handheld.store)
    if woken:
        _wait(handheld, standing.woken(handheld.store, handheld.edge.moment().wall).wait_until)
    with _line(handheld) as line, _bars(handheld) as bars:
        watch = _Watch(handheld, bars)
        ended = client.sync_now(handheld.store, line, handheld.edge, fix=fix, watch=watch)
        for _ in range(ROUNDS_MAX if until_done else 0):
            if not isinstance(ended.refused, errors.NoSignal):
                break
            _wait(handheld, ended.state.wait_until)
            ended = client.sync_now(handheld.store, line, handheld.edge, fix=fix, watch=watch)
    exceptions = len(outbox.list_exceptions(handheld.store))
    unsafe = safety.of_handheld(handheld.store).unsafe
    if exceptions:
        handheld.say("exceptions", count=exceptions)
    if ended.refused is not None:
        handheld.say("not_synced", operations=unsafe.operations, files=unsafe.files)
        raise ended.refused
    handheld.say(
        "synced" if unsafe.nothing else "partly_synced",
        sent=before - unsafe.operations,
        operations=unsafe.operations,
        files=unsafe.files,
    )


@click.command()
@click.pass_obj
def status(handheld: Handheld) -> None:
    """Show what is not yet safe, what the server said, and how right the clock is."""
    table = rich.table.Table.grid(padding=(0, 2))
    for key, value in _facts(handheld):
        table.add_row(handheld.word(key), value)
    handheld.console.print(table)
    _show_orders(handheld)
    for entry in outbox.list_exceptions(handheld.store):
        words = entry.words.zh if handheld.lang == "zh" else entry.words.en
        told = handheld.word(str(entry.status))
        line = f"{entry.n}  {entry.type}  {told} ({entry.code})  {words}"
        handheld.console.print(line, highlight=False, markup=False, soft_wrap=True)


@click.command("export-outbox")
@click.argument("path", type=click.Path(path_type=pathlib.Path, dir_okay=False))
@click.pass_obj
def export_outbox(handheld: Handheld, path: pathlib.Path) -> None:
    """Write every operation that is still here to a file, one a line, byte for byte."""
    entries = outbox.list_kept(handheld.store)
    try:
        with path.open("xb") as file:
            file.writelines(entry.wire + b"\n" for entry in entries)
    except OSError as error:
        raise errors.NotWritten(path=str(path), reason=error.strerror or "") from error
    handheld.say("exported", count=len(entries), path=path)


COMMANDS: Final = (enrol, sync, status, export_outbox)


class _Watch:
    """Show a round as bars: one for the operations, one for the file on its way."""

    def __init__(self, handheld: Handheld, bars: rich.progress.Progress) -> None:
        self._handheld = handheld
        self._bars = bars
        self._task = bars.add_task("", total=None)

    def __call__(self, progress: client.Progress) -> None:
        if progress.phase.value not in _SHOWN:
            return
        self._bars.update(
            self._task,
            description=self._handheld.word(progress.phase.value),
            total=progress.file_bytes_max or None,
            completed=progress.file_bytes,
        )


_SHOWN: Final = frozenset({"asking", "pushing", "pulling", "uploading", "refreshing"})


def _bars(handheld: Handheld) -> rich.progress.Progress:
    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        console=handheld.console,
        transient=True,
        disable=not handheld.console.is_terminal,
    )


def _line(handheld: Handheld) -> Transport:
    server = kept.find(handheld.store, Name.SERVER)
    if server is None:
        raise errors.NotEnrolled
    return handheld.world.connect(server)


def _password(handheld: Handheld, given: str | None) -> str:
    if given == "-":
        return sys.stdin.readline().rstrip("\n")
    if given is not None:
        return given
    return str(click.prompt(handheld.word("password"), hide_input=True))


def _wait(handheld: Handheld, until: dt.datetime | None) -> None:
    if until is not None:
        wait_s = (until - handheld.edge.moment().wall).total_seconds()
        handheld.world.pause(max(wait_s, 0.0))


def _facts(handheld: Handheld) -> list[tuple[str, str]]:
    store = handheld.store
    files = uploads.list_all(store)
    refused = [file for file in files if file.state is uploads.State.REFUSED]
    stands = safety.of_handheld(store)
    session = "signed_out" if stands.signed_out else "open_session"
    facts = [
        ("person", kept.find(store, Name.PERSON) or "-"),
        ("device", kept.find(store, Name.DEVICE) or "-"),
        ("server", kept.find(store, Name.SERVER) or "-"),
        ("session", handheld.word("wiped_told" if stands.wiped else session)),
        ("safety", handheld.word("all_safe" if stands.unsafe.nothing else "not_all_safe")),
        ("waiting", _waiting(handheld, stands.unsafe)),
        ("files_waiting", _files(handheld, stands.unsafe)),
        ("synced_at", _local(handheld, stands.synced_at)),
    ]
    if stands.unsure:
        facts.append(("outstanding", handheld.word("outstanding_told")))
    if stands.lost:
        facts.append(("lost", handheld.word("lost_told", count=stands.lost)))
    if refused:
        codes = ", ".join(f"{file.sha256[:8]} ({file.code})" for file in refused)
        facts.append(("files_refused", codes))
    contact = contacts.find_last(store)
    if contact is not None:
        offset = event_time.offset(contact)
        # The handheld's clock is off by as much as the office's is ahead, the other way round.
        off_s = round(-offset.offset_s) + 0.0  # never "-0"
        told = handheld.word("clock_off", offset_s=off_s, error_s=offset.error_s)
        facts.append(("clock", told))
    return facts


def _show_orders(handheld: Handheld) -> None:
    """Show what is here only of each order."""
    orders = safety.of_orders(handheld.store)
    if not orders:
        return
    columns = ("order", "waiting", "files_waiting")
    table = rich.table.Table(*(handheld.word(column) for column in columns))
    for order_id, unsafe in orders.items():
        table.add_row(short(order_id), _waiting(handheld, unsafe), _files(handheld, unsafe))
    handheld.console.print(table, markup=False)


def _waiting(handheld: Handheld, unsafe: safety.Unsafe) -> str:
    """Say how many operations are here only, and since when."""
    if unsafe.operations_since is None:
        return str(unsafe.operations)
    since = _local(handheld, unsafe.operations_since)
    return handheld.word("waiting_since", count=unsafe.operations, since=since)


def _files(handheld: Handheld, unsafe: safety.Unsafe) -> str:
    """Say how many files are here only, and how large they are."""
    if unsafe.files == 0:
        return "0"
    megabytes = unsafe.files_bytes / _MEGABYTE
    return handheld.word("files_size", count=unsafe.files, megabytes=megabytes)


def _local(handheld: Handheld, at: dt.datetime | None) -> str:
    """Tell an instant by the district's clock."""
    if at is None:
        return handheld.word("never")
    return f"{at.astimezone(view.zone(handheld.store)):%Y-%m-%d %H:%M}"
