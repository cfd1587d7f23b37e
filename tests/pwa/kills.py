"""Kills a working browser again and again: `python -m tests.pwa.kills --kills 100 --seed 7`.

A reader takes readings, notes and photos, with signal and without, while the browser's processes
are killed at random moments. In the end nothing may be missing at the office that the screen had
called saved, and nothing may be there twice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import click
from playwright.sync_api import Error, Page, expect, sync_playwright

from api.settings import Settings
from schemas import evidence, readings, tasks
from tests.day.office import Desk
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.hand import SAFE_WITHIN_MS, Hand
from tests.pwa.office import Office, settle
from tests.pwa.phone import Phone
from tests.pwa.photos import photo

KILLS_DEFAULT: Final = 100
SEED_DEFAULT: Final = 20_261_128
LIFE_S: Final = (0.1, 6.0)
"""From the opened page to the kill."""
FIRST_VALUE: Final = 11_100
OFFLINE_SHARE: Final = 0.5
NOTE_SHARE, PHOTO_SHARE = 0.3, 0.2
SHORT_WAIT_MS: Final = 30_000
_HASH_CHARS: Final = 64
_MINUTE_S: Final = 60


@dataclasses.dataclass(slots=True)
class Ledger:
    """What was begun, and what of it the screen called saved: texts, hashes and values."""

    begun: set[str] = dataclasses.field(default_factory=set)
    saved: set[str] = dataclasses.field(default_factory=set)

    @property
    def photos(self) -> int:
        """Count the photos that were called saved."""
        return sum(len(what) == _HASH_CHARS for what in self.saved)

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Note that something is begun, and at the end that it was said to be saved."""
        self.begun.add(what)
        yield
        self.saved.add(what)


class Reader:
    """Somebody who goes on working whatever happens to the phone."""

    def __init__(self, phone: Phone, *, folder: pathlib.Path, chance: random.Random) -> None:
        """Take a phone that is signed in."""
        self.ledger = Ledger()
        self._hand = Hand(phone)
        self._phone = phone
        self._folder = folder
        self._chance = chance
        self._count = 0
        self._hand.cards().first.click()
        expect(self._hand.state()).to_be_visible()
        self._route_id = self.page.url.rsplit("/", 1)[-1]
        self._hand.go_on_with_route()
        self._stops = [self.page.url.rsplit("/", 1)[-1]]

    @property
    def page(self) -> Page:
        """The app as it runs now."""
        return self._hand.page

    def knows(self, stop_ids: list[str]) -> None:
        """Learn of all meters."""
        self._stops = stop_ids

    def work(self) -> None:
        """Work until the battery is pulled out."""
        while True:
            self._phone.context.set_offline(self._chance.random() < OFFLINE_SHARE)
            drawn = self._chance.random()
            if drawn < NOTE_SHARE:
                self._write_note()
            else:
                self._read(with_photo=drawn < NOTE_SHARE + PHOTO_SHARE)

    def rest(self) -> None:
        """Wait with signal until the screen says that everything is at the office."""
        self._phone.context.set_offline(False)
        self._hand.sync_now()
        self._hand.safe()

    def _write_note(self) -> None:
        self._count += 1
        self._go(f"#/order/{self._route_id}/note")
        self._hand.write("deeds.noteText", f"第 {self._count} 条")
        with self.ledger.doing(f"第 {self._count} 条"):
            self._hand.press("deeds.save")
            expect(self._hand.heading("deeds.note")).to_have_count(0)

    def _read(self, *, with_photo: bool) -> None:
        self._count += 1
        self._go(f"#/route/{self._route_id}/{self._chance.choice(self._stops)}")
        expect(self._hand.display()).to_be_visible()
        before = self._hand.serial()
        if with_photo:
            self._photograph()
        value = str(FIRST_VALUE + self._count)
        self._hand.type_value(value)
        with self.ledger.doing(value):
            self._hand.press("meter.keep")
            left = self.page.locator(".serial-big").filter(has_not_text=before.split()[-1])
            done = self._hand.sheet().or_(left).or_(self.page.locator("input[type=search]"))
            expect(done.first).to_be_visible()
            if self._hand.sheet().count() > 0:
                self._hand.press("prompts.confirm")
                expect(self._hand.sheet()).to_have_count(0)

    def _photograph(self) -> None:
        taken = photo(self._folder, seed=self._count)
        with self.ledger.doing(hashlib.sha256(taken.read_bytes()).hexdigest()):
            self.page.locator("label.photo input").set_input_files(taken)
            expect(self.page.locator("label.photo")).to_contain_text("1")

    def _go(self, address: str) -> None:
        self.page.evaluate("address => { location.hash = address }", address)


