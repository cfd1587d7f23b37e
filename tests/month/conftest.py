from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from api import db
from tests.conftest import copied
from tests.makers import webhooks
from tests.month import listening, script
from tests.month.deeds import wall
from tests.month.living import WORKERS, Month


@pytest.fixture(scope="package")
def system(database_kind: str) -> Iterator[webhooks.System]:
    """Let another system listen; that of each database hears its own month."""
    del database_kind
    with webhooks.serving() as listening_there:
        yield listening_there


@pytest.fixture(scope="package")
def lived(
    system: webhooks.System,
    database_kind: str,
    template: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Month]:
    """Live the month once, with workers that know of each other by the database alone.

    SQLite has one process and one writer, so there they are its threads.
    """
    folder = tmp_path_factory.mktemp("month")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(copied(database_kind, template, request, folder=folder))

        def opened() -> db.Database:
            database = db.Database(url, pool_size=2)
            stack.callback(database.close)
            return database

        database = opened()
        own = [database if database.is_sqlite else opened() for _ in range(WORKERS)]
        month = Month(
            database,
            begins=wall(script.BEGINS),
            workers=own,
            settings=listening.SETTINGS,
            killed=script.KILLED,
        )
        heard = listening.told(system, since=script.BEGINS)
        month.live([*script.deeds(), *heard], until=wall(script.ENDS), asleep=script.ASLEEP)
        yield month
