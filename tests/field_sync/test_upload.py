"""Files go up in pieces, go on where they were cut, and end."""

from __future__ import annotations

import hashlib
import pathlib

import httpx
import pytest

from field_sync import client, errors, fieldwork, upload
from field_sync.store import outbox, uploads
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import ADDRESS, FakeServer
from field_sync.transport import Transport
from schemas.rules.transitions import State
from tests.makers import handheld as make

CONTENT = b"\xff\xd8\xff" + bytes(range(256)) * 4_000  # two chunks
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def waiting(enrolled: Store, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path) -> Store:
    """A handheld with a photo that is not sent yet."""
    server.put("crew:c1", "task", make.task("t1", state=State.working))
    make.hold(enrolled, "crew:c1", ("task", make.task("t1", state=State.working)))
    path = tmp_path / "pole.jpg"
    path.write_bytes(CONTENT)
    fieldwork.photo(enrolled, edge, task_id="t1", path=path)
    return enrolled


@pytest.mark.rule("H18")
def test_a_cut_upload_goes_on_where_it_was_cut(
    waiting: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    sent: list[int] = []

    def cut(request: httpx.Request) -> Fault:
        if not (request.url.path.startswith("/v1/uploads") and request.content):
            return Fault.NONE
        sent.append(len(request.content))
        return [Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.NONE][min(len(sent), 3) - 1]

    network.fault = cut
    ends = [client.sync_now(waiting, line, edge).refused for _ in range(3)]
    assert ends[-1] is None
    assert server.uploads.contents[SHA256] == CONTENT
    assert sum(sent) < 1.6 * len(CONTENT), "only what was lost was sent again"


@pytest.mark.rule("H18")
@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_a_creation_that_was_cut_is_asked_about_before_bytes_are_sent_again(
    waiting: Store,
    line: Transport,
    edge: HandEdge,
    server: FakeServer,
    network: Network,
    fault: Fault,
) -> None:
    created: list[int] = []

    def cut(request: httpx.Request) -> Fault:
        if request.method != "POST" or request.url.path != "/v1/uploads":
            return Fault.NONE
        created.append(len(request.content))
        return fault if len(created) <= 2 else Fault.NONE

    network.fault = cut
    ends = [client.sync_now(waiting, line, edge).refused for _ in range(3)]
    assert ends[-1] is None
    assert server.uploads.contents[SHA256] == CONTENT
    assert created == [upload.CHUNK_BYTES_MAX, 0, 0], "bytes go with the first creation alone"


def test_a_small_file_takes_one_request(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(2_000))
    fieldwork.photo(phone, edge, task_id="t1", path=path)
    assert client.sync_now(phone, line, edge).refused is None
    about_files = [each for each in server.requests if "/v1/uploads" in each]
    assert about_files == ["POST /v1/uploads"]
    assert list(server.uploads.contents.values()) == [path.read_bytes()]


def test_a_server_that_takes_less_than_a_chunk_gets_the_rest(
    waiting: Store, line: Transport, edge: HandEdge, server: FakeServer
) -> None:
    server.uploads.chunk_bytes_max = 100_000
    assert client.sync_now(waiting, line, edge).refused is None
    assert server.uploads.contents[SHA256] == CONTENT


def test_an_upload_that_the_server_forgot_is_opened_anew(
    waiting: Store, line: Transport, edge: HandEdge, server: FakeServer, network: Network
) -> None:
    network.fault = lambda request: Fault.ANSWER_LOST if request.method == "PATCH" else Fault.NONE
    client.sync_now(waiting, line, edge)
    server.uploads.forget()
    network.fault = lambda _: Fault.NONE
    assert client.sync_now(waiting, line, edge).refused is None
    assert server.uploads.contents[SHA256] == CONTENT


def test_a_file_that_the_server_refuses_is_kept_with_its_code_and_holds_up_nothing(
    waiting: Store, edge: HandEdge, server: FakeServer
) -> None:
    class NoUploads(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/uploads":
                body = (
                    b'{"type":"t","title":"t","status":409,"code":"file-size-differs",'
                    b'"detail":{"en":"No.","zh":"No."}}'
                )
                return httpx.Response(409, stream=httpx.ByteStream(body))
            return server.handle_request(request)

    with Transport(httpx.Client(transport=NoUploads(), base_url=ADDRESS)) as line:
        assert client.sync_now(waiting, line, edge).refused is None
    (file,) = uploads.list_all(waiting)
    assert (file.state, file.code) == (uploads.State.REFUSED, "file-size-differs")
    assert uploads.path_of(waiting, sha256=SHA256).exists()


class Spoiling(httpx.BaseTransport):
    """Flips a byte of the first requests that bring any."""

    def __init__(self, server: FakeServer, *, times: int) -> None:
        self._server = server
        self._times = times
        self.sent_bytes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = bytearray(request.read())
        if request.url.path.startswith("/v1/uploads") and content:
            self.sent_bytes += len(content)
            if self._times > 0:
                self._times -= 1
                content[len(content) // 2] ^= 1
            stream = httpx.ByteStream(bytes(content))
            request = httpx.Request(
                request.method, request.url, headers=request.headers, stream=stream
            )
        return self._server.handle_request(request)


@pytest.mark.rule("H27")
def test_a_file_with_a_flipped_byte_is_sent_once_more(
    waiting: Store, edge: HandEdge, server: FakeServer
) -> None:
    spoiling = Spoiling(server, times=1)
    with Transport(httpx.Client(transport=spoiling, base_url=ADDRESS)) as line:
        assert client.sync_now(waiting, line, edge).refused is None
    assert server.uploads.contents[SHA256] == CONTENT
    assert spoiling.sent_bytes == 2 * len(CONTENT)
    assert uploads.count_waiting(waiting) == 0


def test_a_file_that_is_spoilt_again_and_again_is_refused_and_kept(
    waiting: Store, edge: HandEdge, server: FakeServer
) -> None:
    spoiling = Spoiling(server, times=1_000)
    with Transport(httpx.Client(transport=spoiling, base_url=ADDRESS)) as line:
        assert client.sync_now(waiting, line, edge).refused is None
    (file,) = uploads.list_all(waiting)
    assert (file.state, file.code) == (uploads.State.REFUSED, "file-hash-differs")
    assert spoiling.sent_bytes == 2 * len(CONTENT)


def test_a_file_that_vanished_from_the_handheld_is_told(
    waiting: Store, line: Transport, edge: HandEdge
) -> None:
    uploads.path_of(waiting, sha256=SHA256).unlink()
    assert client.sync_now(waiting, line, edge).refused is None
    (file,) = uploads.list_all(waiting)
    assert (file.state, file.code) == (uploads.State.REFUSED, "handheld-no-file")


@pytest.mark.rule("H18")
@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/v1/uploads/1", "//elsewhere/1", ""]
)
def test_our_token_goes_to_no_other_host(waiting: Store, location: str) -> None:
    answers = httpx.MockTransport(
        lambda _: httpx.Response(201, headers={"Location": location}, stream=httpx.ByteStream(b""))
    )
    file = uploads.find(waiting, sha256=SHA256)
    assert file is not None
    with (
        Transport(httpx.Client(transport=answers, base_url=ADDRESS)) as line,
        pytest.raises(errors.AnswerUnreadable),
    ):
        upload.send(waiting, line, file=file, token="t", told=lambda *_: None)


def test_a_server_that_never_moves_on_is_left_alone_in_the_end(
    waiting: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOVES_MAX", 5)

    def still(request: httpx.Request) -> httpx.Response:
        location = {"Location": "/v1/uploads/1", "Upload-Offset": "0"}
        status = {"POST": 201, "HEAD": 200, "PATCH": 204}[request.method]
        return httpx.Response(status, headers=location, stream=httpx.ByteStream(b""))

    file = uploads.find(waiting, sha256=SHA256)
    assert file is not None
    with (
        Transport(httpx.Client(transport=httpx.MockTransport(still), base_url=ADDRESS)) as line,
        pytest.raises(errors.NoSignal),
    ):
        upload.send(waiting, line, file=file, token="t", told=lambda *_: None)


@pytest.mark.rule("H18")
def test_files_follow_their_operations_and_are_sent_once(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(2_000))
    fieldwork.photo(phone, edge, task_id="t1", path=path)
    seen: list[client.Progress] = []
    assert client.sync_now(phone, line, edge, watch=seen.append).refused is None

    assert list(server.uploads.contents.values()) == [path.read_bytes()]
    assert uploads.count_waiting(phone) == 0
    assert max(progress.file_bytes for progress in seen) == 2_003
    server.requests.clear()
    client.sync_now(phone, line, edge)
    assert server.requests == ["POST /v1/sync"]


def test_a_file_that_the_server_lost_is_sent_again(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    fieldwork.photo(phone, edge, task_id="t1", path=path)
    client.sync_now(phone, line, edge)
    server.uploads.forget()
    client.sync_now(phone, line, edge)
    assert list(server.uploads.contents.values()) == [b"\xff\xd8\xff"]


def test_a_server_that_takes_no_more_uploads_now_gets_the_file_later(
    phone: Store, line: Transport, edge: HandEdge, server: FakeServer, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    fieldwork.photo(phone, edge, task_id="t1", path=path)
    body = (
        b'{"type":"t","title":"t","status":409,"code":"too-many-uploads",'
        b'"detail":{"en":"Later.","zh":"x"}}'
    )

    def full(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/uploads":
            return httpx.Response(409, stream=httpx.ByteStream(body))
        return server.handle_request(request)

    with Transport(httpx.Client(transport=httpx.MockTransport(full), base_url=ADDRESS)) as busy:
        assert isinstance(client.sync_now(phone, busy, edge).refused, errors.ServerRefused)
    assert uploads.count_waiting(phone) == 1
    assert client.sync_now(phone, line, edge).refused is None
    assert uploads.count_waiting(phone) == 0


def test_an_operation_whose_file_waits_does_not_grow_old(
    phone: Store, edge: HandEdge, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HISTORY_MAX", 1)
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    declared = fieldwork.photo(phone, edge, task_id="t1", path=photo)
    for text in ("2", "3"):
        fieldwork.note(phone, edge, task_id="t1", text=text)
    with phone.writing():
        outbox.settle(phone, through=3, outcomes=[])
        phone.connection.execute("UPDATE outbox SET laid = 0")
        outbox.prune(phone)
    assert [entry.n for entry in outbox.list_kept(phone)] == [declared.n, 3]
