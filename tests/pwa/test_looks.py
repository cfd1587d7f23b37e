"""Every screen, in both languages, light and dark, with small and large letters."""

from __future__ import annotations

import pathlib
import shutil
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.pwa import looks, streets
from tests.pwa.conftest import NewOffice, NewPhone
from tests.pwa.office import Office
from tests.pwa.tour import Tour
from tests.pwa.words import Lang

DRESSES: Final[tuple[tuple[looks.Theme, int], ...]] = (("light", 100), ("dark", 150))
"""Colours do not depend on the size of letters, nor sizes on colours."""
SCREENS_MIN: Final = 40
WRONG: Final = (
    (".big { width: 150vw !important }", "scrolls sideways"),
    (".big { min-height: 0; height: 30px !important }", "is 30 px high"),
    ("label { color: #999 !important; background: #aaa }", "color-contrast"),
)
STYLED: Final = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_screen_is_fit_for_everybody(
    lang: Lang,
    new_office: NewOffice,
    new_phone: NewPhone,
    built: pathlib.Path,
    tmp_path: pathlib.Path,
) -> None:
    app_folder = shutil.copytree(built, tmp_path / "app")
    faults: list[str] = []
    seen: list[str] = []

    def look(page: Page, name: str) -> None:
        seen.append(name)
        for theme, percent in DRESSES:
            looks.dress(page, theme=theme, percent=percent)
            found = looks.find_faults(page)
            faults.extend(f"{name}, {theme}, {percent} %: {fault}" for fault in found)
        looks.dress(page, theme="light", percent=100)

    Tour(
        office=new_office(
            app_folder, LAMPLIGHTER_BASEMAP=str(streets.draw(tmp_path / "streets.pmtiles"))
        ),
        app_folder=app_folder,
        new_phone=new_phone,
        lang=lang,
        folder=tmp_path,
        look=look,
    ).walk()

    assert not faults, "\n".join(faults)
    assert len(set(seen)) == len(seen) >= SCREENS_MIN


def test_what_is_wrong_would_be_seen(office: Office, new_phone: NewPhone) -> None:
    page = new_phone(office).open()
    page.wait_for_selector("form")
    looks.dress(page, theme="light", percent=100)
    assert looks.find_faults(page) == []
    for css, fault in WRONG:
        page.evaluate(STYLED, css)
        assert any(fault in found for found in looks.find_faults(page)), css
