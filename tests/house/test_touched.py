"""The fast loop runs the tests of what was touched, whatever its room."""

from __future__ import annotations

import pathlib
import runpy

import pytest

HOUSE = pathlib.Path(__file__).parents[2]
TOUCHED = runpy.run_path(str(HOUSE / ".ci" / "touched.py"))
ALWAYS = set(TOUCHED["ALWAYS"])


def named_for(*paths: str) -> set[str]:
    named: list[str] = TOUCHED["list_tests"](list(paths))
    return set(named) - ALWAYS


def test_what_is_always_run_is_there() -> None:
    assert all((HOUSE / each).exists() for each in (*ALWAYS, TOUCHED["DOCS"]))


@pytest.mark.parametrize(
    ("path", "tests"),
    {
        "api/evidence/depot/disk.py": {"tests/api/evidence"},
        "api/rates.py": {"tests/api/test_rates.py"},
        "api/ids.py": set(),
        "api/evidence/gone.py": {"tests/api/evidence"},
        "bench/invented/days.py": {"tests/bench"},
        "field_sync/upload.py": {"tests/field_sync/test_upload.py"},
        "field_sync/errors.py": {"tests/field_sync"},
        "field_sync/store/uploads.py": {"tests/field_sync"},
        "field_sync/pwa/src/main.tsx": {"tests/pwa"},
        "tests/test_clock_stories.py": {"tests/test_clock_stories.py"},
        "tests/api/evidence/conftest.py": {"tests/api/evidence"},
        "tests/makers/tus.py": set(),
        "docs/protocol.md": {"tests/docs"},
        "Makefile": set(),
    }.items(),
)
def test_each_file_has_the_tests_of_its_room(
    path: str, tests: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HOUSE)
    assert named_for(path) == tests


def test_nothing_is_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    both = named_for("field_sync/upload.py", "field_sync/store/uploads.py")
    assert both == {"tests/field_sync"}
