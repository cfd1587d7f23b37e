"""A handheld whose chain has parted from the server's joins it again, and nothing is lost."""

from __future__ import annotations

import pathlib
from contextlib import closing

import httpx
import msgspec
import pytest

from field_sync import client, fieldwork, protocol, view
from field_sync.conversation import Phase
from field_sync.store import chain, outbox, settings, uploads
from field_sync.store.connection import Store, open_store
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import FakeServer
from field_sync.transport import Transport
from schemas import sync
from schemas.rules.operation_chain import Head
from schemas.sync import Status
from tests.makers import handheld as make
from tests.makers.copies import copy
from tests.makers.crashes import Crash, failing


def note(phone: Store, edge: HandEdge, *texts: str) -> list[str]:
    """Do something for each text; gives the ids."""
    return [fieldwork.note(phone, edge, task_id="t1", text=text).id for text in texts]


def round_of(phone: Store, line: Transport, edge: HandEdge) -> None:
    ended = client.sync_now(phone, line, edge)
    assert (ended.state.phase, ended.refused) == (Phase.IDLE, None)
    assert outbox.count_waiting(phone) == 0


def applied(server: FakeServer) -> list[str]:
    """List the texts that the server applied, in its order."""
    return [msgspec.json.decode(operation.body)["text"] for operation in server.operations]


def kept(phone: Store) -> list[tuple[int, Status | None]]:
    return [(entry.n, entry.status) for entry in outbox.list_kept(phone)]


