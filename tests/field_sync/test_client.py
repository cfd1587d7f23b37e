"""A round of sync: with a good line, with a bad one, with a server that says no."""

from __future__ import annotations

import datetime as dt
import itertools
import pathlib
from collections.abc import Callable

import httpx
import pytest

from field_sync import client, conversation, enrolment, errors, fieldwork, protocol, standing, view
from field_sync.conversation import Phase
from field_sync.keys import FILE_NAME
from field_sync.store import contacts, outbox, records, settings, uploads
from field_sync.store.connection import Store, alone
from field_sync.store.settings import Name
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import ADDRESS, LOGIN, PASSWORD, FakeServer
from field_sync.transport import Transport
from schemas import sync
from schemas.rules.transitions import Kind, State
from tests.makers import handheld as make


def losing(*faults: Fault) -> Callable[[httpx.Request], Fault]:
    """Do these to the next requests, then nothing."""
    script = itertools.chain(faults, itertools.repeat(Fault.NONE))
    return lambda _: next(script)


def test_a_first_pull_brings_the_work(phone: Store) -> None:
    assert [work.task.id for work in view.list_work(phone)] == ["t1"]


def test_what_was_done_goes_up_and_the_record_tells_of_it(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    fieldwork.accept(phone, edge, task_id="t1")
    server.put("crew:c1", "task", make.task("t1", state=State.accepted, version=2))
    ended = client.sync_now(phone, line, edge)

    assert (ended.state.phase, ended.refused) == (Phase.IDLE, None)
    assert [operation.type for operation in server.operations] == ["task.accept"]
    assert outbox.count_waiting(phone) == 0
    assert outbox.list_laid_on(phone, subject="t1") == []
    assert view.get_work(phone, task_id="t1").task.version == 2


@pytest.mark.rule("H7")
def test_the_view_does_not_go_back_while_the_record_is_older_than_the_act(
    phone: Store, line: Transport, edge: HandEdge
) -> None:
    fieldwork.accept(phone, edge, task_id="t1")
    client.sync_now(phone, line, edge)  # settled, but the feed tells nothing yet
    assert view.get_work(phone, task_id="t1").task.state is State.accepted


def test_an_operation_in_conflict_is_kept_with_the_servers_words_and_shown_no_more(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.judge = lambda _: sync.Status.CONFLICT
    fieldwork.accept(phone, edge, task_id="t1")
    client.sync_now(phone, line, edge)

    (kept,) = outbox.list_exceptions(phone)
    assert (kept.status, kept.code) == (sync.Status.CONFLICT, "said-conflict")
    assert kept.words.zh == "结果：said-conflict。"
    assert view.get_work(phone, task_id="t1").task.state is State.dispatched


@pytest.mark.rule("H2")
@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_after_a_lost_push_the_phone_asks_before_it_sends(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    fault: Fault,
) -> None:
    fieldwork.accept(phone, edge, task_id="t1")
    network.fault = losing(fault)
    lost = client.sync_now(phone, line, edge)
    assert isinstance(lost.refused, errors.NoSignal)
    assert lost.state.phase is Phase.BACKING_OFF

    server.requests.clear()
    assert client.sync_now(phone, line, edge).refused is None
    assert server.requests[0] == "GET /v1/sync/ack"
    assert [operation.n for operation in server.operations] == [1]
    assert outbox.count_waiting(phone) == 0


@pytest.mark.rule("H3")
def test_after_a_lost_answer_nothing_settled_is_sent_again(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    server.judge = lambda operation: sync.Status.REJECTED if operation.n == 2 else None
    for text in ("one", "two", "three"):
        fieldwork.note(phone, edge, task_id="t1", text=text)
    network.fault = losing(Fault.ANSWER_LOST)
    client.sync_now(phone, line, edge)
    sizes: list[int] = []

    def weigh(request: httpx.Request) -> Fault:
        sizes.append(len(request.content))
        return Fault.NONE

    network.fault = weigh
    client.sync_now(phone, line, edge)

    assert max(sizes) < 1_000
    assert [kept.n for kept in outbox.list_exceptions(phone)] == [2]
    assert len(server.operations) == 3


@pytest.mark.rule("S1")
def test_a_request_that_came_twice_is_applied_once(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    network.fault = lambda _: Fault.DOUBLED
    for text in ("one", "two"):
        fieldwork.note(phone, edge, task_id="t1", text=text)
        client.sync_now(phone, line, edge)
    assert [operation.n for operation in server.operations] == [1, 2]


def test_more_than_a_push_may_hold_goes_in_several(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync, "OPERATIONS_MAX", 2)
    for text in "abcde":
        fieldwork.note(phone, edge, task_id="t1", text=text)
    client.sync_now(phone, line, edge)
    assert server.requests.count("POST /v1/sync") == 3
    assert [operation.n for operation in server.operations] == [1, 2, 3, 4, 5]


@pytest.mark.rule("H6")
def test_a_first_pull_is_not_shown_before_it_is_whole(
    enrolled: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    server.put("person:p1", "task", make.task("r1", kind=Kind.route))
    for number in range(1, 6):
        server.put("route:r1", "stop", make.stop(f"s{number}", sequence=number))
    server.page = 2
    network.fault = losing(Fault.NONE, Fault.NONE, Fault.REQUEST_LOST)
    client.sync_now(enrolled, line, edge)
    assert records.count(enrolled) == 0

    server.requests.clear()
    assert client.sync_now(enrolled, line, edge).refused is None
    assert len(server.requests) == 1, "it goes on where it was cut"
    assert len(view.list_stops(enrolled, route_id="r1")) == 5


@pytest.mark.rule("H10")
def test_an_expired_token_is_renewed_by_the_way(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    fieldwork.accept(phone, edge, task_id="t1")
    server.expired = True
    assert client.sync_now(phone, line, edge).refused is None
    assert "POST /v1/sessions/refresh" in server.requests
    assert len(server.operations) == 1


@pytest.mark.rule("H10")
def test_an_ended_session_signs_out_and_capture_goes_on(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.closed = True
    ended = client.sync_now(phone, line, edge)
    assert ended.state.phase is Phase.SIGNED_OUT
    assert isinstance(ended.refused, errors.SignedOut)

    fieldwork.accept(phone, edge, task_id="t1")
    server.requests.clear()
    assert isinstance(client.sync_now(phone, line, edge).refused, errors.SignedOut)
    assert server.requests == ["POST /v1/sessions/refresh"], "nothing else before a sign-in"

    enrolment.sign_in(phone, line, edge, login=enrolment.Login(LOGIN, PASSWORD))
    assert client.sync_now(phone, line, edge).refused is None
    assert len(server.operations) == 1


@pytest.mark.parametrize("how", ["revoked", "wiping"])
def test_a_revoked_device_forgets_the_work_and_keeps_the_acts(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, how: str
) -> None:
    fieldwork.accept(phone, edge, task_id="t1")
    setattr(server, how, True)
    ended = client.sync_now(phone, line, edge)

    assert isinstance(ended.refused, errors.Wiped)
    assert ended.state.phase is Phase.WIPED
    assert (records.count(phone), len(outbox.list_kept(phone))) == (0, 1)
    assert settings.find(phone, Name.REFRESH_TOKEN) is None
    with pytest.raises(errors.NotOnPhone):
        fieldwork.note(phone, edge, task_id="t1", text="gone")
    with pytest.raises(errors.Wiped):
        enrolment.sign_in(phone, line, edge, login=enrolment.Login(LOGIN, PASSWORD))


@pytest.mark.rule("H11")
def test_a_revoked_device_hands_over_what_it_had_not_sent_and_forgets_it(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    tmp_path: pathlib.Path,
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff" + b"what the lamp looked like")
    made = [
        fieldwork.note(phone, edge, task_id="t1", text="a word"),
        fieldwork.photo(phone, edge, task_id="t1", path=path),
    ]
    server.revoked = True
    faults = iter([Fault.NONE, Fault.ANSWER_LOST])
    network.fault = lambda _: next(faults, Fault.NONE)
    assert client.sync_now(phone, line, edge).state.phase is Phase.WIPED
    assert outbox.count_waiting(phone) == 2, "an answer that was lost lets nothing go"
    ended = client.sync_now(phone, line, edge)
    assert isinstance(ended.refused, errors.Wiped)
    assert {each.id for each in server.last_words} == {entry.id for entry in made}
    assert list(server.uploads.contents.values()) == [path.read_bytes()]
    assert outbox.count_waiting(phone) == uploads.count_waiting(phone) == 0
    assert [entry.n for entry in outbox.list_kept(phone)] == [2]
    server.requests.clear()
    client.sync_now(phone, line, edge)
    assert server.requests == []


@pytest.mark.rule("H11")
def test_a_revoked_device_keeps_the_files_that_the_server_has_no_room_for_yet(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    photos = [b"\xff\xd8\xff" + bytes([number]) * 50 for number in range(3)]
    for number, content in enumerate(photos):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        fieldwork.photo(phone, edge, task_id="t1", path=path)
    server.revoked, server.expected_max = True, 1
    for left in (2, 1, 0):
        assert client.sync_now(phone, line, edge).state.phase is Phase.WIPED
        assert uploads.count_waiting(phone) == left
    assert sorted(server.uploads.contents.values()) == photos


@pytest.mark.rule("H11")
def test_a_revoked_device_without_a_key_keeps_what_it_had_not_sent(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    make_note(phone, edge)
    (phone.home / FILE_NAME).unlink()
    server.revoked = True
    assert client.sync_now(phone, line, edge).state.phase is Phase.WIPED
    assert outbox.count_waiting(phone) == 1
    assert server.last_words == []


@pytest.mark.rule("H8")
def test_a_cursor_that_the_server_does_not_know_costs_a_fresh_pull_and_no_operation(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    with phone.writing():
        settings.put(phone, Name.CURSOR, "not of this server")
    make_note(phone, edge)
    assert client.sync_now(phone, line, edge).refused is None
    assert len(server.operations) == 1
    assert [work.task.id for work in view.list_work(phone)] == ["t1"]


@pytest.mark.rule("H9")
def test_a_server_restored_from_an_older_backup_is_told_again(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    for _ in range(3):
        make_note(phone, edge)
        client.sync_now(phone, line, edge)
    server.restore(settled=1)
    make_note(phone, edge)
    assert client.sync_now(phone, line, edge).refused is None
    assert [operation.n for operation in server.operations] == [1, 2, 3, 4]


def test_an_audience_that_is_no_longer_held_is_forgotten(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.put("route:r1", "stop", make.stop("s1"))
    client.sync_now(phone, line, edge)
    assert records.count(phone) == 2
    server.drop("route:r1")
    client.sync_now(phone, line, edge)
    assert records.count(phone) == 1


@pytest.mark.rule("H22")
def test_a_slow_clock_is_measured_at_every_contact(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    edge.fast_s = -7_200
    client.sync_now(phone, line, edge)
    assert contacts.find_last(phone) is not None
    edge.advance(minutes=30)
    told = view.server_time(phone, edge.moment())
    assert abs(told - (server.now + dt.timedelta(minutes=30))) < dt.timedelta(seconds=1)
    edge.reboot()
    told = view.server_time(phone, edge.moment())
    assert abs(told - (server.now + dt.timedelta(minutes=30))) < dt.timedelta(seconds=1)


@pytest.mark.rule("H20")
def test_two_rounds_at_once_are_refused(phone: Store, line: Transport, edge: HandEdge) -> None:
    with alone(phone, purpose="sync"), pytest.raises(errors.StoreBusy):
        client.sync_now(phone, line, edge)


def test_a_store_that_nobody_enrolled_does_not_sync(
    store: Store, line: Transport, edge: HandEdge
) -> None:
    with pytest.raises(errors.NotEnrolled):
        client.sync_now(store, line, edge)


@pytest.mark.rule("H13")
def test_an_answer_that_leads_nowhere_ends_the_round(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    make_note(phone, edge)
    server.judge = lambda _: None
    server.page = 0  # always more, never anything
    server.put("crew:c1", "task", make.task("t2"))
    ended = client.sync_now(phone, line, edge)
    assert ended.state.phase is Phase.BACKING_OFF
    assert len(server.requests) < 5


def test_a_program_that_runs_on_backs_off_longer_each_time(
    phone: Store, line: Transport, edge: HandEdge, network: Network
) -> None:
    network.fault = lambda _: Fault.REQUEST_LOST
    state = standing.take_up(phone)
    waits = []
    for _ in range(4):
        event = conversation.Asked(conversation.Work())
        state = client.go_on(phone, line, edge, state=state, event=event).state
        assert state.wait_until is not None
        waits.append((state.wait_until - edge.moment().wall).total_seconds())
    assert waits == sorted(waits)
    assert waits[3] > 8
    still = conversation.Due(edge.moment().wall, conversation.Work())
    assert protocol.step(state, still) == (state, ())


def make_note(phone: Store, edge: HandEdge) -> None:
    fieldwork.note(phone, edge, task_id="t1", text="a word")


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.ANSWER_LOST])
def test_a_renewal_that_is_lost_is_tried_again_and_signs_nobody_out(
    phone: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    fault: Fault,
) -> None:
    server.expired = True
    network.fault = losing(Fault.NONE, fault)
    assert isinstance(client.sync_now(phone, line, edge).refused, errors.NoSignal)
    assert client.sync_now(phone, line, edge).refused is None


def test_a_request_that_the_server_refuses_waits_and_keeps_everything(
    phone: Store, edge: HandEdge
) -> None:
    make_note(phone, edge)
    body = (
        b'{"type":"t","title":"t","status":422,"code":"protocol-unknown",'
        b'"detail":{"en":"Update.","zh":"x"}}'
    )
    answers = httpx.MockTransport(lambda _: httpx.Response(422, stream=httpx.ByteStream(body)))
    with Transport(httpx.Client(transport=answers, base_url=ADDRESS)) as line:
        ended = client.sync_now(phone, line, edge)
    assert ended.state.phase is Phase.BACKING_OFF
    assert isinstance(ended.refused, errors.ServerRefused)
    assert outbox.count_waiting(phone) == 1
