"""Parts, wherever whole files go: the newer request wins, and offsets that are told are durable.

Every test of a `place` is one of the conformance suite: it holds of a disk and of an S3 store.
"""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib
import struct
import threading
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from api.evidence import depot, fence
from schemas.evidence import FILE_BYTES_MAX

CONTENT = os.urandom(300_000)


def sealed(place: depot.Depot, part: depot.Part) -> BinaryIO:
    assert part.sha256 is not None
    return place.open_file(district_id="d1", sha256=part.sha256)


def part_of(content: bytes = CONTENT, *, sha256: str | None = None) -> depot.Part:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    return depot.Part("d1", "upload-1", digest, len(content))


def test_a_file_sent_in_pieces_lies_under_its_hash(place: depot.Depot) -> None:
    part = part_of()
    at = place.receive(part, offset_bytes=0, chunks=[CONTENT[:100_000]])
    assert at == 100_000
    assert place.receive(part, offset_bytes=at, chunks=[CONTENT[at:]]) == len(CONTENT)
    place.seal(part)
    with sealed(place, part) as whole:
        assert whole.read() == CONTENT


def test_sealing_again_does_nothing(place: depot.Depot) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT])
    place.seal(part)
    place.seal(part)
    assert place.take_over(part) == len(CONTENT)
    assert place.receive(part, offset_bytes=len(CONTENT), chunks=[]) == len(CONTENT)


def test_a_part_that_is_not_complete_is_not_sealed(place: depot.Depot) -> None:
    part = part_of()
    with pytest.raises(fence.UploadOffsetDiffers):
        place.seal(part)
    place.receive(part, offset_bytes=0, chunks=[CONTENT[:-1]])
    with pytest.raises(fence.UploadOffsetDiffers):
        place.seal(part)


def test_bytes_with_another_hash_are_thrown_away(place: depot.Depot) -> None:
    part = part_of(sha256="0" * 64)
    place.receive(part, offset_bytes=0, chunks=[CONTENT])
    with pytest.raises(depot.FileHashDiffers):
        place.seal(part)
    assert place.take_over(part) == 0
    with pytest.raises(FileNotFoundError):
        place.open_file(district_id="d1", sha256="0" * 64)


def test_more_bytes_than_declared_are_refused_and_what_fits_is_kept(place: depot.Depot) -> None:
    part = part_of()
    with pytest.raises(depot.UploadTooLong):
        place.receive(part, offset_bytes=0, chunks=[CONTENT[:200_000], b"x" * 200_000])
    assert place.take_over(part) == 200_000
    place.receive(part, offset_bytes=200_000, chunks=[CONTENT[200_000:]])
    place.seal(part)
    with pytest.raises(depot.UploadTooLong):
        place.receive(part, offset_bytes=len(CONTENT), chunks=[b"x"])


def test_another_offset_is_refused_with_the_one_that_stands(place: depot.Depot) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT[:10]])
    with pytest.raises(fence.UploadOffsetDiffers) as refused:
        place.receive(part, offset_bytes=11, chunks=[CONTENT[11:]])
    assert refused.value.fields["offset_bytes"] == 10


def test_what_came_before_the_connection_broke_is_kept(place: depot.Depot) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:70_000]
        raise ConnectionResetError

    part = part_of()
    with pytest.raises(ConnectionResetError):
        place.receive(part, offset_bytes=0, chunks=broken())
    assert place.take_over(part) == 70_000


