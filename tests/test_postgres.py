from __future__ import annotations

import pathlib
import subprocess
import sys
import time

import psycopg
import pytest

from tests import postgres

GONE_TIMEOUT_S = 20

KILLED_ASKER = """
import os, signal
from tests import postgres
with postgres.running() as server:
    print(server.directory, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_copy_holds_what_its_template_held(postgres_server: postgres.Postgres) -> None:
    template = postgres_server.create_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE lamps AS SELECT 7 AS lit")
    copy = postgres_server.copy_database(template)
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT lit FROM lamps").fetchone() == (7,)


def test_a_dropped_database_is_gone(postgres_server: postgres.Postgres) -> None:
    url = postgres_server.create_database()
    postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.slow
def test_no_server_outlives_the_process_that_asked_for_it() -> None:
    asker = subprocess.run(
        [sys.executable, "-c", KILLED_ASKER], capture_output=True, text=True, check=False
    )
    directory = pathlib.Path(asker.stdout.strip())
    assert directory.name.startswith("lamplighter-pg-")
    given_up_at = time.monotonic() + GONE_TIMEOUT_S
    while directory.exists() and time.monotonic() < given_up_at:
        time.sleep(0.1)
    assert not directory.exists()


@pytest.mark.slow
def test_a_server_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(postgres.PostgresMissingError, match="no_such_setting"),
        postgres.running(settings={"no_such_setting": "1"}),
    ):
        pass


@pytest.mark.slow
def test_a_server_killed_at_once_has_what_was_committed_when_it_starts_again() -> None:
    with postgres.running(settings=postgres.DURABLE) as server:
        url = server.create_database()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE lamps AS SELECT 7 AS lit")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT lit FROM lamps").fetchone() == (7,)
