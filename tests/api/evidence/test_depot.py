"""A part's fence: the newer request wins, offsets told are durable, whole files are for ever."""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib
import threading
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from api.evidence import depot, fence
from schemas.evidence import FILE_BYTES_MAX

CONTENT = os.urandom(300_000)


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> depot.DiskDepot:
    return depot.DiskDepot(tmp_path / "evidence")


def sealed(disk: depot.DiskDepot, part: depot.Part) -> BinaryIO:
    assert part.sha256 is not None
    return disk.open_file(district_id="d1", sha256=part.sha256)


def part_of(content: bytes = CONTENT, *, sha256: str | None = None) -> depot.Part:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    return depot.Part("d1", "upload-1", digest, len(content))


def test_a_file_sent_in_pieces_lies_under_its_hash(disk: depot.DiskDepot) -> None:
    part = part_of()
    at = disk.receive(part, offset_bytes=0, chunks=[CONTENT[:100_000]])
    assert at == 100_000
    assert disk.receive(part, offset_bytes=at, chunks=[CONTENT[at:]]) == len(CONTENT)
    disk.seal(part)
    with sealed(disk, part) as whole:
        assert whole.read() == CONTENT
        assert os.fstat(whole.fileno()).st_mode & 0o222 == 0


def test_sealing_again_does_nothing(disk: depot.DiskDepot) -> None:
    part = part_of()
    disk.receive(part, offset_bytes=0, chunks=[CONTENT])
    disk.seal(part)
    disk.seal(part)
    assert disk.take_over(part) == len(CONTENT)
    assert disk.receive(part, offset_bytes=len(CONTENT), chunks=[]) == len(CONTENT)


def test_a_part_that_is_not_complete_is_not_sealed(disk: depot.DiskDepot) -> None:
    part = part_of()
    with pytest.raises(fence.UploadOffsetDiffers):
        disk.seal(part)
    disk.receive(part, offset_bytes=0, chunks=[CONTENT[:-1]])
    with pytest.raises(fence.UploadOffsetDiffers):
        disk.seal(part)


def test_bytes_with_another_hash_are_thrown_away(disk: depot.DiskDepot) -> None:
    part = part_of(sha256="0" * 64)
    disk.receive(part, offset_bytes=0, chunks=[CONTENT])
    with pytest.raises(depot.FileHashDiffers):
        disk.seal(part)
    assert disk.take_over(part) == 0
    with pytest.raises(FileNotFoundError):
        disk.open_file(district_id="d1", sha256="0" * 64)


def test_more_bytes_than_declared_are_refused_and_what_fits_is_kept(disk: depot.DiskDepot) -> None:
    part = part_of()
    with pytest.raises(depot.UploadTooLong):
        disk.receive(part, offset_bytes=0, chunks=[CONTENT[:200_000], b"x" * 200_000])
    assert disk.take_over(part) == 200_000
    disk.receive(part, offset_bytes=200_000, chunks=[CONTENT[200_000:]])
    disk.seal(part)
    with pytest.raises(depot.UploadTooLong):
        disk.receive(part, offset_bytes=len(CONTENT), chunks=[b"x"])


def test_another_offset_is_refused_with_the_one_that_stands(disk: depot.DiskDepot) -> None:
    part = part_of()
    disk.receive(part, offset_bytes=0, chunks=[CONTENT[:10]])
    with pytest.raises(fence.UploadOffsetDiffers) as refused:
        disk.receive(part, offset_bytes=11, chunks=[CONTENT[11:]])
    assert refused.value.fields["offset_bytes"] == 10


def test_what_came_before_the_connection_broke_is_kept(disk: depot.DiskDepot) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:70_000]
        raise ConnectionResetError

    part = part_of()
    with pytest.raises(ConnectionResetError):
        disk.receive(part, offset_bytes=0, chunks=broken())
    assert disk.take_over(part) == 70_000


