"""The office of a small district: the real server over a database of its own, gone and back."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from api import db, migrating
from tests.chaos.server import Server, free_port
from tests.day.office import Desk
from tests.pwa import ground


class Office:
    """A running server.

    Attributes:
        url: where it is, also while it is gone.
    """

    def __init__(
        self,
        *,
        folder: pathlib.Path,
        database_url: str,
        app_folder: pathlib.Path,
        settings: Mapping[str, str],
    ) -> None:
        """Make it ready; nothing runs yet.

        Args:
            folder: a folder of its own.
            database_url: a database with the district in it (`settle`).
            app_folder: the built phone app.
            settings: settings over those of the house.
        """
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._database_url = database_url
        environment = {
            "LAMPLIGHTER_DATA_DIR": str(folder / "data"),
            "LAMPLIGHTER_DATABASE_URL": database_url,
            "LAMPLIGHTER_APP_DIR": str(app_folder),
            "LAMPLIGHTER_THREADS": "8",
            **settings,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self._desks: list[Desk] = []
        self._server = Server(folder=folder, port=port, environment=environment, serve=["serve"])

    def open(self) -> None:
        """Start the server, anew or again."""
        self._server.start()

    def kill(self) -> None:
        """Take the server away at once, so that phones are without it."""
        self._server.kill_whole()

    def close(self) -> None:
        """End it, and let who sits at a desk go."""
        for desk in self._desks:
            desk.close()
        self._server.close()

    @contextlib.contextmanager
    def books(self) -> Iterator[Session]:
        """Write in its books by hand, for what comes to be by no door."""
        database = db.Database(self._database_url)
        with database.unit_of_work() as session:
            yield session
        database.close()

    def desk(self, login: str = ground.DISPATCHER) -> Desk:
        """Sit somebody of the office down at the API."""
        desk = Desk(self.url, login=login, password=ground.PASSWORD)
        self._desks.append(desk)
        return desk


def settle(database_url: str) -> None:
    """Settle the district in an empty database, migrated or not."""
    database = db.Database(database_url)
    migrating.upgrade(database)
    with database.unit_of_work() as session:
        ground.settle(session, now=dt.datetime.now(tz=dt.UTC))
    database.close()
