"""What a phone is told, page by page, is what it holds and nothing else."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable

import flask.testing
import msgspec
import pytest
from sqlalchemy import delete

from api import db, ids
from api.feed import store as feed
from api.feed.models import FeedEntry, FeedHead
from api.feed.pages import making
from api.tasks import service as tasks
from tests.api.sync.conftest import Order
from tests.makers import crews
from tests.makers import tasks as make
from tests.makers.sync import Phone, changes, gone

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two branches runs
    from compression import zstd
else:
    from backports import zstd


def reassign(database: db.Database, task_id: str, *, crew_id: str) -> None:
    with database.unit_of_work() as session:
        tasks.reassign(
            session,
            act=make.of_office(),
            task=tasks.get_to_change(session, act=make.of_office(), task_id=task_id),
            crew_id=crew_id,
            person_id=None,
            why=make.REASON,
        )


def test_a_first_pull_brings_the_crews_orders_and_the_district(phone: Phone, order: Order) -> None:
    mine = order()
    order(crew_id="crew-2")
    answer = phone.sync()
    assert set(changes(answer, "task")) == {mine}
    assert set(changes(answer, "district")) == {crews.DISTRICT}
    assert all(page["fresh"] for page in answer["feeds"])


@pytest.mark.rule("S14")
def test_nothing_is_told_twice(phone: Phone, order: Order) -> None:
    order()
    phone.sync()
    assert phone.sync()["feeds"] == []


def test_a_change_is_told_alone(phone: Phone, order: Order) -> None:
    order()
    phone.sync()
    late = order()
    assert set(changes(phone.sync(), "task")) == {late}


@pytest.mark.rule("S18")
def test_pages_join_to_the_whole(phone: Phone, order: Order) -> None:
    made = {order() for _ in range(7)}
    seen: dict[str, object] = {}
    pages = 0
    more = True
    while more:
        answer = phone.sync(changes_max=3)
        seen |= changes(answer, "task")
        more = answer["more"]
        pages += 1
        assert pages < 20
    assert set(seen) == made
    assert pages == 3


@pytest.mark.rule("S18")
def test_only_the_first_page_of_an_audience_is_fresh(phone: Phone, order: Order) -> None:
    for _ in range(5):
        order()
    fresh = [
        page["fresh"]
        for _ in range(4)
        for page in phone.sync(changes_max=2)["feeds"]
        if page["audience"] == "crew:crew-1"
    ]
    assert fresh == [True, False, False]


@pytest.mark.rule("S15")
def test_an_order_given_to_another_crew_leaves_the_phone(
    phone: Phone, other_phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    phone.sync()
    other_phone.sync()
    reassign(database, task_id, crew_id="crew-2")
    assert gone(phone.sync(), "task") == {task_id}
    assert set(changes(other_phone.sync(), "task")) == {task_id}


@pytest.mark.rule("S16")
def test_a_crew_left_behind_is_dropped(phone: Phone, order: Order, database: db.Database) -> None:
    order()
    phone.sync()
    with database.unit_of_work() as session:
        row = crews.member(session, crew_id="crew-1", person_id="li")
        session.delete(row)
    answer = phone.sync()
    assert answer["dropped"] == ["crew:crew-1"]
    assert phone.sync()["dropped"] == []


@pytest.mark.rule("S17")
def test_a_restored_server_sends_everything_afresh(
    phone: Phone, order: Order, database: db.Database
) -> None:
    task_id = order()
    phone.sync()
    with database.unit_of_work() as session:
        feed.start_lineage(session, name=ids.new_id())
    answer = phone.sync()
    assert set(changes(answer, "task")) == {task_id}
    assert all(page["fresh"] for page in answer["feeds"])
    assert phone.sync()["feeds"] == []


@pytest.mark.rule("S17")
def test_what_a_restored_server_knows_nothing_of_is_forgotten(
    phone: Phone, order: Order, database: db.Database
) -> None:
    """World seed 20017: the backup was older than the first order of the phone's crew."""
    order()
    phone.sync()
    with database.unit_of_work() as session:
        session.execute(delete(FeedEntry).where(FeedEntry.audience == "crew:crew-1"))
        session.execute(delete(FeedHead).where(FeedHead.audience == "crew:crew-1"))
        feed.start_lineage(session, name=ids.new_id())
    (page,) = [page for page in phone.sync()["feeds"] if page["audience"] == "crew:crew-1"]
    assert (page["fresh"], page["changes"]) == (True, [])
    assert phone.sync()["feeds"] == []


@pytest.mark.rule("S17")
@pytest.mark.parametrize("cursor", ["", "x", "e30=", "!!!!", "eyJsaW5lYWdlIjoxfQ=="])
def test_a_cursor_that_no_server_wrote_is_refused(
    phone: Phone, client: flask.testing.FlaskClient, cursor: str
) -> None:
    response = client.post("/v1/sync", data=phone.request(cursor=cursor), headers=phone.headers)
    assert response.status_code == 422
    assert response.get_json()["code"] == "cursor-unknown"


@pytest.mark.rule("S17")
def test_a_cursor_beyond_the_head_gets_everything_afresh(
    phone: Phone, order: Order, database: db.Database
) -> None:
    """A backup was restored by hand and nobody started a new history."""
    task_id = order()
    phone.sync()
    for _ in range(3):
        reassign(database, task_id, crew_id="crew-2")
        reassign(database, task_id, crew_id="crew-1")
    phone.sync()
    with database.unit_of_work() as session:
        head = session.get(FeedHead, (crews.DISTRICT, "crew:crew-1"))
        assert head is not None
        head.number -= 1
    answer = phone.sync()
    assert [page["fresh"] for page in answer["feeds"]] == [True]
    assert set(changes(answer, "task")) == {task_id}


@pytest.mark.rule("S18")
@pytest.mark.parametrize("encoding", ["zstd", "gzip", "identity"])
def test_pages_and_tail_are_one_answer_in_every_encoding(
    phone: Phone,
    client: flask.testing.FlaskClient,
    order: Order,
    database: db.Database,
    encoding: str,
) -> None:
    made = {order() for _ in range(5)}
    policy = making.Policy(page_rows=2, tail_numbers=1)
    making.make(database, district_id=crews.DISTRICT, audience="crew:crew-1", policy=policy)
    made.add(order())
    response = client.post(
        "/v1/sync", data=phone.request(), headers={**phone.headers, "Accept-Encoding": encoding}
    )
    body = response.get_data()
    assert response.headers.get("Content-Encoding", "identity") == encoding
    inflate: dict[str, Callable[[bytes], bytes]] = {
        "zstd": zstd.decompress,
        "gzip": gzip.decompress,
        "identity": bytes,
    }
    answer = msgspec.json.decode(inflate[encoding](body))
    assert set(changes(answer, "task")) == made


def test_a_first_pull_over_pages_hears_of_what_left_meanwhile(
    phone: Phone, order: Order, database: db.Database
) -> None:
    made = [order() for _ in range(6)]
    policy = making.Policy(page_rows=2, tail_numbers=1)
    making.make(database, district_id=crews.DISTRICT, audience="crew:crew-1", policy=policy)
    first = phone.sync(changes_max=3)
    reassign(database, made[0], crew_id="crew-2")
    making.make(database, district_id=crews.DISTRICT, audience="crew:crew-1", policy=policy)
    held = changes(first, "task")
    left: set[str] = set()
    for _ in range(20):
        answer = phone.sync(changes_max=3)
        held |= changes(answer, "task")
        left |= gone(answer, "task")
        if not answer["more"]:
            break
    assert set(held) - left == set(made[1:])