def test_a_resume_does_not_wait_for_a_hung_request_which_then_changes_nothing(
    disk: depot.DiskDepot,
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
            disk.receive(part, offset_bytes=0, chunks=hanging())
        except fence.UploadOvertaken as refused:
            refusals.append(refused)

    thread = threading.Thread(target=zombie)
    thread.start()
    assert hangs.wait(timeout=10)
    at = disk.take_over(part)
    assert at == 65_536
    disk.receive(part, offset_bytes=at, chunks=[CONTENT[at:]])
    disk.seal(part)
    wakes.set()
    thread.join(timeout=10)
    assert len(refusals) == 1
    with sealed(disk, part) as whole:
        assert whole.read() == CONTENT


def test_a_told_offset_is_accepted_next_though_the_older_request_went_on(
    disk: depot.DiskDepot,
) -> None:
    part = part_of()
    told: list[int] = []

    def overtaken_at_the_second_chunk() -> Iterator[bytes]:
        yield CONTENT[:65_536]
        told.append(disk.take_over(part))
        yield CONTENT[65_536:131_072]

    with pytest.raises(fence.UploadOvertaken):
        disk.receive(part, offset_bytes=0, chunks=overtaken_at_the_second_chunk())
    assert disk.receive(part, offset_bytes=told[0], chunks=[CONTENT[told[0] :]]) == len(CONTENT)


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


def test_a_full_disk_is_refused_and_nothing_is_lost(disk: depot.DiskDepot) -> None:
    def full() -> Iterator[bytes]:
        yield CONTENT[:1_000]
        raise OSError(errno.ENOSPC, "no space left")

    part = part_of()
    with pytest.raises(depot.DepotFull):
        disk.receive(part, offset_bytes=0, chunks=full())
    assert disk.take_over(part) == 1_000


def test_two_requests_that_finish_one_file_at_once_harm_nothing(disk: depot.DiskDepot) -> None:
    part = part_of()
    disk.receive(part, offset_bytes=0, chunks=[CONTENT])
    together = threading.Barrier(4)
    odd: list[BaseException] = []

    def seal() -> None:
        together.wait(timeout=10)
        try:
            disk.seal(part)
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
    disk.seal(part)
    with sealed(disk, part) as whole:
        assert whole.read() == CONTENT


def test_bytes_that_differ_from_their_checksum_do_not_count(disk: depot.DiskDepot) -> None:
    part = part_of()
    disk.receive(part, offset_bytes=0, chunks=[CONTENT[:1_000]])
    digest = hashlib.sha256(CONTENT[1_000:]).digest()
    spoilt = bytearray(CONTENT[1_000:])
    spoilt[77] ^= 1
    checksum = depot.Checksum("sha256", digest)
    with pytest.raises(depot.UploadChecksumDiffers):
        disk.receive(part, offset_bytes=1_000, chunks=[bytes(spoilt)], checksum=checksum)
    assert disk.take_over(part) == 1_000
    disk.receive(part, offset_bytes=1_000, chunks=[CONTENT[1_000:]], checksum=checksum)
    disk.seal(part)


def test_bytes_under_a_checksum_that_did_not_all_come_do_not_count(disk: depot.DiskDepot) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:70_000]
        raise ConnectionResetError

    part = part_of()
    checksum = depot.Checksum("sha1", hashlib.sha1(CONTENT, usedforsecurity=False).digest())
    with pytest.raises(ConnectionResetError):
        disk.receive(part, offset_bytes=0, chunks=broken(), checksum=checksum)
    assert disk.take_over(part) == 0


def test_a_file_of_unknown_hash_and_length_is_found_and_sealed(disk: depot.DiskDepot) -> None:
    unknown = depot.Part("d1", "upload-1", None, None)
    assert disk.receive(unknown, offset_bytes=0, chunks=[CONTENT]) == len(CONTENT)
    with pytest.raises(depot.UploadTooLong):
        disk.receive(unknown, offset_bytes=len(CONTENT), chunks=[bytes(FILE_BYTES_MAX)])
    measured = depot.Part("d1", "upload-1", None, len(CONTENT))
    found = disk.find_hash(measured)
    assert found == hashlib.sha256(CONTENT).hexdigest()
    disk.seal(depot.Part("d1", "upload-1", found, len(CONTENT)))
    assert disk.list_parts(district_id="d1") == []


def test_a_part_that_is_discarded_ends_its_writer_and_leaves_nothing(
    disk: depot.DiskDepot,
) -> None:
    part = part_of()

    def discarded_meanwhile() -> Iterator[bytes]:
        yield CONTENT[:65_536]
        disk.discard(part)
        yield CONTENT[65_536:131_072]

    with pytest.raises(fence.UploadOvertaken):
        disk.receive(part, offset_bytes=0, chunks=discarded_meanwhile())
    assert disk.list_parts(district_id="d1") == []
    disk.discard(part)
    assert disk.take_over(part) == 0


def test_half_a_part_is_discarded_too(disk: depot.DiskDepot, tmp_path: pathlib.Path) -> None:
    part = part_of()
    disk.take_over(part)
    (tmp_path / "evidence" / "d1" / "parts" / "upload-1").unlink()
    disk.discard(part)
    assert disk.list_parts(district_id="d1") == []


def test_who_opened_a_part_before_it_was_sealed_changes_nothing(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "part"
    with fence.Fence(path, boot=b"monday", flags=os.O_CREAT) as late:
        with fence.Fence(path, boot=b"monday", flags=0) as first:
            first.append(CONTENT, at=first.take())
            assert first.move_to(tmp_path / "whole", sha256=hashlib.sha256(CONTENT).hexdigest())
        with pytest.raises(fence.UploadOvertaken):
            late.take()
