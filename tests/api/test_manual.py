"""The server explains itself without the internet."""

from __future__ import annotations

import re

import flask.testing
import pytest

from schemas.errors import Refused


@pytest.mark.parametrize("path", ["/", "/docs/", "/refusals"])
def test_a_page_needs_nothing_from_elsewhere(client: flask.testing.FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    linked = re.findall(r'(?:src|href)=["\']?([^"\'> ]+)', response.text)
    assert linked or path == "/refusals"
    assert [address for address in linked if "//" in address] == []


def test_the_pages_own_files_are_served(client: flask.testing.FlaskClient) -> None:
    page = client.get("/docs/").text
    files = [name for name in re.findall(r'(?:src|href)="([^"]+)"', page) if "." in name]
    assert len(files) >= 3
    for name in files:
        with client.get(name) as response:
            assert response.status_code == 200, name


def test_a_refusal_links_to_its_own_words(client: flask.testing.FlaskClient) -> None:
    problem = client.get("/v1/tasks").get_json()
    page, _, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in client.get(page).text
    assert anchor == problem["code"] == "not-signed-in"


def test_every_refusal_is_listed(client: flask.testing.FlaskClient) -> None:
    page = client.get("/refusals").text
    missing = [code for code in Refused.catalogue if f'id="{code}"' not in page]
    assert missing == []


def test_health_readiness_and_metrics_answer(client: flask.testing.FlaskClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}
    assert client.get("/ready").get_json() == {"status": "ready"}
    assert "lamplighter_request_seconds_bucket" in client.get("/metrics").text


def test_a_request_keeps_the_id_that_it_came_with(client: flask.testing.FlaskClient) -> None:
    given = client.get("/health", headers={"X-Request-Id": "hotline-77"})
    assert given.headers["X-Request-Id"] == "hotline-77"
    odd = client.get("/health", headers={"X-Request-Id": "a b\tc"})
    assert odd.headers["X-Request-Id"] != "a b\tc"


def test_what_was_seen_already_is_not_sent_again(client: flask.testing.FlaskClient) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
