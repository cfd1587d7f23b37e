"""The store against a simple model: whatever is told, undone or killed, both tell the same."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import tempfile

import pytest
from hypothesis import settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from field_sync.clock import Moment
from field_sync.store import outbox, records
from field_sync.store.connection import Store, open_store
from field_sync.store.outbox import Entry
from field_sync.testing.edge import HandEdge
from schemas import sync, tasks
from schemas.errors import Words
from tests.makers import handheld as make

AUDIENCES = ("crew:c1", "person:p1")
TASKS = ("t1", "t2", "t3")
SOMETHING_SAID = Words(en="said", zh="已告知")
_ORDINARY = (sync.Status.REJECTED, sync.Status.CONFLICT, sync.Status.MERGED, sync.Status.HELD)


class UndoneError(Exception):
    """Ends a transaction that must leave nothing behind."""


@dataclasses.dataclass
class Model:
    """What a store must tell: statuses by number, records by audience and id."""

    statuses: dict[int, sync.Status | None] = dataclasses.field(default_factory=dict)
    records: dict[tuple[str, str], int] = dataclasses.field(default_factory=dict)


class Handheld(RuleBasedStateMachine):
    """A store that is written, undone, closed and opened, and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.home = pathlib.Path(self.folder.name) / "handheld"
        self.store = open_store(self.home)
        self.edge = HandEdge()
        self.model = Model()
        self.version = 0
        self.settled = 0

    @rule(task_id=st.sampled_from(TASKS), undone=st.booleans())
    def act(self, task_id: str, undone: bool) -> None:  # noqa: FBT001 - Hypothesis passes rules their values by name
        """Append an operation, or begin to."""
        self.edge.advance(seconds=1)
        with contextlib.suppress(UndoneError), self.store.writing():
            entry = _append(self.store, self.edge.moment(), task_id, len(self.model.statuses))
            _undo_if(undone)
        if undone:
            return
        assert entry.n == len(self.model.statuses) + 1
        self.model.statuses[entry.n] = None

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """Let the server settle some of what waits, as one batch."""
        through = data.draw(st.integers(self.settled, len(self.model.statuses)))
        odd = data.draw(
            st.dictionaries(st.integers(1, max(through, 1)), st.sampled_from(_ORDINARY))
        )
        entries = {entry.n: entry for entry in outbox.list_kept(self.store)}
        with self.store.writing():
            outbox.settle(
                self.store,
                through=through,
                outcomes=[_outcome(entries[n], odd[n]) for n in odd if n in entries],
            )
        for n in range(1, through + 1):
            if self.model.statuses[n] is None:
                self.model.statuses[n] = odd.get(n, sync.Status.APPLIED)
        self.settled = through

    @rule(data=st.data())
    def unsettle(self, data: st.DataObject) -> None:
        """Let the server come back from an older backup."""
        after = data.draw(st.integers(0, self.settled))
        with self.store.writing():
            outbox.unsettle(self.store, after=after)
        for n in range(after + 1, len(self.model.statuses) + 1):
            self.model.statuses[n] = None
        self.settled = after

    @rule(
        audience=st.sampled_from(AUDIENCES),
        puts=st.lists(st.sampled_from(TASKS), unique=True),
        gone=st.sampled_from([None, *TASKS]),
        fresh=st.booleans(),
        undone=st.booleans(),
    )
    def take_page(
        self,
        audience: str,
        puts: list[str],
        gone: str | None,
        fresh: bool,  # noqa: FBT001 - as above
        undone: bool,  # noqa: FBT001 - as above
    ) -> None:
        """Take a whole page in, or begin to."""
        self.version += 1
        shapes = [("task", make.task(task_id, version=self.version)) for task_id in puts]
        left = ("task", gone) if gone is not None and gone not in puts else None
        feed = make.feed(audience, *shapes, fresh=fresh, gone=left)
        with contextlib.suppress(UndoneError), self.store.writing():
            records.apply_page(
                self.store, feeds=[feed], dropped=[], cursor=f"c{self.version}", more=False
            )
            _undo_if(undone)
        if undone:
            return
        first = self.model.records and fresh
        for key in [key for key in self.model.records if first and key[0] == audience]:
            del self.model.records[key]
        if left is not None:
            self.model.records.pop((audience, left[1]), None)
        self.model.records.update({(audience, task_id): self.version for task_id in puts})

    @rule(audience=st.sampled_from(AUDIENCES))
    def lose_audience(self, audience: str) -> None:
        """Drop an audience."""
        self.version += 1
        with self.store.writing():
            records.apply_page(
                self.store, feeds=[], dropped=[audience], cursor=f"c{self.version}", more=False
            )
        for key in [key for key in self.model.records if key[0] == audience]:
            del self.model.records[key]

    @rule()
    def restart(self) -> None:
        """End the process and begin it again."""
        self.store.close()
        self.store = open_store(self.home)

    @invariant()
    def tells_what_the_model_tells(self) -> None:
        """The store and its model say the same."""
        kept = {entry.n: entry.status for entry in outbox.list_kept(self.store)}
        assert kept == self.model.statuses
        waiting = [n for n, status in self.model.statuses.items() if status is None]
        assert [each.n for each in outbox.list_waiting(self.store, limit=1_000)] == waiting
        assert outbox.count_waiting(self.store) == len(waiting)
        rows = self.store.connection.execute("SELECT audience, id, body FROM records")
        assert {
            (audience, id_): tasks_version(body) for audience, id_, body in rows
        } == self.model.records

    def teardown(self) -> None:
        """Hold the chain against its own hashes, and clear up."""
        previous = ""
        for entry in outbox.list_kept(self.store):
            assert _operation(entry).prev == previous
            previous = entry.hash
        target(float(len(self.model.statuses)))
        self.store.close()
        self.folder.cleanup()


def _undo_if(undone: bool) -> None:  # noqa: FBT001 - as above
    if undone:
        raise UndoneError


def tasks_version(body: bytes) -> int:
    return make.decode_task(body).version


def _operation(entry: Entry) -> sync.Operation:
    return make.decode_operation(entry.wire)


def _append(store: Store, moment: Moment, task_id: str, count: int) -> Entry:
    return outbox.add(
        store,
        id=f"op-{count}-{moment.mono_ms}",
        type="task.note",
        subject=task_id,
        about=("task", task_id),
        based_on=1,
        moment=moment,
        body=tasks.Noted(text="a word"),
    )


def _outcome(entry: Entry, status: sync.Status) -> sync.Outcome:
    return sync.Outcome(
        n=entry.n, id=entry.id, status=status, code=f"said-{status}", detail=SOMETHING_SAID
    )


@pytest.mark.slow
def test_the_store_tells_what_its_model_tells() -> None:
    run_state_machine_as_test(
        Handheld, settings=settings(max_examples=40, stateful_step_count=30, deadline=None)
    )
