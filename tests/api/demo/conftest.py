"""The demo district, loaded once for all that is asked of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from api import db, demo
from tests.conftest import NOW, copied


@dataclasses.dataclass(frozen=True)
class Loaded:
    """A loaded district: what was told, and where it is."""

    database: db.Database
    url: str
    report: demo.Report
    progress: list[tuple[int, int]]


@pytest.fixture(scope="package")
def loaded(
    database_kind: str,
    template: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("demo")
    with copied(database_kind, template, request, folder=folder) as url:
        database = db.Database(url, pool_size=4)
        progress: list[tuple[int, int]] = []
        report = demo.load(
            database, seed=7, now=NOW, progress=lambda done, whole: progress.append((done, whole))
        )
        yield Loaded(database, url, report, progress)
        database.close()
