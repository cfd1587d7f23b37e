"""What every test can ask for: a database of each kind, a clock that the test moves, the app."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import pathlib
from collections.abc import Iterator
from typing import Final

import coverage
import flask
import hypothesis
import pytest
from sqlalchemy.orm import Session

import api.models  # noqa: F401 - every table must be known before they are made
from api import db, migrating, observe
from api.app import create_app, equip
from api.settings import Settings
from schemas.crews import Role
from tests import postgres, s3, statements
from tests.makers import crews as crews_maker
from tests.makers import phone_app
from tests.makers.proving import ProvingClient

_IS_LANDING: Final = "CI" in os.environ
_HERE: Final = pathlib.Path(__file__).parent
_COUNTED: Final = [
    _HERE / "schemas" / "rules",
    _HERE / "field_sync",
    _HERE / "api" / "feed",
    _HERE / "api" / "test_loading.py",  # rows that the feed is told of by hand
]
# A busy machine is no reason to fail; a failure prints what replays it.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    print_blob=True,
    # A landing meets the same cases each time, so fewer will do; a desk explores.
    derandomize=_IS_LANDING,
    max_examples=30 if _IS_LANDING else 100,
)
hypothesis.settings.register_profile("quick", deadline=None, print_blob=True, max_examples=15)
hypothesis.settings.load_profile("house")
gc.set_threshold(50_000, 20, 100)  # looking for circles took a sixth of the time

UNCOUNTED = 1_000_000
"""Requests a minute: tests ask more often than people, on a clock that stands still."""
NOW = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
"""A Monday, 08:00 in Haikou."""


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: dt.datetime) -> None:
        """Stand at `now`."""
        self._now = now

    def now(self) -> dt.datetime:
        """Tell the instant that the test has set."""
        return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move on."""
        self._now += dt.timedelta(seconds=seconds, minutes=minutes, hours=hours)

    def set(self, now: dt.datetime) -> None:
        """Stand at another instant."""
        self._now = now


def pytest_addoption(parser: pytest.Parser) -> None:
    """Choose the databases: `--databases sqlite` is the fast loop, both are the whole."""
    parser.addoption("--databases", default="sqlite,postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a database once on every kind of it."""
    if "database_kind" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--databases").split(",")
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is slow, so that at the end no worker waits for another's.

    What belongs together stands together, one database after the other: what is made once for
    many is not made anew.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, str, bool, str]:
    """Name the place of a test; else tests stay as the chance of the run laid them."""
    assert isinstance(item, pytest.Function)
    kind = item.callspec.params.get("database_kind", "") if hasattr(item, "callspec") else ""
    is_quick = item.get_closest_marker("slow") is None
    group = item.get_closest_marker("xdist_group")
    return is_quick, str(kind), group is None, str(group and group.args[0])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count branches only where what must be covered whole has its own tests.

    Counting makes a test half as slow again, and a branch that somebody meets by the way is not
    proved. `make coverage`, which names no rooms, counts everything.
    """
    measuring = coverage.Coverage.current()
    if measuring is None or not measuring.get_option("run:include") or _is_counted(item):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def _is_counted(item: pytest.Item) -> bool:
    return any(room in (item.path, *item.path.parents) for room in _COUNTED)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """Start one real PostgreSQL for the session."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3]:
    """Start one real S3 server for the session."""
    with s3.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[statements.Compiled]:
    """Compile each statement once for the whole session."""
    kept = statements.Compiled()
    with kept.lent():
        yield kept


@pytest.fixture(scope="session")
def template(
    database_kind: str,
    compiled: statements.Compiled,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Make one database with every table, to copy for each test."""
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("template") / "template.db"
        url = f"sqlite:///{path}"
    else:
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        url = server.create_database()
    database = db.Database(url)
    db.Base.metadata.create_all(database.engine)
    compiled.keep(database.engine)
    database.close()
    return url


@pytest.fixture(scope="session")
def migrated(
    compiled: statements.Compiled, tmp_path_factory: pytest.TempPathFactory
) -> pathlib.Path:
    """Make one SQLite database by its migrations, to copy for each test."""
    path = tmp_path_factory.mktemp("migrated") / "lamplighter.db"
    database = db.Database(f"sqlite:///{path}")
    migrating.upgrade(database)
    database.close()
    return path


@pytest.fixture
def database_url(
    database_kind: str, template: str, request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> Iterator[str]:
    """Copy the template for one test."""
    with copied(database_kind, template, request, folder=tmp_path) as url:
        yield url


@contextlib.contextmanager
def copied(
    database_kind: str, template: str, request: pytest.FixtureRequest, *, folder: pathlib.Path
) -> Iterator[str]:
    """Copy the template, and drop the copy in the end; a file of SQLite stays in its folder."""
    if database_kind == "sqlite":
        path = folder / "lamplighter.db"
        source = pathlib.Path(template.removeprefix("sqlite:///"))
        path.write_bytes(source.read_bytes())
        yield f"sqlite:///{path}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    url = server.copy_database(template)
    yield url
    server.drop_database(url)


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> Iterator[str]:
    """Make a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def database(database_url: str) -> Iterator[db.Database]:
    """Open an empty database with every table."""
    opened = db.Database(database_url, pool_size=4)
    yield opened
    opened.close()


@pytest.fixture
def session(database: db.Database) -> Iterator[Session]:
    """Open a unit of work that commits at the end of the test."""
    with database.unit_of_work() as opened:
        yield opened


@pytest.fixture
def clock() -> HandClock:
    """Stand at Monday 08:00 in Haikou."""
    return HandClock(NOW)


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Make a build of the phone app once; it is only read."""
    return phone_app.build(tmp_path_factory.mktemp("phone_app") / "dist")


@pytest.fixture
def settings(database_url: str, tmp_path: pathlib.Path, app_folder: pathlib.Path) -> Settings:
    """Make settings of a small server in a folder of its own."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        app_dir=str(app_folder),
        requests_per_minute=UNCOUNTED,
        push_contact="mailto:office@utility.example",
    )


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    """Log as the server does, errors only."""
    observe.configure_logs("error")


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> flask.Flask:
    """Hang the doors once; each test gives the application parts of its own."""
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("doors")))
    app.test_client_class = ProvingClient
    return app


@pytest.fixture
def app(
    doors: flask.Flask, settings: Settings, database: db.Database, clock: HandClock
) -> flask.Flask:
    """Equip the real application with the test's database and clock."""
    assert "LAMPLIGHTER_DATABASE_URL" not in os.environ
    equip(doors, settings, database=database, clock=clock)
    return doors


@pytest.fixture
def client(app: flask.Flask) -> flask.testing.FlaskClient:
    """Call the application in process."""
    return app.test_client()


@pytest.fixture
def sign_in(database: db.Database, settings: Settings, clock: HandClock) -> crews_maker.SignIn:
    """Sign people in, made with all that they need; gives the headers of their requests.

    It works in a unit of work of its own, so end yours (and do not ask for `session`) first.
    """

    def signed_in(
        role: Role,
        *,
        district_id: str = crews_maker.DISTRICT,
        unit_id: str | None = None,
        person_id: str | None = None,
        crew_id: str | None = None,
        device_id: str | None = None,
    ) -> dict[str, str]:
        return crews_maker.signed_in(
            database,
            settings=settings,
            now=clock.now(),
            role=role,
            district_id=district_id,
            unit_id=unit_id,
            person_id=person_id,
            crew_id=crew_id,
            device_id=device_id,
        )

    return signed_in