def storm(phone: Phone, reader: Reader, *, kills: int, chance: random.Random) -> None:
    """Kill the browser so many times, each time while it works or opens."""
    for number in range(1, kills + 1):
        is_dying = threading.Event()

        def kill(dying: threading.Event = is_dying) -> None:
            dying.set()
            phone.kill_processes()

        killer = threading.Timer(chance.uniform(*LIFE_S), kill)
        killer.start()
        try:
            reader.work()
        except (Error, AssertionError):
            if not is_dying.is_set():  # it was not the kill
                raise
        killer.join()
        phone.mourn()
        phone.open("/app/#/")
        _tell(number, kills, reader.ledger)
    expect(reader._hand.heading("today.title")).to_be_visible(timeout=SAFE_WITHIN_MS)


def list_arrived(desk: Desk) -> Counter[str]:
    """Count what is at the office of each text, value and hash."""
    route = Books(desk).route()
    path = f"/v1/tasks/{route.id}/timeline"
    notes = [m.detail["text"] for m in desk.list_all(path, tasks.Moment) if m.event == "note"]
    taken = desk.list_all("/v1/readings", readings.Reading, route_id=route.id)
    files = desk.list_all("/v1/evidence", evidence.EvidenceFile, task_id=route.id)
    values = [str(reading.total.quantize(Decimal(1))) for reading in taken]
    hashes = [file.sha256 if file.arrived_at else f"{file.sha256} (missing)" for file in files]
    return Counter([*map(str, notes), *values, *hashes])


def compare(arrived: Counter[str], ledger: Ledger) -> list[str]:
    """List what is missing at the office, doubled there, or nobody's."""
    return [
        *(f"called saved, and missing: {each}" for each in sorted(ledger.saved - set(arrived))),
        *(f"there {count} times: {each}" for each, count in arrived.items() if count > 1),
        *(f"nobody did it: {each}" for each in sorted(set(arrived) - ledger.begun)),
    ]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--kills", type=click.IntRange(1), default=KILLS_DEFAULT, show_default=True)
@click.option("--seed", default=SEED_DEFAULT, show_default=True, help="Same seed, same chance.")
def main(kills: int, seed: int) -> None:
    """Kill a working browser at random moments, and prove that nothing was lost or doubled."""
    chance = random.Random(seed)
    started_s = time.monotonic()
    expect.set_options(timeout=SHORT_WAIT_MS)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lamplighter-kills-"))
    wrong, ledger = _live(folder, kills=kills, chance=chance)
    took_s = time.monotonic() - started_s
    click.echo(f"\n{kills} kills, seed {seed}, {took_s / _MINUTE_S:.1f} minutes in all")
    saved = f"{len(ledger.saved)} called saved, {ledger.photos} of them photos"
    click.echo(f"{len(ledger.begun)} deeds begun, {saved}")
    for line in wrong:
        click.echo(line)
    if wrong:
        click.echo(f"The phone and the office are kept in {folder}")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)
    click.echo("Nothing was lost, nothing is there twice.")


def _live(folder: pathlib.Path, *, kills: int, chance: random.Random) -> tuple[list[str], Ledger]:
    database_url = f"sqlite:///{folder / 'lamplighter.db'}"
    settle(database_url)
    # A copy, for who works on the app while this runs builds it anew.
    app_folder = shutil.copytree(Settings().app_folder, folder / "app")
    with contextlib.ExitStack() as stack:
        office = Office(
            folder=folder / "office",
            database_url=database_url,
            app_folder=app_folder,
            settings={},
        )
        stack.callback(office.close)
        office.open()
        playwright = stack.enter_context(sync_playwright())
        phone = Phone(playwright, folder=folder / "phone", url=office.url, settings={})
        stack.callback(phone.close)
        phone.open()
        Hand(phone).sign_in(ground.READER)
        phone.wait_for_worker()
        reader = Reader(phone, folder=folder, chance=chance)
        desk = office.desk()
        route = Books(desk).route()
        stops = desk.list_all(f"/v1/routes/{route.id}/stops", readings.Stop)
        reader.knows([stop.id for stop in stops])
        storm(phone, reader, kills=kills, chance=chance)
        reader.rest()
        wrong = [*compare(list_arrived(desk), reader.ledger), *phone.complaints]
        return wrong, reader.ledger


def _tell(number: int, kills: int, ledger: Ledger) -> None:
    said = f"\r{number} of {kills} kills, {len(ledger.saved)} deeds saved"
    click.echo(said, nl=False, err=True)


if __name__ == "__main__":
    main()
