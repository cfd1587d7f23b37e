"""A real district begins with one command: its units, itself, and who administers it."""

from __future__ import annotations

import pathlib
import shutil

import pytest
from click.testing import CliRunner, Result

from api import cli
from api.app import create_app
from api.settings import Settings

LINE = ("--headquarters", "hq", "总部", "--province", "hainan", "海南", "--city", "haikou", "海口")
PASSWORD = "a long pass phrase"


def found(folder: pathlib.Path, *arguments: str, password: str = PASSWORD) -> Result:
    env = {"LAMPLIGHTER_DATA_DIR": str(folder), "COLUMNS": "200"}
    line = ("found", *arguments, *LINE, "--password", "-")
    return CliRunner().invoke(cli.main, line, env=env, input=password + "\n")


@pytest.fixture(scope="module")
def meilan(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Begin a district once, to copy for each test that comes after it."""
    folder = tmp_path_factory.mktemp("meilan")
    assert found(folder, "meilan", "美兰供电局").exit_code == 0
    return folder


@pytest.fixture
def begun(meilan: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return shutil.copytree(meilan, tmp_path / "begun")


def test_the_administrator_of_a_new_district_signs_in_and_finds_it(tmp_path: pathlib.Path) -> None:
    result = found(tmp_path, "meilan", "美兰供电局")
    assert result.exit_code == 0, result.output
    app = create_app(Settings(data_dir=tmp_path))
    client = app.test_client()
    signed_in = client.post("/v1/sessions", json={"login": "admin", "password": PASSWORD})
    token = signed_in.get_json()["access_token"]
    district = client.get("/v1/districts/current", headers={"Authorization": f"Bearer {token}"})
    app.extensions["lamplighter"].database.close()
    assert district.get_json()["name"] == "美兰供电局"


def test_a_second_district_stands_beneath_the_units_that_are_there(begun: pathlib.Path) -> None:
    result = found(begun, "longhua", "龙华供电局", "--login", "admin.longhua")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (("meilan", "美兰供电局", "--login", "other"), PASSWORD, "meilan exists already"),
        (("longhua", "龙华供电局"), PASSWORD, "The login admin is taken"),
        (("longhua", "龙华供电局", "--login", "other"), "short", "length >= 10"),
        (("longhua", "龙华供电局", "--login", "b", "--zone", "Mars"), PASSWORD, "no time zone"),
        (
            ("longhua", "龙华供电局", "--login", "b", "--city", "hq", "总部"),
            PASSWORD,
            "another place",
        ),
    ],
)
def test_a_district_that_cannot_be_begun_leaves_nothing(
    begun: pathlib.Path, arguments: tuple[str, ...], password: str, told: str
) -> None:
    env = {"LAMPLIGHTER_DATA_DIR": str(begun), "COLUMNS": "200"}
    line = ["found", *LINE, *arguments, "--password", "-"]
    result = CliRunner().invoke(cli.main, line, env=env, input=password + "\n")
    assert result.exit_code == 1
    assert told in result.output
    assert found(begun, "longhua", "龙华供电局", "--login", "last").exit_code == 0
