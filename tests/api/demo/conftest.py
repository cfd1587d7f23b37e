"""The demo district, loaded once for all that is asked of it."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import pytest

from api import db, demo
from tests import postgres
from tests.conftest import NOW


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
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "demo.db"
        path.write_bytes(pathlib.Path(template.removeprefix("sqlite:///")).read_bytes())
        url = f"sqlite:///{path}"
    else:
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        url = server.copy_database(template)
    database = db.Database(url, pool_size=4)
    progress: list[tuple[int, int]] = []
    report = demo.load(
        database, seed=7, now=NOW, progress=lambda done, whole: progress.append((done, whole))
    )
    yield Loaded(database, url, report, progress)
    database.close()
