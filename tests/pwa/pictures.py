"""Pictures of every screen: `python -m tests.pwa.pictures FOLDER`.

Each lies as `zh-light/today.png` and so on, in both languages, light and dark.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
from typing import Final

import click
from playwright.sync_api import Page, expect, sync_playwright

from api.settings import Settings
from tests.pwa.looks import Theme
from tests.pwa.office import Office, settle
from tests.pwa.phone import WAIT_MS, Phone
from tests.pwa.tour import Tour
from tests.pwa.words import Lang

SHARPNESS: Final = 1.5
"""Pixels of a picture for each of a screen."""
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
            folder=made / "office", database_url=database_url, app_folder=app_folder, settings={}
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


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=pathlib.Path))
def main(folder: pathlib.Path) -> None:
    """Draw every screen of the phone app, in both languages, light and dark, into FOLDER."""
    expect.set_options(timeout=WAIT_MS)
    for lang, theme in LOOKS:
        count = draw(folder / f"{lang}-{theme}", lang=lang, theme=theme)
        click.echo(f"{lang}-{theme}: {count} screens")


if __name__ == "__main__":
    main()
