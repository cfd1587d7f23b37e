"""The app comes once from the server, and opens without it from then on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pwa.conftest import NewPhone
from tests.pwa.office import Office
from tests.pwa.phone import until

pytestmark = pytest.mark.slow


def test_the_app_opens_when_the_server_is_gone(office: Office, new_phone: NewPhone) -> None:
    phone = new_phone(office)
    page = phone.open()
    expect(page.locator("#app")).not_to_be_empty()
    until(page, "navigator.serviceWorker.ready.then(() => true)")
    office.kill()
    page.reload()
    expect(page.locator("#app")).not_to_be_empty()


def test_a_phone_that_was_killed_opens_the_app_without_the_server(
    office: Office, new_phone: NewPhone
) -> None:
    phone = new_phone(office)
    page = phone.open()
    until(page, "navigator.serviceWorker.ready.then(() => true)")
    office.kill()
    phone.kill()
    page = phone.open()
    expect(page.locator("#app")).not_to_be_empty()