def test_a_handheld_put_back_from_a_backup_goes_on_behind_what_it_forgot(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    note(phone, edge, "1")
    round_of(phone, line, edge)
    with closing(copy(phone, to=tmp_path / "backup")) as restored:
        note(phone, edge, "2", "3")
        round_of(phone, line, edge)
        note(restored, edge, "4", "5", "6")
        round_of(restored, line, edge)
        assert kept(restored) == [(n, Status.APPLIED) for n in (1, 4, 5, 6)]
        note(restored, edge, "7")
        server.requests.clear()
        round_of(restored, line, edge)
    assert applied(server) == ["1", "2", "3", "4", "5", "6", "7"]
    assert server.requests == ["POST /v1/sync"], "once joined, it goes on as ever"


def test_a_handheld_put_back_learns_at_its_first_contact_which_numbers_are_used(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    with closing(copy(phone, to=tmp_path / "backup")) as restored:
        note(phone, edge, "1", "2")
        round_of(phone, line, edge)
        round_of(restored, line, edge)
        assert chain.last(restored) == chain.last(phone)
        server.requests.clear()
        note(restored, edge, "3")
        round_of(restored, line, edge)
    assert server.requests == ["POST /v1/sync"]


@pytest.mark.rule("H4")
def test_a_handheld_hears_that_a_copy_was_first_after_the_servers_backup_came_back(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    """World 5276: as many operations as it knew of, and not one of them its own."""
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        note(clone, edge, "the clone's")
        round_of(clone, line, edge)
        server.restore(settled=0)
        note(phone, edge, "1")
        round_of(phone, line, edge)
        round_of(clone, line, edge)
    assert applied(server) == ["1", "the clone's"]


@pytest.mark.rule("H7")
def test_what_a_copy_had_brought_is_not_seen_twice(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    """World 4058: the record told of the photo before the photo was settled here, and never again.

    What is settled was laid over its record until the record came again.
    """
    picture = tmp_path / "pole.jpg"
    picture.write_bytes(b"a photo of the pole")
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        note(clone, edge, "the clone's")
        fieldwork.photo(phone, edge, task_id="t1", path=picture)
        round_of(clone, line, edge)
        with closing(copy(phone, to=tmp_path / "backup")) as restored:
            round_of(phone, line, edge)
            told = msgspec.structs.replace(make.task("t1"), evidence_declared=1)
            server.put("crew:c1", "task", told)
            round_of(restored, line, edge)
            assert view.get_task(restored, task_id="t1").evidence_declared == 1


def test_what_a_backup_still_has_waiting_counts_once_under_the_same_numbers(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    note(phone, edge, "1", "2")
    server.judge = lambda operation: Status.CONFLICT if operation.n == 2 else None
    with closing(copy(phone, to=tmp_path / "backup")) as restored:
        round_of(phone, line, edge)
        note(restored, edge, "3")
        round_of(restored, line, edge)
        assert kept(restored) == [(1, Status.APPLIED), (2, Status.CONFLICT), (3, Status.APPLIED)]
    assert len(server.operations) == 3


def test_what_a_backup_still_has_waiting_counts_once_under_other_numbers(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        note(phone, edge, "1", "2")
        with closing(copy(phone, to=tmp_path / "backup")) as restored:
            note(clone, edge, "the clone's")
            round_of(clone, line, edge)
            server.judge = lambda operation: Status.REJECTED if operation.n == 2 else None
            round_of(phone, line, edge)
            assert kept(phone) == [(2, Status.REJECTED), (3, Status.APPLIED)]
            note(restored, edge, "3")
            round_of(restored, line, edge)
            assert [status for _, status in kept(restored)] == [
                Status.REJECTED,
                Status.APPLIED,
                Status.APPLIED,
            ]
            (refused,) = outbox.list_exceptions(restored)
            assert refused.code == "said-rejected"
    assert applied(server) == ["the clone's", "1", "2", "3"]


@pytest.mark.rule("H4")
def test_two_copies_of_a_handheld_both_land_everything(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    made: list[str] = []
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        for turn in range(4):
            for copy_of in (phone, clone):
                made += note(copy_of, edge, f"{turn} a", f"{turn} b")
            for copy_of in (phone, clone):
                round_of(copy_of, line, edge)
        assert sorted(operation.id for operation in server.operations) == sorted(made)
        assert {status for _, status in [*kept(phone), *kept(clone)]} == {Status.APPLIED}
    assert [operation.n for operation in server.operations] == list(range(1, len(made) + 1))


def test_two_copies_that_overtake_each_other_both_land_everything_in_the_end(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    tmp_path: pathlib.Path,
) -> None:
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        mine = note(phone, edge, "mine")
        other = Transport(httpx.Client(transport=server, base_url="http://127.0.0.1:1"))
        overtaken = 0

        def overtake(request: httpx.Request) -> Fault:
            nonlocal overtaken
            if request.url.path == "/v1/sync":
                overtaken += 1
                note(clone, edge, "the clone's")
                client.sync_now(clone, other, edge)
            return Fault.NONE

        network.fault = overtake
        ended = client.sync_now(phone, line, edge)
        assert (ended.state.phase, overtaken) == (Phase.BACKING_OFF, protocol.JOINS_MAX + 1)
        assert [entry.id for entry in outbox.list_waiting(phone, limit=9)] == mine
        network.fault = lambda _: Fault.NONE
        round_of(phone, line, edge)
    assert applied(server) == ["the clone's"] * overtaken + ["mine"]


def test_a_server_that_forgot_what_the_handheld_let_go_of_is_joined_behind_its_head(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "HISTORY_MAX", 2)
    for text in ("1", "2", "3", "4", "5"):
        note(phone, edge, text)
        round_of(phone, line, edge)
    with phone.writing():
        outbox.lift(phone, keys=[("task", "t1")])
        outbox.prune(phone)
    assert [n for n, _ in kept(phone)] == [4, 5]
    server.restore(settled=2)
    note(phone, edge, "6")
    round_of(phone, line, edge)
    assert applied(server) == ["1", "2", "4", "5", "6"]
    assert [n for n, _ in kept(phone)] == [3, 4, 5]
    assert settings.find_number(phone, Name.LOST) == 1


def test_a_server_that_forgot_and_a_copy_that_went_on_are_told_all_that_is_kept(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    note(phone, edge, "1")
    round_of(phone, line, edge)
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        for text in ("2", "3"):
            note(phone, edge, text)
            round_of(phone, line, edge)
        server.restore(settled=1)
        note(clone, edge, "a", "b", "c")
        round_of(clone, line, edge)
        note(phone, edge, "4")
        round_of(phone, line, edge)
    assert applied(server) == ["1", "a", "b", "c", "2", "3", "4"]
    assert settings.find_number(phone, Name.LOST) == 0


def test_both_put_back_from_backups_lose_only_what_neither_has(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    for text in ("1", "2"):
        note(phone, edge, text)
        round_of(phone, line, edge)
    with closing(copy(phone, to=tmp_path / "backup")) as restored:
        note(phone, edge, "3", "4")
        round_of(phone, line, edge)
        server.restore(settled=1)
        note(restored, edge, "5")
        round_of(restored, line, edge)
    assert applied(server) == ["1", "2", "5"]


def test_a_chain_that_broke_inside_the_store_is_mended(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    note(phone, edge, "1", "2")
    broken = msgspec.structs.replace(
        msgspec.json.decode(outbox.list_kept(phone)[1].wire, type=sync.Operation), prev="0" * 64
    )
    with phone.writing():
        phone.connection.execute(
            "UPDATE outbox SET wire = ? WHERE n = 2", (msgspec.json.encode(broken),)
        )
    round_of(phone, line, edge)
    assert applied(server) == ["1", "2"]


@pytest.mark.rule("H4")
def test_a_rebase_that_is_cut_off_at_any_write_begins_again(tmp_path: pathlib.Path) -> None:
    died = 0
    for at in range(1, 100):
        home = tmp_path / str(at)
        prepared(home)
        store = open_store(home, connect=failing(at, after=True))
        finished = False
        try:
            with store.writing():
                chain.rebase(store, head=Head(9, "9" * 64), after=1)
            finished = True
        except Crash:
            died += 1
        store.close()
        with closing(open_store(home)) as again:
            before, after = [1, 2, 3, 4], [1, 10, 11, 12]
            numbers = [n for n, _ in kept(again)]
            assert numbers == after if finished else numbers in (before, after)
            assert [upload.n for upload in uploads.list_all(again)] == [numbers[2]]
            assert chain.last(again).n == numbers[-1]
        if finished:
            break
    assert died > 10


def prepared(home: pathlib.Path) -> None:
    """Make a store with one settled operation and three that wait, one of them a photo."""
    edge = HandEdge()
    with closing(open_store(home)) as store:
        with store.writing():
            settings.put(store, Name.DEVICE, "dev1")
        make.hold(store, "crew:c1", ("task", make.task("t1")))
        note(store, edge, "1", "2")
        photo = home / "a.jpg"
        photo.write_bytes(b"\xff\xd8\xff")
        fieldwork.photo(store, edge, task_id="t1", path=photo)
        note(store, edge, "4")
        with store.writing():
            outbox.settle(store, through=1, outcomes=[])


def test_the_wire_that_was_numbered_anew_keeps_all_but_its_place(
    phone: Store, edge: HandEdge
) -> None:
    note(phone, edge, "1", "2")
    before = [msgspec.json.decode(each.wire) for each in outbox.list_kept(phone)]
    with phone.writing():
        chain.rebase(phone, head=Head(9, "9" * 64), after=0)
    entries = outbox.list_kept(phone)
    anew = [msgspec.json.decode(each.wire) for each in entries]
    assert [(each["n"], each["prev"]) for each in anew] == [(10, "9" * 64), (11, entries[0].hash)]
    for operation in [*before, *anew]:
        for key in ("n", "prev", "rebased"):
            operation.pop(key, None)
    assert anew == before


def test_a_push_that_arrives_after_the_rebase_takes_nothings_place(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    tmp_path: pathlib.Path,
) -> None:
    late: list[httpx.Request] = []

    def delay(request: httpx.Request) -> Fault:
        late.append(request)
        return Fault.REQUEST_LOST

    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        note(phone, edge, "mine")
        network.fault = delay
        client.sync_now(phone, line, edge)
        network.fault = lambda _: Fault.NONE
        note(clone, edge, "the clone's")
        round_of(clone, line, edge)
    round_of(phone, line, edge)
    assert applied(server) == ["the clone's", "mine"]
    old = late[0]
    old.read()
    server.handle_request(old)
    assert applied(server) == ["the clone's", "mine"]
    note(phone, edge, "next")
    round_of(phone, line, edge)
    assert applied(server)[-1] == "next"


def test_the_files_of_operations_that_were_numbered_anew_go_up_with_them(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"\xff\xd8\xff light")
    with closing(copy(phone, to=tmp_path / "clone")) as clone:
        note(clone, edge, "1", "2", "3")
        round_of(clone, line, edge)
    fieldwork.photo(phone, edge, task_id="t1", path=photo)
    round_of(phone, line, edge)
    assert list(server.uploads.contents.values()) == [photo.read_bytes()]
    assert uploads.count_waiting(phone) == 0


def test_outcomes_that_do_not_fit_into_one_answer_are_asked_for_by_pushing_again(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync, "OPERATIONS_MAX", 2)
    server.judge = lambda _: Status.CONFLICT
    note(phone, edge, "1", "2", "3", "4", "5")
    with closing(copy(phone, to=tmp_path / "backup")) as restored:
        round_of(phone, line, edge)
        with restored.writing():  # it was killed while it pushed
            settings.put(restored, Name.SENT_THROUGH, 1)
        round_of(restored, line, edge)
        assert kept(restored) == [(n, Status.CONFLICT) for n in range(1, 6)]
