"""Whoever can write the database is found out by what was signed before."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from api import db
from api.custody import keys, proving
from api.custody.models import Checkpoint as Row
from api.custody.models import CheckpointKey, CheckpointLeaf
from api.custody.proving import Broken, Fault
from api.settings import Settings
from api.sync.models import DeviceLedger, Receipt
from api.sync.receipts import proving as receipts
from api.tasks import service as tasks
from schemas import base, custody
from schemas.custody import SubjectKind
from tests.api.custody.conftest import Checkpoint, Grow, Order
from tests.conftest import NOW, HandClock
from tests.makers import crews, sync
from tests.makers import custody as make


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "ROWS_PER_QUESTION", 2)


@pytest.fixture
def books(database: db.Database, order: Order, grow: Grow, checkpoint: Checkpoint) -> None:
    """Three checkpoints: of two orders and a device, of the first order again, and once more."""
    for task_id in ("t1", "t2"):
        order(task_id=task_id)
    with database.unit_of_work() as session:
        sync.settled(session, count=3)
    checkpoint()
    for _ in range(2):
        grow("t1")
        checkpoint()


def broken(database: db.Database, settings: Settings) -> Broken | None:
    own = keys.find(settings)
    with database.reading() as session:
        return proving.find_broken(
            session, district_id=crews.DISTRICT, own=own, told=lambda _done, _whole: None
        )


def chains_are_whole(database: db.Database) -> bool:
    """Tell whether the walks of timelines and receipts, which know no checkpoint, find nothing."""
    with database.reading() as session:
        timelines = list(tasks.list_broken(session, district_id=crews.DISTRICT))
    walked = receipts.list_broken(
        database, district_id=crews.DISTRICT, told=lambda _done, _whole: None
    )
    return not timelines and not list(walked)


def alter(session: Session, number: int, /, **values: object) -> None:
    session.execute(update(Row).where(Row.number == number).values(**values))


def resign(session: Session, number: int, /, *, key: keys.Key, **changed: object) -> None:
    """Write a checkpoint's statement anew and sign it, as who has a key can."""
    row = session.get_one(Row, (crews.DISTRICT, number))
    said = base.decode(row.statement, custody.Statement)
    fields = {name: getattr(said, name) for name in said.__struct_fields__}
    raw = custody.written(custody.Statement(**{**fields, **changed}))
    alter(
        session,
        number,
        statement=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        signature=key.sign(raw),
        kid=changed.get("kid", row.kid),
    )


def test_what_nobody_touched_holds(
    books: None, database: db.Database, settings: Settings, grow: Grow
) -> None:
    grow("t2")
    assert broken(database, settings) is None


def test_a_district_without_checkpoints_has_none_that_is_wrong(
    database: db.Database, settings: Settings
) -> None:
    assert broken(database, settings) is None


def test_a_moment_that_was_altered_with_all_that_follows_is_found(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=3)
    assert chains_are_whole(database)

    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (2, Fault.timeline)
    assert found.leaf is not None
    assert (found.leaf.id, found.leaf.count) == ("t1", 3)


def test_a_timeline_that_was_written_anew_and_grew_is_found(
    books: None, database: db.Database, settings: Settings, grow: Grow, checkpoint: Checkpoint
) -> None:
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=1)
    grow("t1")
    checkpoint()
    assert chains_are_whole(database)
    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (1, Fault.timeline)


@pytest.mark.parametrize(("count", "number"), [(3, 3), (2, 2), (1, 1)])
def test_a_cut_tail_is_found(
    books: None, database: db.Database, settings: Settings, count: int, number: int
) -> None:
    with database.unit_of_work() as session:
        make.cut_timeline(session, task_id="t1", count=count)
    assert chains_are_whole(database)
    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (number, Fault.timeline)


