"""The device's key pair: made once, in a file of its owner's, and its signatures hold."""

from __future__ import annotations

import pathlib
import stat

import pytest

from api.crews.service import device_keys
from field_sync import enrolment, errors, keys
from field_sync.keys import FILE_NAME, FileKeys
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from field_sync.testing.network import Fault, Network
from field_sync.testing.server import ADDRESS, LOGIN, PASSWORD, FakeServer
from field_sync.transport import Transport
from schemas.rules import operation_chain

DIGEST = "ab" * 32


@pytest.mark.rule("H25")
def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: pathlib.Path) -> None:
    made = FileKeys(tmp_path).make(HandEdge(seed=1))
    assert FileKeys(tmp_path).make(HandEdge(seed=2)) == made
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_key_that_was_cut_off_while_it_was_written_is_made_anew(tmp_path: pathlib.Path) -> None:
    (tmp_path / FILE_NAME).with_suffix(".part").write_bytes(b"half a ke")
    assert FileKeys(tmp_path).make(HandEdge()) == FileKeys(tmp_path).make(HandEdge())


@pytest.mark.rule("H25")
def test_a_signed_head_holds_for_its_device_its_number_and_its_hash(tmp_path: pathlib.Path) -> None:
    held = FileKeys(tmp_path)
    text = device_keys.text_of(held.make(HandEdge()))
    head = keys.signed_head(held, device_id="phone-7", n=3, sha256=DIGEST)
    assert head is not None

    def holds(device_id: str, n: int, sha256: str) -> bool:
        statement = operation_chain.statement(device_id, operation_chain.Head(n, sha256))
        return device_keys.has_signed(text, statement=statement, signature=head.signature)

    assert holds("phone-7", 3, DIGEST)
    assert not holds("phone-8", 3, DIGEST)
    assert not holds("phone-7", 4, DIGEST)
    assert not holds("phone-7", 3, "cd" * 32)
    wrong = [head.signature[:-4], "!" * 86, ""]
    statement = operation_chain.statement("phone-7", operation_chain.Head(3, DIGEST))
    assert not any(
        device_keys.has_signed(text, statement=statement, signature=each) for each in wrong
    )


def test_a_device_without_a_key_signs_nothing(tmp_path: pathlib.Path) -> None:
    assert keys.signed_head(FileKeys(tmp_path), device_id="d", n=1, sha256=DIGEST) is None


@pytest.mark.parametrize("content", [b"", b"no key at all"])
def test_a_key_that_cannot_be_read_is_not_replaced(tmp_path: pathlib.Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(errors.KeyUnreadable):
        FileKeys(tmp_path).make(HandEdge())
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_key_of_another_kind_is_not_ours(tmp_path: pathlib.Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END PRIVATE KEY-----\n"
    )
    with pytest.raises(errors.KeyUnreadable):
        FileKeys(tmp_path).sign(b"anything")


def test_a_folder_that_takes_no_key_is_a_full_disk(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.DiskFull):
        FileKeys(tmp_path / "not there").make(HandEdge())


def test_an_enrolment_begun_anew_brings_the_same_key(
    store: Store, line: Transport, edge: HandEdge, network: Network, server: FakeServer
) -> None:
    lost = iter([Fault.NONE, Fault.ANSWER_LOST])
    network.fault = lambda _: next(lost, Fault.NONE)
    login = enrolment.Login(LOGIN, PASSWORD)
    for turn in range(2):
        try:
            enrolment.enrol(store, line, edge, server=ADDRESS, login=login, name="handheld 7")
        except errors.NoSignal:
            assert turn == 0
    assert server.requests.count("POST /v1/devices") == 2
