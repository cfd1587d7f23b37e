from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER_ONLY = {"alembic", "apscheduler", "flask", "gunicorn", "psycopg", "pyjwt", "sqlalchemy"}


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-run.lock", "requirements-uv.lock"]
)
def test_a_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert pinned(lock)
    assert "://" not in text
    assert "--index-url" not in text


def test_the_server_runs_in_the_very_versions_that_the_tests_ran_with() -> None:
    tested = pinned("requirements.lock")
    assert {name: tested.get(name) for name in pinned("requirements-run.lock")} == pinned(
        "requirements-run.lock"
    )


def test_the_handheld_alone_needs_no_package_of_the_server() -> None:
    required = importlib.metadata.requires("lamplighter") or []
    plain = {re.split(r"[^\w.-]", line)[0].lower() for line in required if "extra ==" not in line}
    assert "httpx" in plain
    assert not plain & SERVER_ONLY


@pytest.mark.parametrize("folder", ["field_sync/pwa", ".ci/browser"])
def test_a_lock_of_npm_names_no_host_and_pins_what_it_names(folder: str) -> None:
    text = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert '"resolved"' not in text
    assert all("integrity" in about for name, about in packages.items() if name)
    wanted = json.loads((ROOT / folder / "package.json").read_text(encoding="utf-8"))
    asked = {**wanted["dependencies"], **wanted.get("devDependencies", {})}
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in asked.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked


@pytest.mark.slow
def test_a_wheel_has_the_phone_app_as_it_was_built_and_nothing_that_it_was_built_of(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        app = {name for name in opened.namelist() if name.startswith("field_sync/pwa/")}
    assert {f"field_sync/pwa/dist/{name}" for name in ("index.html", "sw.js")} <= app
    assert any(name.startswith("field_sync/pwa/dist/assets/main-") for name in app)
    assert {name.split("/")[2] for name in app} == {"dist"}


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"]]
    groups += project["project"]["optional-dependencies"].values()
    groups += project["dependency-groups"].values()
    named = {
        re.split(r"[^\w.-]", line)[0].lower().replace(".", "-").replace("_", "-")
        for group in groups
        for line in group
        if isinstance(line, str)
    }
    assert named <= pinned("requirements.lock").keys()


def test_the_server_s_command_without_the_server_says_what_to_install(tmp_path: Path) -> None:
    absent = "raise ModuleNotFoundError(name='sqlalchemy')"
    (tmp_path / "sqlalchemy.py").write_text(absent, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "api"],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "lamplighter[server]" in said.stderr
    assert "Traceback" not in said.stderr
