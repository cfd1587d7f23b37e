"""Statements past SQLAlchemy fail and are heard as those that go by it, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from api import db, driver

_MADE = "CREATE TABLE seals (id INTEGER PRIMARY KEY)"


@pytest.fixture
def connection(database: db.Database) -> Iterator[Connection]:
    with database.writing_engine.connect() as opened, opened.begin() as work:
        opened.exec_driver_sql(_MADE)
        yield opened
        work.rollback()


def test_an_answer_comes_with_what_the_driver_says_of_it(connection: Connection) -> None:
    driver.change(connection, "INSERT INTO seals VALUES (7)", ())
    found, described = driver.ask(connection, "SELECT id AS seal FROM seals", ())
    assert ([tuple(row) for row in found], described[0][0]) == ([(7,)], "seal")


def test_errors_are_those_of_sqlalchemy(connection: Connection) -> None:
    driver.change(connection, "INSERT INTO seals VALUES (7)", ())
    with pytest.raises(IntegrityError), connection.begin_nested():
        driver.change(connection, "INSERT INTO seals VALUES (7)", ())
    with pytest.raises((OperationalError, ProgrammingError)), connection.begin_nested():
        driver.ask(connection, "SELECT none FROM nowhere", ())
    assert driver.ask(connection, "SELECT count(*) FROM seals", ())[0][0][0] == 1


def test_whoever_listens_hears_every_statement(database: db.Database) -> None:
    heard: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: heard.append(str(said[2])))
    with database.writing_engine.connect() as connection, connection.begin() as work:
        driver.change(connection, _MADE, ())
        driver.ask(connection, "SELECT id FROM seals", ())
        work.rollback()
    assert [said for said in heard if "seals" in said] == [_MADE, "SELECT id FROM seals"]


def test_a_connection_that_was_lost_is_not_used_again(database: db.Database) -> None:
    if database.is_sqlite:
        return
    with database.engine.connect() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with database.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
        with pytest.raises(OperationalError):
            driver.ask(connection, "SELECT 1", ())
        assert connection.invalidated