def test_a_tail_that_is_only_hidden_is_found(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        session.execute(
            text(
                "UPDATE tasks SET timeline_count = 2, timeline_hash ="
                " (SELECT hash FROM task_events WHERE task_id = 't1' AND number = 2)"
                " WHERE id = 't1'"
            )
        )
    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (2, Fault.timeline)


def test_receipts_that_were_cut_off_with_their_ledger_are_found(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(Receipt).where(Receipt.n == 3))
        second = session.get_one(Receipt, (crews.DISTRICT, "phone-7", 2))
        session.execute(update(DeviceLedger).values(acked_through=2, chain=second.sha256))
    assert chains_are_whole(database)
    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (1, Fault.receipts)
    assert found.leaf is not None
    assert (found.leaf.kind, found.leaf.id, found.leaf.count) == (
        SubjectKind.RECEIPTS,
        "phone-7",
        3,
    )


def test_receipts_that_were_written_anew_are_found(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        wire = session.get_one(Receipt, (crews.DISTRICT, "phone-7", 3)).wire + b" "
        sha256 = hashlib.sha256(wire).hexdigest()
        session.execute(update(Receipt).where(Receipt.n == 3).values(wire=wire, sha256=sha256))
        session.execute(update(DeviceLedger).values(chain=sha256))
    assert chains_are_whole(database)
    found = broken(database, settings)
    assert found is not None
    assert (found.number, found.fault) == (1, Fault.receipts)


def test_a_statement_that_was_altered_is_named(
    books: None, database: db.Database, settings: Settings, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        statement = session.get_one(Row, (crews.DISTRICT, 2)).statement
        alter(session, 2, statement=statement.replace(b'"leaves":1', b'"leaves":9'))
    assert broken(database, settings) == Broken(2, Fault.altered)
    with database.unit_of_work() as session:
        alter(session, 2, statement=b"{}")
    assert broken(database, settings) == Broken(2, Fault.altered)
    with database.unit_of_work() as session:
        alter(session, 2, statement=statement, at=clock.now())
    assert broken(database, settings) == Broken(2, Fault.altered)
    with database.unit_of_work() as session:
        alter(session, 1, sha256="0" * 64)
    assert broken(database, settings) == Broken(1, Fault.altered)


def test_a_statement_without_its_signature_is_named(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        resign(session, 2, key=keys.drawn())
    assert broken(database, settings) == Broken(2, Fault.signature)


def test_one_that_was_signed_anew_with_the_stolen_key_parts_the_chain(
    books: None, database: db.Database, settings: Settings, clock: HandClock
) -> None:
    with database.unit_of_work() as session:
        resign(session, 2, key=keys.opened(settings), lineage="another")
    assert broken(database, settings) == Broken(3, Fault.parted)


def test_a_checkpoint_that_was_taken_away_is_named(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(CheckpointLeaf).where(CheckpointLeaf.number == 2))
        session.execute(delete(Row).where(Row.number == 2))
    assert broken(database, settings) == Broken(2, Fault.missing)


@pytest.mark.parametrize(
    "values", [{"hash": "0" * 64}, {"count": 99}, {"subject_id": "t9"}, {"kind": "rumour"}]
)
def test_an_altered_leaf_is_named(
    books: None, database: db.Database, settings: Settings, values: dict[str, object]
) -> None:
    with database.unit_of_work() as session:
        session.execute(update(CheckpointLeaf).where(CheckpointLeaf.number == 2).values(**values))
    assert broken(database, settings) == Broken(2, Fault.leaves)


def test_a_leaf_that_was_taken_away_is_named(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        session.execute(delete(CheckpointLeaf).where(CheckpointLeaf.number == 2))
    assert broken(database, settings) == Broken(2, Fault.leaves)


def test_a_leaf_that_follows_the_altered_chain_is_not_what_was_signed(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=3)
        session.execute(
            text(
                "UPDATE checkpoint_leaves SET hash = (SELECT e.hash FROM task_events AS e"
                " WHERE e.task_id = subject_id AND e.number = count) WHERE kind = 'timeline'"
            )
        )
    assert broken(database, settings) == Broken(2, Fault.leaves)


def test_a_key_that_is_not_listed_under_its_own_name_is_named(
    books: None, database: db.Database, settings: Settings
) -> None:
    with database.unit_of_work() as session:
        other = base.encode(keys.drawn().public).decode()
        session.execute(update(CheckpointKey).values(public=other))
    assert broken(database, settings) == Broken(1, Fault.unlisted)
    with database.unit_of_work() as session:
        session.execute(delete(CheckpointKey))
    assert broken(database, settings) == Broken(1, Fault.unlisted)


def test_a_log_that_was_signed_anew_with_another_key_is_another_keys(
    books: None, database: db.Database, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    thief = Settings(data_dir=tmp_path_factory.mktemp("thief"))
    with database.unit_of_work() as session:
        make.rewrite_timeline(session, task_id="t1", number=3)
        make.forget_checkpoints(session)
        session.execute(delete(CheckpointKey))
    make.checkpoint(database, settings=thief, now=NOW)
    assert broken(database, thief) is None
    assert broken(database, settings) == Broken(1, Fault.stranger)


def test_a_key_that_took_over_by_the_word_of_the_one_before_is_no_stranger(
    books: None,
    database: db.Database,
    settings: Settings,
    grow: Grow,
    checkpoint: Checkpoint,
    clock: HandClock,
) -> None:
    old, new = keys.opened(settings), keys.drawn()
    with database.unit_of_work() as session:
        keys.succeed(session, old=old, new=new, now=clock.now())
    keys.replace(settings, new)
    assert broken(database, settings) is None
    grow("t2")
    checkpoint()
    assert broken(database, settings) is None
    with database.reading() as session:
        assert proving.list_unnamed(session) == []


def test_a_key_that_is_rotated_before_its_first_checkpoint_is_no_stranger(
    database: db.Database, settings: Settings
) -> None:
    for _ in range(4):  # whichever comes first by its name
        with database.unit_of_work() as session:
            keys.succeed(session, old=keys.opened(settings), new=keys.drawn(), now=NOW)
    with database.reading() as session:
        assert proving.list_unnamed(session) == []


def test_a_key_that_began_without_a_word_is_told(
    books: None, database: db.Database, settings: Settings, grow: Grow, checkpoint: Checkpoint
) -> None:
    keys.path_of(settings).unlink()
    grow("t2")
    checkpoint()
    assert broken(database, settings) is None
    with database.reading() as session:
        unnamed = proving.list_unnamed(session)
    assert [key.kid for key in unnamed] == [keys.opened(settings).kid]

    with database.unit_of_work() as session:
        first, second = keys.list_public(session)
        session.execute(
            update(CheckpointKey)
            .where(CheckpointKey.kid == second.kid)
            .values(follows=first.kid, named_by="A" * 86)
        )
    with database.reading() as session:
        assert [key.kid for key in proving.list_unnamed(session)] == [second.kid]