def test_a_resume_does_not_wait_for_a_hung_request_which_then_changes_nothing(
    place: depot.Depot,
) -> None:
    part = part_of()
    hangs, wakes = threading.Event(), threading.Event()
    refusals: list[BaseException] = []

    def hanging() -> Iterator[bytes]:
        yield CONTENT[:65_536]
        hangs.set()
        assert wakes.wait(timeout=10)
        yield b"z" * 65_536

    def zombie() -> None:
        try:
            place.receive(part, offset_bytes=0, chunks=hanging())
        except fence.UploadOvertaken as refused:
            refusals.append(refused)

    thread = threading.Thread(target=zombie)
    thread.start()
    assert hangs.wait(timeout=10)
    at = place.take_over(part)
    assert at == 65_536
    place.receive(part, offset_bytes=at, chunks=[CONTENT[at:]])
    place.seal(part)
    wakes.set()
    thread.join(timeout=10)
    assert len(refusals) == 1
    with sealed(place, part) as whole:
        assert whole.read() == CONTENT


def test_a_told_offset_is_accepted_next_though_the_older_request_went_on(
    place: depot.Depot,
) -> None:
    part = part_of()
    told: list[int] = []

    def overtaken_at_the_second_chunk() -> Iterator[bytes]:
        yield CONTENT[:65_536]
        told.append(place.take_over(part))
        yield CONTENT[65_536:131_072]

    with pytest.raises(fence.UploadOvertaken):
        place.receive(part, offset_bytes=0, chunks=overtaken_at_the_second_chunk())
    assert place.receive(part, offset_bytes=told[0], chunks=[CONTENT[told[0] :]]) == len(CONTENT)


@pytest.mark.rule("S28")
def test_after_a_power_cut_only_bytes_on_the_disk_are_believed(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "part"
    with fence.Fence(path, boot=b"monday", flags=os.O_CREAT) as before:
        at = before.append(CONTENT[:1_000], at=before.take())
        before.keep(at=at)
        before.append(CONTENT[1_000:2_000], at=at)
    with fence.Fence(path, boot=b"monday", flags=0) as same_boot:
        assert same_boot.take() == 2_000
    with fence.Fence(path, boot=b"tuesday", flags=0) as after:
        assert after.take() == 1_000


def test_a_full_disk_is_refused_and_nothing_is_lost(place: depot.Depot) -> None:
    def full() -> Iterator[bytes]:
        yield CONTENT[:1_000]
        raise OSError(errno.ENOSPC, "no space left")

    part = part_of()
    with pytest.raises(depot.DepotFull):
        place.receive(part, offset_bytes=0, chunks=full())
    assert place.take_over(part) == 1_000


def test_bytes_that_came_in_one_request_are_not_read_again(
    place: depot.Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT[:70_000], CONTENT[70_000:]])
    with monkeypatch.context() as patched:
        patched.setattr(hashlib, "file_digest", None)
        place.seal(part)
    with sealed(place, part) as whole:
        assert whole.read() == CONTENT


def test_a_hash_of_the_first_bytes_is_none_of_those_that_follow(place: depot.Depot) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT[:70_000]])
    place.receive(part, offset_bytes=70_000, chunks=[CONTENT[70_000:-1], b"x"])
    with pytest.raises(depot.FileHashDiffers):
        place.seal(part)
    place.receive(part, offset_bytes=0, chunks=[CONTENT])
    place.seal(part)


def test_a_hash_that_was_noted_before_the_machine_started_anew_is_not_believed(
    tmp_path: pathlib.Path,
) -> None:
    path = tmp_path / "part"
    with fence.Fence(path, boot=b"one", flags=os.O_CREAT) as before:
        before.take()
        before.append(b"abc", at=0)
        before.keep(at=3)
        before.count(at=3, digest=hashlib.sha256(b"what was written is lost").digest())
    with fence.Fence(path, boot=b"two", flags=0) as after:
        assert after.take() == 3
        assert after.sha256() == hashlib.sha256(b"abc").hexdigest()


def test_a_state_from_before_there_were_hashes_is_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(b"abcdef")
    path.with_suffix(".state").write_bytes(struct.pack("<QQQ36s", 7, 6, 3, b"one"))
    assert fence.stand_of(path, boot=b"one") is not None
    with fence.Fence(path, boot=b"one", flags=0) as held:
        assert held.take() == 6
        assert held.sha256() == hashlib.sha256(b"abcdef").hexdigest()


