"""SQLite's one writer: turns in order, one commit for many, and nothing said that is not kept."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from api import db
from api.feed import store as feed
from api.feed.models import FeedEntry, FeedHead
from tests.makers import tasks

WAIT_S = 20


@pytest.fixture
def embedded(tmp_path: pathlib.Path) -> Iterator[db.Database]:
    """Open a database of SQLite on disk, with every table and a district."""
    opened = db.Database(f"sqlite:///{tmp_path / 'embedded.db'}", pool_size=4)
    db.Base.metadata.create_all(opened.engine)
    with opened.unit_of_work() as session:
        tasks.district(session)
        feed.start_lineage(session, name="lineage-1")
    yield opened
    opened.close()


@pytest.fixture
def commits(embedded: db.Database) -> list[Connection]:
    """Count the commits from here on."""
    counted: list[Connection] = []
    event.listen(embedded.engine, "commit", counted.append)
    return counted


def head(session: Session, audience: str) -> None:
    session.add(FeedHead(district_id="d9", audience=audience, number=1))
    session.flush()


def writes(name: str) -> Callable[[Session], None]:
    return lambda session: head(session, name)


def heads(database: db.Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(FeedHead.audience).where(FeedHead.district_id == "d9")))


class Crowd:
    """Units of work in threads of their own that queue, in order, behind one that is held open."""

    def __init__(self, database: db.Database) -> None:
        self._database = database
        self._threads: list[threading.Thread] = []
        self.raised: dict[str, BaseException] = {}

    def queue(self, name: str, work: Callable[[Session], None]) -> None:
        """Start a unit of work and see it wait."""
        waiting = self._database._writer._waiting
        before = len(waiting)
        thread = threading.Thread(target=self._work, args=(name, work))
        thread.start()
        self._threads.append(thread)
        give_up_s = time.monotonic() + WAIT_S
        while len(waiting) == before and time.monotonic() < give_up_s:
            time.sleep(0.001)
        assert len(waiting) == before + 1

    def end(self) -> None:
        """Wait until all are over."""
        for thread in self._threads:
            thread.join(WAIT_S)
            assert not thread.is_alive()

    def _work(self, name: str, work: Callable[[Session], None]) -> None:
        try:
            with self._database.unit_of_work() as session:
                work(session)
        except Exception as error:  # noqa: BLE001 - the test looks at what each one met
            self.raised[name] = error


def test_units_of_work_that_wait_share_one_commit(
    embedded: db.Database, commits: list[Connection]
) -> None:
    crowd = Crowd(embedded)
    started, release = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        head(session, "first")
        started.set()
        assert release.wait(WAIT_S)

    first = threading.Thread(target=crowd._work, args=("first", hold))
    first.start()
    assert started.wait(WAIT_S)
    embedded._writer._group_s_max = WAIT_S
    for name in ("second", "third", "fourth"):
        crowd.queue(name, writes(name))
    release.set()
    first.join(WAIT_S)
    crowd.end()

    assert heads(embedded) == {"first", "second", "third", "fourth"}
    assert len(commits) == 1
    assert not crowd.raised


def test_they_run_in_the_order_in_which_they_came(embedded: db.Database) -> None:
    crowd, order = Crowd(embedded), list[str]()

    def note(name: str) -> Callable[[Session], None]:
        return lambda _: order.append(name)

    with embedded.unit_of_work():
        for number in range(5):
            crowd.queue(str(number), note(str(number)))
    crowd.end()

    assert order == ["0", "1", "2", "3", "4"]


def test_one_that_fails_undoes_itself_alone(embedded: db.Database) -> None:
    crowd = Crowd(embedded)

    def break_(session: Session) -> None:
        head(session, "broken")
        session.add(FeedHead(district_id="d9", audience="before", number=2))
        session.flush()

    with embedded.unit_of_work() as session:
        head(session, "before")
        crowd.queue("broken", break_)
        crowd.queue("after", writes("after"))
    crowd.end()

    assert heads(embedded) == {"before", "after"}
    assert isinstance(crowd.raised.pop("broken"), IntegrityError)
    assert not crowd.raised


def test_a_commit_that_fails_fails_everybody_in_it(embedded: db.Database) -> None:
    crowd = Crowd(embedded)

    def fail(_: Connection) -> None:
        event.remove(embedded.engine, "commit", fail)
        message = "disk I/O error"
        raise OSError(message)

    embedded._writer._group_s_max = WAIT_S
    with pytest.raises(OperationalError), embedded.unit_of_work() as session:
        head(session, "first")
        crowd.queue("second", writes("second"))
        event.listen(embedded.engine, "commit", fail)
    crowd.end()
    with embedded.unit_of_work() as session:
        head(session, "later")

    assert heads(embedded) == {"later"}
    assert isinstance(crowd.raised["second"], OperationalError)


def test_a_transaction_that_sqlite_undid_fails_everybody_in_it(embedded: db.Database) -> None:
    crowd = Crowd(embedded)

    def lose(session: Session) -> None:
        session.execute(text("ROLLBACK"))  # what SQLite does by itself when the disk is full
        head(session, "lost")

    embedded._writer._group_s_max = WAIT_S
    with pytest.raises(OperationalError), embedded.unit_of_work() as session:
        head(session, "first")
        crowd.queue("lost", lose)
        crowd.queue("later", writes("later"))
    crowd.end()

    assert "first" not in heads(embedded)
    assert "later" in heads(embedded)
    assert isinstance(crowd.raised["lost"], OperationalError)


def test_a_slow_one_holds_up_a_group_no_longer_than_itself(
    embedded: db.Database, commits: list[Connection]
) -> None:
    crowd, slow_s = Crowd(embedded), 0.1

    def slow(session: Session) -> None:
        head(session, "slow")
        time.sleep(slow_s)

    with embedded.unit_of_work() as session:
        head(session, "first")
        crowd.queue("slow", slow)
        crowd.queue("after", writes("after"))
    crowd.end()

    assert len(commits) >= 2, "whoever came after the slow one is in another commit"
    assert heads(embedded) == {"first", "slow", "after"}


def test_a_group_takes_in_only_so_many(embedded: db.Database, commits: list[Connection]) -> None:
    embedded._writer._units_max = 2
    embedded._writer._group_s_max = WAIT_S
    crowd = Crowd(embedded)

    with embedded.unit_of_work():
        for number in range(5):
            crowd.queue(str(number), writes(str(number)))
    crowd.end()

    assert len(commits) == 3
    assert heads(embedded) == {"0", "1", "2", "3", "4"}


def test_a_turn_that_is_given_up_passes_the_commit_on(embedded: db.Database) -> None:
    writer, crowd = embedded._writer, Crowd(embedded)
    granted = threading.Event()

    def give_up() -> None:
        assert granted.wait(WAIT_S)
        writer._give_up(granted)

    interrupted = threading.Thread(target=give_up)
    interrupted.start()
    with embedded.unit_of_work() as session:
        head(session, "first")
        writer._waiting.append(granted)
        crowd.queue("last", writes("last"))
    crowd.end()
    interrupted.join(WAIT_S)

    assert heads(embedded) == {"first", "last"}


def test_who_gives_up_before_their_turn_leaves_the_queue(embedded: db.Database) -> None:
    writer, granted = embedded._writer, threading.Event()

    with embedded.unit_of_work() as session:
        head(session, "first")
        writer._waiting.append(granted)
        writer._give_up(granted)

    assert heads(embedded) == {"first"}


def test_a_unit_of_work_inside_another_is_a_bug(embedded: db.Database) -> None:
    with (
        embedded.unit_of_work(),
        pytest.raises(AssertionError, match="open in this thread"),
        embedded.unit_of_work(),
    ):
        pass


def test_the_feed_of_a_group_has_no_gap(embedded: db.Database) -> None:
    crowd = Crowd(embedded)

    def work(session: Session) -> None:
        tasks.task(session, crew_id="crew-1")

    def undo(session: Session) -> None:
        work(session)
        message = "on purpose"
        raise RuntimeError(message)

    with embedded.unit_of_work() as session:
        work(session)
        for name, one in (("a", work), ("b", undo), ("c", work)):
            crowd.queue(name, one)
    crowd.end()

    with embedded.reading() as session:
        question = select(FeedEntry.number).where(FeedEntry.audience == "crew:crew-1")
        numbers = sorted(session.scalars(question))
    assert numbers == [1, 2, 3]


def test_nothing_is_said_that_a_crash_before_the_commit_undoes(
    embedded: db.Database, tmp_path: pathlib.Path
) -> None:
    script = textwrap.dedent("""
        import os, sys, threading
        from sqlalchemy import event
        from api import db
        from api.feed.models import FeedHead

        database = db.Database(sys.argv[1])
        commits = []

        @event.listens_for(database.engine, "commit")
        def crash(_):
            commits.append(1)
            if len(commits) == 5:
                os._exit(9)

        def work(number):
            for turn in range(20):
                name = f"{number}-{turn}"
                with database.unit_of_work() as session:
                    session.add(FeedHead(district_id="d9", audience=name, number=1))
                os.write(1, (name + chr(10)).encode())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """)
    url = f"sqlite:///{tmp_path / 'embedded.db'}"

    ended = subprocess.run(
        [sys.executable, "-c", script, url], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 9, ended.stderr
    said = set(ended.stdout.split())
    assert said
    assert said <= heads(embedded)
