"""An office promises by a policy set of its own, from a folder that the server is told of."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
from collections.abc import Iterator

import flask.testing
import pytest
from click.testing import CliRunner, Result

from api import cli, db
from api.app import create_app
from api.promises.service import policy_files, rulebook
from api.settings import Settings
from schemas.crews import Role
from tests.conftest import NOW
from tests.makers import crews, promises, sites

OWN = """
extends = "sgcc-2022"
name = "harbour"
title = { en = "Harbour Power", zh = "海港供电" }

[[rows]]
id = "arrive"
kind = "arrive"
subject = "repair"
start = "report"
stop = "arrive"
amount = 1800
unit = "seconds"
source = "commitments"
effective_from = 2026-01-01
"""


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Make a folder with one set, and forget the set in the end."""
    own = tmp_path / "policies"
    own.mkdir()
    (own / "harbour.toml").write_text(OWN, encoding="utf-8")
    yield own
    rulebook._SETS.pop("harbour", None)


def ran(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, env={"COLUMNS": "200", **environment})


def test_a_district_promises_by_a_set_of_its_own(
    folder: pathlib.Path,
    settings: Settings,
    database: db.Database,
    client: flask.testing.FlaskClient,
    sign_in: crews.SignIn,
) -> None:
    with database.unit_of_work() as session:
        sites.district(session)
    create_app(dataclasses.replace(settings, policies_dir=str(folder)), database=database)
    boss = sign_in(Role.ADMINISTRATOR)
    chosen = {"policy": "harbour", "effective_from": "2026-01-01T00:00:00Z"}
    assert client.put("/v1/district-policies", json=chosen, headers=boss).status_code == 200

    with database.unit_of_work() as session:
        promises.opened(session)
        clock = promises.clock(session)
    assert (clock.policy, clock.due_at) == ("harbour", NOW + dt.timedelta(minutes=30))
    shown = client.get("/v1/policies/harbour", headers=boss).get_json()
    assert [row["id"] for row in shown["rows"]] == ["arrive"]


def test_a_wrong_set_of_ones_own_ends_the_start(folder: pathlib.Path, settings: Settings) -> None:
    (folder / "harbour.toml").write_text(OWN.replace("1800", "-1"), encoding="utf-8")
    with pytest.raises(policy_files.PolicyError, match=r"rows arrive\.amount"):
        create_app(dataclasses.replace(settings, policies_dir=str(folder)))
    wrong = ran("policies", "list", LAMPLIGHTER_POLICIES_DIR=str(folder))
    assert (wrong.exit_code, "rows arrive.amount" in wrong.output) == (1, True)


def test_a_set_that_came_with_the_program_is_not_replaced(folder: pathlib.Path) -> None:
    (folder / "blank.toml").write_text(
        OWN.replace('name = "harbour"', 'name = "blank"'), encoding="utf-8"
    )
    with pytest.raises(policy_files.PolicyError, match=r"blank\.toml: a set of this name"):
        rulebook.add_sets(folder)
    assert "harbour" not in rulebook.SETS
    with pytest.raises(policy_files.PolicyError, match="there is no folder"):
        rulebook.add_sets(folder / "none")


def test_a_right_file_is_told_promise_by_promise(folder: pathlib.Path) -> None:
    result = ran("policies", "check", str(folder / "harbour.toml"))
    assert result.exit_code == 0
    assert "right harbour  Harbour Power" in result.output
    assert "Arrival on site: 30 min from report to arrive, repair, from 2026-01-01" in result.output
    assert "harbour" not in rulebook.SETS


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("amount = 1800", 'amount = "soon"'), "got `str` - at `rows arrive.amount`"),
        (("unit = ", "units = "), "unknown field `units` - at `rows arrive`"),
        (('title = { en = "Harbour Power"', "title = { en = "), "at line 4"),
        (('extends = "sgcc-2022"', 'extends = "nothing"'), "there is no nothing.toml"),
        (('subject = "repair"', 'subject = "repairs"'), "row arrive: there is no subject repairs"),
        (('stop = "arrive"', 'stop = "contact"'), "contact never happens to repair"),
    ],
)
def test_a_wrong_file_is_told_by_its_place(
    folder: pathlib.Path, change: tuple[str, str], fault: str
) -> None:
    path = folder / "harbour.toml"
    assert change[0] in OWN
    path.write_text(OWN.replace(*change, 1), encoding="utf-8")
    result = ran("policies", "check", str(path))
    assert result.exit_code == 1
    assert "wrong harbour.toml: " in result.output
    assert fault in result.output