def test_two_requests_that_finish_one_file_at_once_harm_nothing(place: depot.Depot) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT])
    together = threading.Barrier(4)
    odd: list[BaseException] = []

    def seal() -> None:
        together.wait(timeout=10)
        try:
            place.seal(part)
        except fence.UploadOvertaken:
            pass  # a newer one goes on
        except BaseException as error:  # noqa: BLE001 - whatever else it is, the test shows it
            odd.append(error)

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert odd == []
    place.seal(part)
    with sealed(place, part) as whole:
        assert whole.read() == CONTENT


def test_bytes_that_differ_from_their_checksum_do_not_count(place: depot.Depot) -> None:
    part = part_of()
    place.receive(part, offset_bytes=0, chunks=[CONTENT[:1_000]])
    digest = hashlib.sha256(CONTENT[1_000:]).digest()
    spoilt = bytearray(CONTENT[1_000:])
    spoilt[77] ^= 1
    checksum = depot.Checksum("sha256", digest)
    with pytest.raises(depot.UploadChecksumDiffers):
        place.receive(part, offset_bytes=1_000, chunks=[bytes(spoilt)], checksum=checksum)
    assert place.take_over(part) == 1_000
    place.receive(part, offset_bytes=1_000, chunks=[CONTENT[1_000:]], checksum=checksum)
    place.seal(part)


def test_bytes_under_a_checksum_that_did_not_all_come_do_not_count(place: depot.Depot) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:70_000]
        raise ConnectionResetError

    part = part_of()
    checksum = depot.Checksum("sha1", hashlib.sha1(CONTENT, usedforsecurity=False).digest())
    with pytest.raises(ConnectionResetError):
        place.receive(part, offset_bytes=0, chunks=broken(), checksum=checksum)
    assert place.take_over(part) == 0


def test_a_file_of_unknown_hash_and_length_is_found_and_sealed(place: depot.Depot) -> None:
    unknown = depot.Part("d1", "upload-1", None, None)
    assert place.receive(unknown, offset_bytes=0, chunks=[CONTENT]) == len(CONTENT)
    with pytest.raises(depot.UploadTooLong):
        place.receive(unknown, offset_bytes=len(CONTENT), chunks=[bytes(FILE_BYTES_MAX)])
    measured = depot.Part("d1", "upload-1", None, len(CONTENT))
    found = place.find_hash(measured)
    assert found == hashlib.sha256(CONTENT).hexdigest()
    place.seal(depot.Part("d1", "upload-1", found, len(CONTENT)))
    assert place.list_parts(district_id="d1") == []


def test_a_part_that_is_discarded_ends_its_writer_and_leaves_nothing(
    place: depot.Depot,
) -> None:
    part = part_of()

    def discarded_meanwhile() -> Iterator[bytes]:
        yield CONTENT[:65_536]
        place.discard(part)
        yield CONTENT[65_536:131_072]

    with pytest.raises(fence.UploadOvertaken):
        place.receive(part, offset_bytes=0, chunks=discarded_meanwhile())
    assert place.list_parts(district_id="d1") == []
    place.discard(part)
    assert place.take_over(part) == 0


def test_half_a_part_is_discarded_too(place: depot.Depot, tmp_path: pathlib.Path) -> None:
    part = part_of()
    place.take_over(part)
    (tmp_path / "evidence" / "d1" / "parts" / "upload-1").unlink()
    place.discard(part)
    assert place.list_parts(district_id="d1") == []


def test_who_opened_a_part_before_it_was_sealed_changes_nothing(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "part"
    with fence.Fence(path, boot=b"monday", flags=os.O_CREAT) as late:
        with fence.Fence(path, boot=b"monday", flags=0) as first:
            first.append(CONTENT, at=first.take())
            assert first.move_to(tmp_path / "whole", sha256=hashlib.sha256(CONTENT).hexdigest())
        with pytest.raises(fence.UploadOvertaken):
            late.take()
