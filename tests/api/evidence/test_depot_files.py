"""Whole files, wherever they go: written once, read from any offset, listed, and safe in a crash.

Every test of a `place` is one of the conformance suite: it holds of a disk and of an S3 store.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import threading
from collections.abc import Iterable

import pytest

from api.evidence import depot, fence
from api.settings import Settings

SMALL = os.urandom(70_000)
LARGE = os.urandom(17_000_000)
"""Three pieces of a put."""


def part_of(content: bytes, *, upload_id: str = "upload-1") -> depot.Part:
    return depot.Part("d1", upload_id, hashlib.sha256(content).hexdigest(), len(content))


def keep(place: depot.Depot, content: bytes, *, upload_id: str = "upload-1") -> str:
    part = part_of(content, upload_id=upload_id)
    place.receive(part, offset_bytes=0, chunks=[content])
    place.seal(part)
    assert part.sha256 is not None
    return part.sha256


def listed(place: depot.Depot, sha256: str) -> list[depot.Kept]:
    return list(place.list_files(district_id="d1", shard=sha256[:2]))


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_what_is_sealed_is_read_as_it_was_sent(place: depot.Depot, content: bytes) -> None:
    sha256 = keep(place, content)
    with place.open_file(district_id="d1", sha256=sha256) as whole:
        assert hashlib.sha256(whole.read()).hexdigest() == sha256
    assert place.list_parts(district_id="d1") == []


def test_a_file_is_read_from_any_offset(place: depot.Depot) -> None:
    sha256 = keep(place, SMALL)
    with place.open_file(district_id="d1", sha256=sha256) as whole:
        assert whole.read(10) == SMALL[:10]
        whole.seek(50_000)
        assert whole.read(1_000) == SMALL[50_000:51_000]
        whole.seek(-7, os.SEEK_END)
        assert whole.read() == SMALL[-7:]
        whole.seek(100)
        assert whole.read() == SMALL[100:]


def test_a_missing_file_is_said_to_be_missing(place: depot.Depot) -> None:
    other = keep(place, SMALL)
    with pytest.raises(FileNotFoundError):
        place.open_file(district_id="d1", sha256="0" * 64)
    with pytest.raises(FileNotFoundError):
        place.open_file(district_id="d2", sha256=other)


def test_the_same_file_sent_by_two_phones_is_one(place: depot.Depot) -> None:
    first, second = (part_of(SMALL, upload_id=each) for each in ("upload-1", "upload-2"))
    for part in (first, second):
        place.receive(part, offset_bytes=0, chunks=[SMALL[:100]])
    for part in (first, second):
        if place.take_over(part) < len(SMALL):
            place.receive(part, offset_bytes=100, chunks=[SMALL[100:]])
        place.seal(part)
    assert first.sha256 is not None
    assert [each.size_bytes for each in listed(place, first.sha256)] == [len(SMALL)]


def test_two_phones_that_seal_one_file_at_once_harm_nothing(place: depot.Depot) -> None:
    parts = [part_of(SMALL, upload_id=f"upload-{n}") for n in range(4)]
    for part in parts:
        place.receive(part, offset_bytes=0, chunks=[SMALL])
    together = threading.Barrier(len(parts))
    odd: list[BaseException] = []

    def seal(part: depot.Part) -> None:
        together.wait(timeout=10)
        try:
            place.seal(part)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            odd.append(error)

    threads = [threading.Thread(target=seal, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert odd == []
    assert place.list_parts(district_id="d1") == []
    sha256 = hashlib.sha256(SMALL).hexdigest()
    with place.open_file(district_id="d1", sha256=sha256) as whole:
        assert whole.read() == SMALL


def test_a_crash_between_the_bytes_and_their_note_is_repeated_without_harm(
    place: depot.Depot, depot_settings: Settings
) -> None:
    sha256 = keep(place, SMALL)
    born_again = depot.opened.__wrapped__(depot_settings)
    part = part_of(SMALL)
    assert born_again.take_over(part) == len(SMALL)
    born_again.seal(part)
    with born_again.open_file(district_id="d1", sha256=sha256) as whole:
        assert whole.read() == SMALL


def test_a_crash_between_the_bytes_and_the_end_of_their_part_is_repeated_without_harm(
    place: depot.Depot,
) -> None:
    keep(place, SMALL, upload_id="another")
    part = part_of(SMALL)
    unnamed = depot.Part("d1", part.upload_id, None, len(SMALL))
    place.receive(unnamed, offset_bytes=0, chunks=[SMALL])
    place.seal(part)
    assert place.list_parts(district_id="d1") == []
    assert place.take_over(part) == len(SMALL)


def test_files_are_listed_by_the_beginning_of_their_hash(place: depot.Depot) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    sha256 = keep(place, SMALL)
    place.receive(part_of(b"only begun"), offset_bytes=0, chunks=[b"only"])
    (found,) = listed(place, sha256)
    assert (found.sha256, found.size_bytes) == (sha256, len(SMALL))
    assert before < found.modified_at < before + dt.timedelta(minutes=10)
    assert listed(place, "ff" if sha256[:2] != "ff" else "00") == []
    assert list(place.list_files(district_id="d2", shard=sha256[:2])) == []


def test_a_destroyed_file_is_gone_and_may_come_again(place: depot.Depot) -> None:
    sha256 = keep(place, SMALL)
    for _ in range(2):
        place.destroy_file(district_id="d1", sha256=sha256)
    assert listed(place, sha256) == []
    assert place.take_over(part_of(SMALL)) == 0
    keep(place, SMALL)


def test_bytes_of_another_hash_never_become_a_file(place: depot.Depot) -> None:
    honest = part_of(SMALL)
    spoilt = bytearray(SMALL)
    spoilt[-1] ^= 1
    place.receive(honest, offset_bytes=0, chunks=[bytes(spoilt)])
    with pytest.raises(depot.FileHashDiffers):
        place.seal(honest)
    assert honest.sha256 is not None
    assert listed(place, honest.sha256) == []
    assert place.take_over(honest) == 0


def test_a_seal_before_any_byte_is_refused(place: depot.Depot) -> None:
    with pytest.raises(fence.UploadOffsetDiffers):
        place.seal(part_of(SMALL))


def test_who_closes_early_breaks_nothing(place: depot.Depot) -> None:
    sha256 = keep(place, LARGE)
    for _ in range(3):
        with place.open_file(district_id="d1", sha256=sha256) as whole:
            assert whole.read(1_000) == LARGE[:1_000]


def chunks_of(content: bytes, *, chunk_bytes: int) -> Iterable[bytes]:
    return (content[at : at + chunk_bytes] for at in range(0, len(content), chunk_bytes))


def test_a_whole_file_cannot_be_sent_again_under_its_hash(place: depot.Depot) -> None:
    sha256 = keep(place, SMALL)
    again = part_of(SMALL, upload_id="upload-9")
    assert place.take_over(again) == len(SMALL)
    with pytest.raises(depot.UploadTooLong):
        place.receive(again, offset_bytes=len(SMALL), chunks=[b"more"])
    with place.open_file(district_id="d1", sha256=sha256) as whole:
        assert b"".join(chunks_of(whole.read(), chunk_bytes=65_536)) == SMALL
