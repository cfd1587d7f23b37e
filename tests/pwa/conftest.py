"""What a story in the browser can ask for: an office, and phones."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from api.settings import Settings
from tests.pwa import webkit
from tests.pwa.office import Office, settle
from tests.pwa.phone import WAIT_MS, Phone

NewPhone = Callable[..., Phone]
NewOffice = Callable[..., Office]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start what drives browsers; its event loop runs as long, so others' tests come after it."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def built() -> pathlib.Path:
    """Give the folder of the phone app as it was built."""
    folder = Settings().app_folder
    assert (folder / "index.html").is_file(), "build it: bash .ci/setup dev"
    return folder


@pytest.fixture(scope="session")
def settled(migrated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Settle the district once on SQLite, to copy for each office."""
    path = tmp_path_factory.mktemp("settled") / "lamplighter.db"
    shutil.copy(migrated, path)
    settle(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_office(
    settled: pathlib.Path, built: pathlib.Path, tmp_path: pathlib.Path
) -> Iterator[NewOffice]:
    """Open offices on SQLite; `app_folder` has another build of the app, the rest are settings."""
    with contextlib.ExitStack() as given:

        def opened(app_folder: pathlib.Path = built, **settings: str) -> Office:
            path = tmp_path / "office" / "lamplighter.db"
            path.parent.mkdir()
            shutil.copy(settled, path)
            url = f"sqlite:///{path}"
            return given.enter_context(_opened(url, app_folder, path.parent, settings))

        yield opened


@pytest.fixture
def office(new_office: NewOffice) -> Office:
    """Open an office on SQLite."""
    return new_office()


@pytest.fixture
def each_office(
    empty_database_url: str, built: pathlib.Path, tmp_path: pathlib.Path
) -> Iterator[Office]:
    """Open an office once on every kind of database."""
    settle(empty_database_url)
    with _opened(empty_database_url, built, tmp_path / "office", {}) as office:
        yield office


@pytest.fixture
def new_phone(playwright: Playwright, tmp_path: pathlib.Path) -> Iterator[NewPhone]:
    """Hand out phones that talk to an office; in the end none may have complained.

    `new_phone(office)` is off; `new_phone(office, locale="en-GB", color_scheme="dark")` is another
    person's; `url` leads to the office by another way.
    """
    with contextlib.ExitStack() as given:
        phones: list[Phone] = []

        def handed_out(office: Office, *, url: str | None = None, **settings: object) -> Phone:
            folder = tmp_path / f"phone-{len(phones) + 1}"
            at = url or office.url
            phone = Phone(playwright, folder=folder, url=at, settings=settings)
            given.callback(phone.close)
            phones.append(phone)
            return phone

        yield handed_out
    assert [phone.complaints for phone in phones if phone.complaints] == []


@pytest.fixture
def safari(tmp_path: pathlib.Path) -> Iterator[webkit.Browser]:
    """Start WebKit; only a developer's machine may be without it."""
    installed = webkit.find()
    if installed is None:
        message = f"the phone app is not tried in WebKit: it takes Debian's {webkit.PACKAGES}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path / "webkit"
    folder.mkdir()
    with webkit.opened(installed, folder) as browser:
        yield browser


@contextlib.contextmanager
def _opened(
    database_url: str, built: pathlib.Path, folder: pathlib.Path, settings: Mapping[str, str]
) -> Iterator[Office]:
    office = Office(folder=folder, database_url=database_url, app_folder=built, settings=settings)
    try:
        office.open()
        yield office
    finally:
        office.close()
