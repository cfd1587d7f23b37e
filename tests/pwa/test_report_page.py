"""The report's page as a browser shows and prints it."""

from __future__ import annotations

import hashlib
import pathlib
import re

import pytest
from playwright.sync_api import Playwright, ViewportSize

from api.insight.paper import page
from api.insight.paper.named import Lang
from tests.makers import reports
from tests.pwa import chromium, looks

A4_PX = ViewportSize(width=794, height=1_123)
_PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.mark.slow
@pytest.mark.parametrize("lang", Lang)
def test_a_full_report_prints_on_one_page_and_can_be_read_by_everybody(
    playwright: Playwright, tmp_path: pathlib.Path, lang: Lang
) -> None:
    written = page.as_page(
        reports.report(), reports.named(lang), sha256=hashlib.sha256().hexdigest()
    )
    browser = playwright.chromium.launch(
        executable_path=chromium.find(),
        args=list(chromium.FLAGS),
        env=chromium.environment(tmp_path),
    )
    try:
        shown = browser.new_page(viewport=A4_PX)
        shown.set_content(written.decode())
        faults = looks.find_faults(shown)
        printed = shown.pdf(prefer_css_page_size=True)
        shown.screenshot(path=tmp_path / "page.png", full_page=True)
    finally:
        browser.close()

    assert faults == []
    assert len(_PAGE.findall(printed)) == 1
