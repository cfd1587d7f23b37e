"""A database comes up to the code's schema from nothing and from any older state, and back."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import inspect, select, text

from api import db, migrating
from api.feed import store as feed
from api.promises.models import Clock, ClockMoment
from api.sites.models import District
from api.sync.models import Receipt, ReceiptPack
from api.sync.receipts import packs
from api.tasks.models import TaskMark
from schemas import sites as shapes
from tests.conftest import NOW
from tests.makers import orders, sites, sync

DISTRICT_OF_OLD = """
INSERT INTO districts
  (district_id, id, name, zone, datum, fix_age_max_s, radius_m, revision, version)
VALUES ('d1', 'd1', '美兰供电局', 'Asia/Shanghai', 'wgs84', 120, 50, 'r1', 1)
"""
"""A row as it was in `0003_sites`; the models of today know more columns."""

AREA_OF_OLD = """
INSERT INTO areas (district_id, id, name, area_class, geometry, datum, version)
VALUES ('d1', 'a1', '灵山"片区', 'urban',
  '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}', 'gcj02', 3)
"""
"""A row as it was before areas travelled to phones."""


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[db.Database]:
    opened = db.Database(empty_database_url, pool_size=2)
    yield opened
    opened.close()


def tables(database: db.Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_from_nothing_to_the_models(empty: db.Database) -> None:
    migrating.upgrade(empty)
    migrating.differences(empty)
    assert tables(empty) == set(db.Base.metadata.tables)
    assert migrating.current(empty) == migrating.head()


def test_a_new_database_has_a_lineage_and_keeps_it(empty: db.Database) -> None:
    migrating.upgrade(empty)
    with empty.reading() as session:
        name = feed.get_lineage(session)
    migrating.upgrade(empty)
    with empty.reading() as session:
        assert feed.get_lineage(session) == name


@pytest.mark.slow
def test_an_older_database_keeps_its_rows(empty: db.Database) -> None:
    migrating.upgrade(empty, to="0003_sites")
    with empty.unit_of_work() as session:
        session.execute(text(DISTRICT_OF_OLD))
    migrating.upgrade(empty)
    with empty.reading() as session:
        district = session.get(District, ("d1", "d1"))
        assert district is not None
        assert (district.name, district.dwell_s) == ("美兰供电局", shapes.DWELL_S)


@pytest.mark.slow
def test_up_and_down_and_up_again(empty: db.Database) -> None:
    migrating.upgrade(empty)
    migrating.downgrade(empty, to="base")
    assert tables(empty) == set()
    migrating.upgrade(empty)
    migrating.differences(empty)


@pytest.mark.slow
def test_several_workers_may_migrate_at_once(empty_database_url: str) -> None:
    def migrate(_: int) -> str | None:
        database = db.Database(empty_database_url, pool_size=1)
        try:
            migrating.upgrade(database)
            return migrating.current(database)
        finally:
            database.close()

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert set(pool.map(migrate, range(3))) == {migrating.head()}


@pytest.mark.slow
def test_every_sqlite_table_is_strict(empty: db.Database, database_kind: str) -> None:
    migrating.upgrade(empty)
    if database_kind != "sqlite":
        assert empty.engine.dialect.name == "postgresql"
        return
    with empty.engine.connect() as connection:
        rows = connection.exec_driver_sql("PRAGMA table_list").all()
    loose = {
        row.name
        for row in rows
        if not row.strict and not row.name.startswith(("sqlite_", "alembic_"))
    }
    assert loose == set()


@pytest.mark.slow
def test_packed_bytes_are_in_their_rows_again_when_packs_are_taken_back(empty: db.Database) -> None:
    migrating.upgrade(empty)
    with empty.unit_of_work() as session:
        session.add_all(sync.receipt(n, wire=b"own" if n == 3 else b"") for n in range(1, 7))
        for first_n, numbers in ((1, (1, 2, 4)), (5, (5,)), (6, ())):
            wires = packs.pack([(n, b"wire %d" % n) for n in numbers])
            last_n = first_n + max(len(numbers) - 1, 0)
            session.add(
                ReceiptPack(
                    district_id="d1",
                    device_id="phone-7",
                    first_n=first_n,
                    last_n=last_n,
                    wires=wires,
                )
            )
    migrating.downgrade(empty, to="0019_former_members")
    with empty.reading() as session:
        back = session.scalars(select(Receipt.wire).order_by(Receipt.n)).all()
    assert back == [b"wire 1", b"wire 2", b"own", b"wire 4", b"wire 5", b""]


def test_what_is_counted_is_filled_in_from_timelines_and_ledgers(empty: db.Database) -> None:
    migrating.upgrade(empty)
    with empty.unit_of_work() as session:
        sites.district(session)
        orders.lived(session, "order-1", at=NOW)
        orders.lived(session, "order-2", at=NOW, life=orders.Life(says="dissatisfied", arrived=50))
    before = counted(empty)
    migrating.downgrade(empty, to="0038_requests")
    migrating.upgrade(empty)

    assert counted(empty) == before
    assert len(before[0]) == 4
    with empty.reading() as session:
        newest = select(ClockMoment).join(
            Clock, (Clock.id == ClockMoment.clock_id) & (Clock.told_at == ClockMoment.heard_at)
        )
        lines = session.scalars(newest).all()
    assert {line.crew_id for line in lines} == {"crew-1"}
    assert any(line.took_ms == 50 * 60_000 for line in lines)


def counted(database: db.Database) -> tuple[list[object], list[object]]:
    """Read the marks of orders, and what clocks say to be counted by."""
    marks = select(*TaskMark.__table__.columns).order_by(TaskMark.id)
    clocks = select(Clock.id, Clock.told_at, Clock.took_ms).order_by(Clock.id)
    with database.reading() as session:
        return (
            [tuple(row) for row in session.execute(marks)],
            [tuple(row) for row in session.execute(clocks)],
        )


@pytest.mark.slow
def test_areas_that_stood_before_phones_had_maps_are_in_the_feed(empty: db.Database) -> None:
    migrating.upgrade(empty, to="0032_notices")
    with empty.engine.begin() as connection:
        connection.execute(text(AREA_OF_OLD))
    migrating.upgrade(empty)
    with empty.reading() as session:
        page = feed.page_after(session, district_id="d1", audience="area:a1", number=0, limit=9)
        heads = feed.list_heads(session, district_id="d1", audiences=["area:a1"])
    told = msgspec.json.decode(page.changes)
    assert (told["entity"], told["id"], heads["area:a1"].number) == ("area", "a1", 1)
    record = msgspec.convert(told["put"], shapes.Area)
    assert (record.name, record.geometry["type"], record.version) == ('灵山"片区', "Polygon", 3)
    migrating.downgrade(empty, to="0032_notices")
    with empty.reading() as session:
        assert feed.list_heads(session, district_id="d1", audiences=["area:a1"]) == {}
