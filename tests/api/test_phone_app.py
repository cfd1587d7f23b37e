"""The phone app is handed out as it was built, and nothing else of the machine is."""

from __future__ import annotations

import dataclasses
import gzip
import os
import pathlib

import flask
import pytest
from flask.testing import FlaskClient

from api import clock, db
from api.app import equip
from api.settings import Settings
from tests.makers import phone_app

SCRIPT = "/app/assets/main-AB12CD34.js"


def test_the_page_may_load_from_here_only_and_be_framed_by_nobody(client: FlaskClient) -> None:
    with client.get("/app/") as answer:
        assert answer.data == phone_app.PAGE
        assert answer.mimetype == "text/html"
        policy = answer.headers["Content-Security-Policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == rules["object-src"] == rules["base-uri"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy
    assert "require-trusted-types-for" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "camera=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/app/", "no-cache"),
        ("/app/sw.js", "no-cache"),
        ("/app/manifest.webmanifest", "no-cache"),
        (SCRIPT, "public, max-age=31536000, immutable"),
    ],
)
def test_only_what_bears_its_hash_in_its_name_is_kept_without_asking(
    client: FlaskClient, path: str, kept: str
) -> None:
    with client.get(path) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == kept


def test_what_was_seen_already_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/app/") as first:
        known = first.headers["ETag"]
    with client.get("/app/", headers={"If-None-Match": known}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_an_update_is_seen_although_its_file_is_as_old_and_as_long(
    app: flask.Flask, settings: Settings, database: db.Database, tmp_path: pathlib.Path
) -> None:
    known: dict[str, str] = {}
    for number in (1, 2):
        folder = phone_app.build(tmp_path / str(number) / "dist")
        worker = folder / "sw.js"
        worker.write_bytes(phone_app.WORKER + str(number).encode())
        os.utime(worker, (1_580_601_600, 1_580_601_600))
        renewed = dataclasses.replace(settings, app_dir=str(folder))
        equip(app, renewed, database=database, clock=clock.SystemClock())
        with app.test_client().get("/app/sw.js", headers=known) as answer:
            assert answer.status_code == 200
            known = {
                "If-None-Match": answer.headers["ETag"],
                "If-Modified-Since": "Sun, 29 Nov 2026 08:00:00 GMT",
            }


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", phone_app.BROTLI),
        ("gzip", "gzip", gzip.compress(phone_app.SCRIPT, mtime=0)),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.compress(phone_app.SCRIPT, mtime=0)),
        ("identity", None, phone_app.SCRIPT),
        ("", None, phone_app.SCRIPT),
    ],
)
def test_a_file_comes_packed_as_the_browser_can_read_it(
    client: FlaskClient, accepted: str, coding: str | None, body: bytes
) -> None:
    with client.get(SCRIPT, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Content-Disposition" not in answer.headers
        assert answer.mimetype == "text/javascript"
        packed = coding == "gzip"
        assert (gzip.decompress(answer.data) if packed else answer.data) == (
            phone_app.SCRIPT if packed else body
        )


def test_forms_of_a_file_are_told_apart_by_their_tags(client: FlaskClient) -> None:
    tags = set()
    for accepted in ("br", "gzip", ""):
        with client.get(SCRIPT, headers={"Accept-Encoding": accepted}) as answer:
            tags.add(answer.headers["ETag"])
    assert len(tags) == 3


def test_head_tells_of_a_file_without_its_bytes(client: FlaskClient) -> None:
    with client.head(SCRIPT) as answer:
        assert (answer.status_code, answer.data) == (200, b"")
        assert int(answer.headers["Content-Length"]) == len(phone_app.SCRIPT)


@pytest.mark.parametrize(
    "path",
    [
        "/app/nothing.js",
        "/app/assets",
        "/app/assets/",
        f"{SCRIPT}.br",
        "/app/../secret.txt",
        "/app/%2e%2e/secret.txt",
        "/app/..%2fsecret.txt",
        "/app/assets/../../secret.txt",
        "/app//etc/passwd",
        "/app/%2fetc%2fpasswd",
        "/app/..%5csecret.txt",
        "/app/outside.txt",  # a link to it
        "/app/assets/%ff",
        "/app/" + "x" * 5_000,
    ],
)
def test_nothing_but_the_build_is_handed_out(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404, answer.text
    assert phone_app.SECRET not in answer.data


def test_a_missing_stroke_is_mended_whatever_host_is_named(client: FlaskClient) -> None:
    answer = client.get("/app", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "/app/")


def test_a_server_without_a_build_says_so(
    app: flask.Flask, settings: Settings, database: db.Database, tmp_path: pathlib.Path
) -> None:
    without = dataclasses.replace(settings, app_dir=str(tmp_path / "nowhere"))
    equip(app, without, database=database, clock=clock.SystemClock())
    for path in ("/app/", SCRIPT):
        answer = app.test_client().get(path)
        assert answer.status_code == 404
        assert answer.get_json()["code"] == "app-not-built"


def test_the_app_comes_with_the_server_unless_the_settings_name_another() -> None:
    assert Settings().app_folder.parts[-3:] == ("field_sync", "pwa", "dist")
    assert Settings(app_dir="elsewhere").app_folder == pathlib.Path("elsewhere")
