"""Pictures of every screen: `python -m tests.pwa.pictures FOLDER`.

Each lies as `zh-light/today.png` and so on, in both languages, light and dark; `zh-light.png` shows
all of a kind at one glance.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
from typing import Final

import click
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from api import observe
from api.settings import Settings
from tests.pwa import streets
from tests.pwa.looks import Theme
from tests.pwa.office import Office, settle
from tests.pwa.phone import WAIT_MS, Phone
from tests.pwa.tour import Tour
from tests.pwa.words import Lang

SHARPNESS: Final = 1.5
"""Pixels of a picture for each of a screen."""
COLUMNS: Final = 9
SMALL_PX: Final = 300
"""The width of a screen on the sheet of all of them."""
_GAP_PX: Final = 8
LOOKS: Final[tuple[tuple[Lang, Theme], ...]] = (
    ("zh", "light"),
    ("zh", "dark"),
    ("en", "light"),
    ("en", "dark"),
)


def draw(folder: pathlib.Path, *, lang: Lang, theme: Theme) -> int:
    """Walk past every screen and draw it; tell how many there were."""
    drawn: list[str] = []

    def look(page: Page, name: str) -> None:
        drawn.append(name)
        page.screenshot(path=folder / f"{name}.png")

    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        made = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app_folder = shutil.copytree(Settings().app_folder, made / "app")
        database_url = f"sqlite:///{made / 'lamplighter.db'}"
        settle(database_url)
        office = Office(
            folder=made / "office",
            database_url=database_url,
            app_folder=app_folder,
            settings={"LAMPLIGHTER_BASEMAP": str(streets.draw(made / "streets.pmtiles"))},
        )
        stack.callback(office.close)
        office.open()
        playwright = stack.enter_context(sync_playwright())

        def new_phone(at: Office, **settings: object) -> Phone:
            own = made / f"phone-{len(list(made.glob('phone-*')))}"
            sharp = {"device_scale_factor": SHARPNESS, **settings}
            phone = Phone(playwright, folder=own, url=at.url, settings=sharp)
            stack.callback(phone.close)
            return phone

        Tour(
            office=office,
            app_folder=app_folder,
            new_phone=new_phone,
            lang=lang,
            folder=made,
            look=look,
            theme=theme,
        ).walk()
    return len(drawn)


def lay_out(folder: pathlib.Path) -> None:
    """Lay the pictures of a folder out on one sheet beside it, by name."""
    paths = sorted(folder.glob("*.png"))
    sheet: Image.Image | None = None
    for place, path in enumerate(paths):
        row, column = divmod(place, COLUMNS)
        with Image.open(path) as opened:
            small = opened.convert("RGB")
        small.thumbnail((SMALL_PX, small.height))
        width_px, height_px = small.width + _GAP_PX, small.height + _GAP_PX
        if sheet is None:
            rows = -(-len(paths) // COLUMNS)
            sheet = Image.new("RGB", (width_px * COLUMNS, height_px * rows), "grey")
        sheet.paste(small, (column * width_px, row * height_px))
    assert sheet is not None, "a walk sees something"
    sheet.save(folder.with_suffix(".png"))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=pathlib.Path))
def main(folder: pathlib.Path) -> None:
    """Draw every screen of the phone app, in both languages, light and dark, into FOLDER."""
    observe.configure_logs("error")
    expect.set_options(timeout=WAIT_MS)
    for lang, theme in LOOKS:
        kind = folder / f"{lang}-{theme}"
        count = draw(kind, lang=lang, theme=theme)
        lay_out(kind)
        click.echo(f"{lang}-{theme}: {count} screens")


if __name__ == "__main__":
    main()
