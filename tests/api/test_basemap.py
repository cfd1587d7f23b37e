"""The basemap: one archive, handed out whole or in ranges to whoever is signed in."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pathlib

import flask.testing
import pytest

from api import pmtiles
from api import settings as settings_of_servers
from api.settings import Settings
from schemas.crews import Role
from tests.makers import basemap as make
from tests.makers.crews import SignIn

Client = flask.testing.FlaskClient
ARCHIVE, SHA256 = make.ARCHIVE, make.SHA256
TILES = {make.Tile(0, 0, 0): make.picture((10, 20, 30))}


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return make.write(tmp_path / "city.pmtiles", ARCHIVE)


@pytest.fixture
def settings(settings: Settings, path: pathlib.Path) -> Settings:
    return dataclasses.replace(settings, basemap=str(path))


def test_it_tells_what_it_covers_and_whom_to_name(client: Client, sign_in: SignIn) -> None:
    answer = client.get("/v1/basemap", headers=sign_in(Role.READER))

    assert answer.get_json()["basemap"] == {
        "id": SHA256,
        "size_bytes": len(ARCHIVE),
        "format": "png",
        "zoom_min": 0,
        "zoom_max": 1,
        "west_deg": 110.0,
        "south_deg": 19.9,
        "east_deg": 110.6,
        "north_deg": 20.3,
        "attribution": "© Survey & Sons",
    }


def test_it_comes_whole_or_in_ranges_and_never_changes_at_its_address(
    client: Client, sign_in: SignIn
) -> None:
    headers, url = sign_in(Role.LINEMAN), f"/v1/basemap/{SHA256}"

    whole = client.get(url, headers=headers, buffered=True)
    some = client.get(url, headers={**headers, "Range": "bytes=100-299"}, buffered=True)
    again = client.get(
        url, headers={**headers, "If-None-Match": whole.headers["ETag"]}, buffered=True
    )
    beyond = client.get(url, headers={**headers, "Range": f"bytes={len(ARCHIVE)}-"})

    assert (whole.status_code, whole.data) == (200, ARCHIVE)
    assert "immutable" in whole.headers["Cache-Control"]
    assert (some.status_code, some.data) == (206, ARCHIVE[100:300])
    assert some.headers["Content-Range"] == f"bytes 100-299/{len(ARCHIVE)}"
    assert (again.status_code, again.data) == (304, b"")
    assert beyond.status_code == 416


def test_another_archive_has_another_address(
    client: Client, sign_in: SignIn, path: pathlib.Path
) -> None:
    headers = sign_in(Role.LINEMAN)
    client.get("/v1/basemap", headers=headers)
    other = make.archive({make.Tile(0, 0, 0): make.picture((1, 2, 3))})
    make.write(path.with_suffix(".new"), other).replace(path)

    about = client.get("/v1/basemap", headers=headers).get_json()["basemap"]

    assert about["id"] == hashlib.sha256(other).hexdigest()
    assert client.get(f"/v1/basemap/{SHA256}", headers=headers).status_code == 404
    whole = client.get(f"/v1/basemap/{about['id']}", headers=headers, buffered=True)
    assert whole.data == other


def test_nobody_gets_it_who_is_not_signed_in(client: Client) -> None:
    assert client.get("/v1/basemap").status_code == 401
    assert client.get(f"/v1/basemap/{SHA256}").status_code == 401


@pytest.mark.parametrize("content", [None, b"no map at all" * 20], ids=["gone", "no archive"])
def test_an_archive_that_is_spoilt_while_we_serve_is_told(
    client: Client, sign_in: SignIn, path: pathlib.Path, content: bytes | None
) -> None:
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    for url in ("/v1/basemap", f"/v1/basemap/{SHA256}"):
        answer = client.get(url, headers=sign_in(Role.LINEMAN))
        assert answer.get_json()["code"] == "basemap-unfit"
        assert answer.status_code == 404


class TestWithout:
    """A server that has none."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, basemap="")

    def test_there_is_none(self, client: Client, sign_in: SignIn) -> None:
        headers = sign_in(Role.LINEMAN)

        offer = client.get("/v1/basemap", headers=headers)
        archive = client.get(f"/v1/basemap/{SHA256}", headers=headers)

        assert (offer.status_code, offer.get_json()) == (200, {"basemap": None})
        assert (archive.status_code, archive.get_json()["code"]) == (404, "no-basemap")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no PMTiles archive"),
        (b"PMTiles", "no PMTiles archive"),
        (ARCHIVE[:7] + b"\x02" + ARCHIVE[8:], "version 2"),
        (make.archive(TILES, kind=1), "vector tiles"),
        (make.archive(TILES, kind=5), "no png, jpeg or webp"),
        (make.archive(TILES, packing=3), "otherwise than with gzip"),
        (ARCHIVE[:98] + b"\x02" + ARCHIVE[99:], "packed once more"),
        (ARCHIVE[:100] + b"\x05\x04" + ARCHIVE[102:], "zoom levels"),
        (make.archive(TILES, box=(110.6, 19.9, 110.0, 20.3)), "bounds"),
    ],
)
def test_a_server_does_not_start_on_what_phones_cannot_draw(
    tmp_path: pathlib.Path, content: bytes, why: str
) -> None:
    path = make.write(tmp_path / "odd.pmtiles", content)

    with pytest.raises(settings_of_servers.SettingsError, match=why):
        settings_of_servers.from_environment({"LAMPLIGHTER_BASEMAP": str(path)})


def test_a_server_does_not_start_on_what_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(settings_of_servers.SettingsError, match="No such file"):
        settings_of_servers.from_environment({"LAMPLIGHTER_BASEMAP": str(tmp_path / "none")})


@pytest.mark.parametrize(
    "archive",
    [
        make.archive(TILES, packing=1, attribution="plain"),
        make.archive(TILES, attribution="plain"),
    ],
)
def test_notes_are_read_packed_and_plain(archive: bytes) -> None:
    assert pmtiles.read(io.BytesIO(archive)).attribution == "plain"


def test_notes_that_nobody_can_read_name_nobody() -> None:
    plain = make.archive(TILES, packing=1, attribution="plain")

    for spoilt in (plain.replace(b'{"attribution"', b'["attribution"'), plain[:140]):
        assert pmtiles.read(io.BytesIO(spoilt)).attribution == ""
    torn = bytearray(ARCHIVE)
    at = torn.index(b"\x1f\x8b", 140)
    torn[at : at + 20] = bytes(20)
    assert pmtiles.read(io.BytesIO(bytes(torn))).attribution == ""
