"""The store: whole pages or none, outcomes once, and nothing lost when the battery is pulled."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys

import msgspec
import pytest

from field_sync import errors, exchange, fieldwork, view
from field_sync.keys import FileKeys
from field_sync.store import chain, connection, migrations, outbox, records, settings, uploads
from field_sync.store.connection import Store, open_store
from field_sync.store.settings import Name
from field_sync.testing.edge import START, HandEdge
from schemas import sync
from schemas.errors import Words
from schemas.rules.operation_chain import Head
from tests.makers import handheld as make
from tests.makers.crashes import Crash, failing


def outcome(n: int, operation_id: str, status: sync.Status) -> sync.Outcome:
    return sync.Outcome(n=n, id=operation_id, status=status, code="c", detail=Words(en="e", zh="z"))


def test_a_store_keeps_full_synchronous_writes_and_strict_tables(store: Store) -> None:
    (synchronous,) = store.connection.execute("PRAGMA synchronous").fetchone()
    (journal,) = store.connection.execute("PRAGMA journal_mode").fetchone()
    strict = store.connection.execute(
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main'"
        " AND name NOT LIKE 'sqlite_%' AND NOT strict"
    ).fetchone()
    assert (synchronous, journal, strict) == (2, "wal", (0,))


def test_a_store_made_by_a_later_program_is_refused(home: pathlib.Path) -> None:
    opened = open_store(home)
    opened.connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    opened.close()
    with pytest.raises(errors.StoreTooNew):
        open_store(home)


def test_a_store_is_its_owners_alone(home: pathlib.Path, store: Store) -> None:
    assert (home / "handheld.db").stat().st_mode & 0o077 == 0


@pytest.mark.rule("H5")
def test_a_page_and_its_cursor_come_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing():
        records.apply_page(
            store,
            feeds=[make.feed("crew:c1", ("task", make.task()))],
            dropped=[],
            cursor="c1",
            more=False,
        )
        raise RuntimeError
    assert (records.count(store), records.cursor(store)) == (0, None)


@pytest.mark.rule("H26")
@pytest.mark.parametrize("staged", [False, True])
def test_of_several_changes_of_an_entity_the_last_one_counts(store: Store, *, staged: bool) -> None:
    """A page that was made before puts what the tail behind it takes away, and the reverse."""
    first = make.feed("crew:c1", ("task", make.task("t1")), fresh=True, gone=("task", "t2"))
    second = make.feed("crew:c1", ("task", make.task("t2")), gone=("task", "t1"))
    whole = msgspec.structs.replace(first, changes=[*first.changes, *second.changes])
    answers = [first, second] if staged else [whole]
    for number, feed in enumerate(answers, start=1):
        with store.writing():
            records.apply_page(
                store, feeds=[feed], dropped=[], cursor=f"c{number}", more=number < len(answers)
            )
    assert [work.task.id for work in view.list_work(store)] == ["t2"]


def test_a_page_puts_takes_and_drops(store: Store) -> None:
    make.hold(store, "crew:c1", ("task", make.task("t1")), ("task", make.task("t2")))
    make.hold(store, "route:r1", ("stop", make.stop()))
    with store.writing():
        records.apply_page(
            store,
            feeds=[make.feed("crew:c1", ("task", make.task("t3")), gone=("task", "t1"))],
            dropped=["route:r1"],
            cursor="c2",
            more=False,
        )
    assert [work.task.id for work in view.list_work(store)] == ["t2", "t3"]
    assert records.find(store, entity="stop", id="s1") is None


def test_an_audience_that_comes_afresh_replaces_what_was_held(store: Store) -> None:
    make.hold(store, "crew:c1", ("task", make.task("t1")))
    with store.writing():
        records.apply_page(
            store,
            feeds=[make.feed("crew:c1", ("task", make.task("t2")), fresh=True)],
            dropped=[],
            cursor="c2",
            more=False,
        )
    assert [work.task.id for work in view.list_work(store)] == ["t2"]


@pytest.mark.rule("H6")
def test_a_snapshot_in_pages_is_shown_only_when_it_is_whole(store: Store) -> None:
    make.hold(store, "crew:c1", ("task", make.task("old")))
    pages = [
        (
            make.feed("crew:c1", ("task", make.task("t1")), ("task", make.task("t2")), fresh=True),
            True,
        ),
        (make.feed("crew:c1", ("task", make.task("t3")), gone=("task", "t1")), True),
        (make.feed("person:p1", ("task", make.task("t4"))), False),
    ]
    seen = []
    shown: list[records.Key] = []
    for number, (feed, more) in enumerate(pages):
        with store.writing():
            shown = records.apply_page(
                store, feeds=[feed], dropped=[], cursor=f"c{number}", more=more
            )
        seen.append([work.task.id for work in view.list_work(store)])
        assert records.cursor(store) == f"c{number}"
    assert seen == [["old"], ["old"], ["t2", "t3", "t4"]]
    assert set(shown) == {("task", each) for each in ("t1", "t2", "t3", "t4")}


def test_an_audience_dropped_inside_a_snapshot_is_dropped_with_it(store: Store) -> None:
    make.hold(store, "route:r1", ("stop", make.stop("s1")))
    for feeds, dropped, more in (
        ([make.feed("route:r2", ("stop", make.stop("s2")), fresh=True)], [], True),
        ([], ["route:r1", "route:r2"], False),
    ):
        with store.writing():
            records.apply_page(store, feeds=feeds, dropped=dropped, cursor="c", more=more)
    assert records.count(store) == 0


def test_without_a_cursor_nothing_held_outlives_the_next_pull(store: Store) -> None:
    make.hold(store, "crew:c9", ("task", make.task("t9")))
    with store.writing():
        records.forget_cursor(store)
        records.apply_page(
            store,
            feeds=[make.feed("crew:c1", ("task", make.task("t1")), fresh=True)],
            dropped=[],
            cursor="c",
            more=False,
        )
    assert [work.task.id for work in view.list_work(store)] == ["t1"]


@pytest.mark.rule("H17")
def test_the_first_outcome_is_the_outcome_for_ever(enrolled: Store, edge: HandEdge) -> None:
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")))
    first = fieldwork.accept(enrolled, edge, task_id="t1")
    second = fieldwork.note(enrolled, edge, task_id="t1", text="x")
    with enrolled.writing():
        held = outcome(1, first.id, sync.Status.HELD)
        outbox.settle(enrolled, through=1, outcomes=[held])
        told = [outcome(1, first.id, sync.Status.REJECTED), outcome(2, "other", sync.Status.HELD)]
        outbox.settle(enrolled, through=2, outcomes=told)
    statuses = [entry.status for entry in outbox.list_kept(enrolled)]
    assert statuses == [sync.Status.HELD, sync.Status.APPLIED], second


def test_an_outcome_beyond_what_is_settled_settles_nothing(enrolled: Store, edge: HandEdge) -> None:
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")))
    entry = fieldwork.accept(enrolled, edge, task_id="t1")
    with enrolled.writing():
        outbox.settle(enrolled, through=0, outcomes=[outcome(1, entry.id, sync.Status.HELD)])
    assert outbox.count_waiting(enrolled) == 1


def test_only_applied_operations_grow_old_and_the_chain_goes_on(
    enrolled: Store, edge: HandEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HISTORY_MAX", 2)
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")))
    entries = [fieldwork.note(enrolled, edge, task_id="t1", text=str(n)) for n in range(5)]
    with enrolled.writing():
        refused = outcome(1, entries[0].id, sync.Status.REJECTED)
        outbox.settle(enrolled, through=5, outcomes=[refused])
        outbox.lift(enrolled, keys=[("task", "t1")])
        outbox.prune(enrolled)
    assert [entry.n for entry in outbox.list_kept(enrolled)] == [1, 4, 5]
    assert chain.last(enrolled) == Head(5, entries[4].hash)


def prepared(home: pathlib.Path) -> None:
    """Make an enrolled store with two orders, and let go of it."""
    opened = open_store(home)
    with opened.writing():
        settings.put(opened, Name.DEVICE, "dev1")
    make.hold(opened, "crew:c1", ("task", make.task("t1")), ("task", make.task("t2")))
    opened.close()


@pytest.mark.rule("H1")
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_write_a_store_holds_exactly_what_was_said_to_be_saved(
    tmp_path: pathlib.Path, *, after: bool
) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    died = 0
    saved: list[str] = []
    for at in range(1, 100):
        home = tmp_path / f"{after}-{at}"
        prepared(home)
        saved = []
        store = open_store(home, connect=failing(at, after=after))
        try:
            edge = HandEdge(seed=at)
            saved.append(fieldwork.accept(store, edge, task_id="t1").id)
            saved.append(fieldwork.photo(store, edge, task_id="t1", path=photo).id)
            saved.append(fieldwork.note(store, edge, task_id="t2", text="x").id)
        except Crash:
            died += 1
        store.close()
        again = open_store(home)
        kept = [entry.id for entry in outbox.list_kept(again)]
        assert kept[: len(saved)] == saved, "what was said to be saved is there"
        assert len(kept) - len(saved) in {0, 1}, "and at most the act under way"
        declared = [entry for entry in outbox.list_kept(again) if "evidence" in entry.type]
        assert len(uploads.list_all(again)) == len(declared)
        more = fieldwork.note(again, HandEdge(seed=99), task_id="t2", text="y")
        assert more.n == len(kept) + 1
        again.close()
        if len(saved) == 3:
            break
    assert died > 8
    assert len(saved) == 3


def test_killed_while_an_answer_is_taken_in_the_round_can_be_had_again(
    tmp_path: pathlib.Path,
) -> None:
    edge = HandEdge()
    for at in range(1, 100):
        home = tmp_path / str(at)
        prepared(home)
        before = open_store(home)
        entry = fieldwork.accept(before, edge, task_id="t1")
        before.close()
        answer = sync.SyncAnswer(
            server_at=START,
            acked_through=1,
            outcomes=[outcome(1, entry.id, sync.Status.CONFLICT)],
            feeds=[make.feed("crew:c1", ("task", make.task("t3")), gone=("task", "t2"))],
            dropped=[],
            cursor="next",
            more=False,
            missing=[],
            next_in_s=0,
        )
        store = open_store(home, connect=failing(at, after=True))
        died = False
        try:
            take_in(store, edge, answer)
        except Crash:
            died = True
        store.close()
        again = open_store(home)
        whole = records.cursor(again) == "next"
        ids = {work.task.id for work in view.list_work(again)}
        assert ids == ({"t1", "t3"} if whole else {"t1", "t2"})
        assert outbox.count_waiting(again) == (0 if whole else 1)
        take_in(again, edge, answer)
        assert {work.task.id for work in view.list_work(again)} == {"t1", "t3"}
        assert [kept.status for kept in outbox.list_kept(again)] == [sync.Status.CONFLICT]
        again.close()
        if not died:
            break
    assert at > 8


def take_in(store: Store, edge: HandEdge, answer: sync.SyncAnswer) -> None:
    moment = edge.moment()
    pushed = outbox.list_kept(store)
    asked = exchange.request(store, pushed=pushed, sent=moment, fix=None, keys=FileKeys(store.home))
    with store.writing():
        exchange.take_in(
            store, asked=asked, pushed=pushed, answer=answer, sent=moment, heard=moment
        )


def test_a_full_disk_is_a_refusal_and_changes_nothing(enrolled: Store, edge: HandEdge) -> None:
    make.hold(enrolled, "crew:c1", ("task", make.task("t1")))
    (pages,) = enrolled.connection.execute("PRAGMA page_count").fetchone()
    enrolled.connection.execute(f"PRAGMA max_page_count = {pages}")
    kept = 0
    with pytest.raises(errors.DiskFull):
        for _ in range(1_000):
            fieldwork.note(enrolled, edge, task_id="t1", text="x" * 2_000)
            kept += 1
    enrolled.connection.execute("PRAGMA max_page_count = 100000")
    assert len(outbox.list_kept(enrolled)) == kept
    fieldwork.note(enrolled, edge, task_id="t1", text="there is space again")


def test_a_store_that_another_program_holds_is_a_refusal(
    home: pathlib.Path, store: Store, edge: HandEdge
) -> None:
    def impatient(path: pathlib.Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=0, isolation_level=None)

    other = open_store(home, connect=impatient)
    with store.writing(), pytest.raises(errors.StoreBusy), other.writing():
        pass
    other.close()


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(home: pathlib.Path) -> None:
    home.mkdir()
    opened = connection.connect(home / "x.db")
    opened.execute("CREATE TABLE outbox (n INTEGER)")
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(opened)
    assert opened.execute("PRAGMA user_version").fetchone() == (0,)
    tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("outbox",)]
    opened.close()


def test_a_copy_that_does_not_fit_leaves_nothing_behind(
    store: Store, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.DiskFull):
        uploads.copy_in(store, path=path)
    assert list(store.files.iterdir()) == []


WORKER = """
import sys
from field_sync import fieldwork
from field_sync.store.connection import open_store
from field_sync.clock import Machine
import pathlib
store = open_store(pathlib.Path(sys.argv[1]))
edge = Machine()
while True:
    print(fieldwork.note(store, edge, task_id="t1", text="x").id, flush=True)
"""


@pytest.mark.rule("H1")
@pytest.mark.slow
def test_a_real_process_killed_at_work_loses_nothing_that_it_said_was_saved(
    home: pathlib.Path,
) -> None:
    prepared(home)
    said: list[str] = []
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WORKER, str(home)], stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            said += [worker.stdout.readline().strip() for _ in range(20)]
            worker.send_signal(signal.SIGKILL)
            said += worker.stdout.read().split()
    again = open_store(home)
    kept = [entry.id for entry in outbox.list_kept(again)]
    again.close()
    assert set(said) <= set(kept)
    assert len(kept) - len(said) <= 3
