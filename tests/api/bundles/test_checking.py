"""A bundle is checked without a server, and the first thing that was altered is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from api.custody.bundles.checking.checker import Report
from api.custody.bundles.checking.faults import SENTENCES, Fault
from api.custody.bundles.checking.operations import Standing
from schemas import base, bundles, custody
from tests.api.bundles.conftest import Find
from tests.makers import bundles as make
from tests.makers.bundles import KEY, OTHER

PHOTO_PATH = f"files/{hashlib.sha256(make.PHOTO).hexdigest()}.jpg"
Change = Callable[[make.Parts], None]


def changed(parts: make.Parts, path: str, change: Callable[[Any], object]) -> None:
    """Change a part's JSON."""
    said = msgspec.json.decode(parts[path])
    parts[path] = base.encode(change(said) or said)


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


# ------------------------------------------------------------------ what nobody touched


def test_a_whole_bundle_says_what_it_shows(check: Callable[..., Report], whole: bytes) -> None:
    report = check(whole)
    assert (report.manifest.order_id, report.moments, report.covered) == ("t1", 4, 3)
    assert report.checkpoint is not None
    assert report.checkpoint.number == 7
    assert report.operations == {Standing.signed: 3, Standing.stated: 1}
    assert report.files == {"here": 1, "waived": 1}
    assert not report.is_vouched, "without a key it vouches only for itself"


def test_the_same_content_is_the_same_bundle_to_the_byte(parts: make.Parts, whole: bytes) -> None:
    again = make.unpacked(make.packed(parts, key=KEY))
    first = make.unpacked(whole)
    assert list(again) == list(first)
    del again[bundles.SEAL], first[bundles.SEAL]  # ECDSA draws a number
    assert make.rezipped(again) == make.rezipped(first)


def test_a_key_that_the_reader_has_vouches_for_the_seal_and_for_the_checkpoint(
    check: Callable[..., Report], whole: bytes
) -> None:
    report = check(whole, KEY.kid)
    assert (report.is_vouched, report.is_checkpoint_vouched) == (True, True)


def test_another_key_does_not(fault: Find, whole: bytes) -> None:
    found, words = fault(whole, OTHER.kid)
    assert (found, KEY.kid in words) == (Fault.stranger, True)


def test_a_key_vouches_for_the_one_that_it_named_as_its_successor(
    check: Callable[..., Report], fault: Find, parts: make.Parts
) -> None:
    named = KEY.sign(custody.succession(kid=KEY.kid, successor=OTHER.kid))
    first = custody.PublicKey(
        kid=KEY.kid, key=KEY.public, since=make.AT, follows=None, named_by=None
    )
    second = custody.PublicKey(
        kid=OTHER.kid, key=OTHER.public, since=make.AT, follows=KEY.kid, named_by=named
    )
    parts[bundles.KEYS] = base.encode(custody.PublicKeys(items=[first, second]))
    raw = make.packed(parts, key=OTHER)
    assert check(raw, KEY.kid).is_vouched
    report = check(raw, OTHER.kid)
    assert (report.is_vouched, report.is_checkpoint_vouched) == (True, False)
    forged = msgspec.structs.replace(second, named_by=OTHER.sign(b"myself"))
    parts[bundles.KEYS] = base.encode(custody.PublicKeys(items=[first, forged]))
    assert fault(make.packed(parts, key=OTHER), KEY.kid)[0] is Fault.stranger


def test_an_order_without_checkpoint_and_operations_is_a_bundle_too(
    check: Callable[..., Report], parts: make.Parts
) -> None:
    kept = (bundles.ORDER, bundles.TIMELINE, bundles.KEYS)
    bare = {path: parts[path] for path in kept}
    bare |= dict.fromkeys((bundles.OPERATIONS, bundles.DEVICES, bundles.EVIDENCE), b"[]")
    report = check(make.packed(bare, key=KEY))
    assert (report.checkpoint, report.covered, report.operations) == (None, 0, {})


# ------------------------------------------------------------------ altered under the seal


def _moment(parts: make.Parts) -> None:
    parts[bundles.TIMELINE] = parts[bundles.TIMELINE].replace(b'"m-3"', b'"m-9"')


def _photo(parts: make.Parts) -> None:
    parts[PHOTO_PATH] = flipped(parts[PHOTO_PATH], 100)


def _operation(parts: make.Parts) -> None:
    path = "operations/00004.json"
    parts[path] = parts[path].replace(b"seen", b"sold")


def _swapped(parts: make.Parts) -> None:
    parts[bundles.ORDER] = parts[bundles.ORDER].replace(b'"t1"', b'"t2"')


def _seal(parts: make.Parts) -> None:
    changed(parts, bundles.SEAL, lambda said: said.update(signature="A" * 86))


def _seal_key(parts: make.Parts) -> None:
    changed(parts, bundles.SEAL, lambda said: said.update(kid=OTHER.kid))


def _entry(parts: make.Parts) -> None:
    changed(parts, bundles.MANIFEST, lambda said: said["entries"][0].update(size_bytes=1))


def _remove(parts: make.Parts) -> None:
    del parts[PHOTO_PATH]


def _add(parts: make.Parts) -> None:
    parts["files/note.txt"] = b"and this"


def _unreadable(parts: make.Parts) -> None:
    parts[bundles.SEAL] = b"not json"


def _no_manifest(parts: make.Parts) -> None:
    del parts[bundles.MANIFEST]


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        (_moment, Fault.altered, "timeline.jsonl was altered"),
        (_moment, Fault.altered, "Moment 3 of the timeline is not"),
        (_photo, Fault.altered, f"{PHOTO_PATH} was altered"),
        (_operation, Fault.altered, "operations/00004.json was altered"),
        (_operation, Fault.altered, "Operation 4 of device phone-7"),
        (_swapped, Fault.altered, "order.json was altered"),
        (_seal, Fault.seal, "manifest.json is not what manifest.sig signs"),
        (_seal_key, Fault.seal, "manifest.json is not what manifest.sig signs"),
        (_entry, Fault.seal, "manifest.json is not what manifest.sig signs"),
        (_remove, Fault.missing, f"{PHOTO_PATH} was taken away"),
        (_add, Fault.extra, "files/note.txt was added"),
        (_unreadable, Fault.unreadable, "manifest.sig cannot be read"),
        (_no_manifest, Fault.missing, "manifest.json was taken away"),
    ],
)
def test_what_was_altered_under_the_seal_is_named(
    fault: Find, whole: bytes, change: Change, expected: Fault, named: str
) -> None:
    parts = make.unpacked(whole)
    change(parts)
    found, words = fault(make.rezipped(parts))
    assert found is expected
    assert named in words


# ------------------------------------------------------------------ altered, and sealed anew


def _forged_moment(parts: make.Parts) -> None:
    bodies = make.moments(4)
    bodies[1] = bodies[1].replace(b"m-2", b"m-8")
    make.set_timeline(parts, bodies)


def _cut(parts: make.Parts) -> None:
    make.set_timeline(parts, make.moments(2))


def _one_hash(parts: make.Parts) -> None:
    _moment(parts)


def _other_timeline(parts: make.Parts) -> None:
    make.set_timeline(parts, [each.replace(b'"t1"', b'"t2"') for each in make.moments(4)])


def _swapped_moments(parts: make.Parts) -> None:
    first, second, *rest = make.moments(4)
    make.set_timeline(parts, [second, first, *rest])


def _nothing_but_lines(parts: make.Parts) -> None:
    parts[bundles.TIMELINE] = b"\n" * 10_000


def _end_of_order(parts: make.Parts) -> None:
    changed(parts, bundles.ORDER, lambda said: said["timeline"].update(count=5))


def _checkpoint_signature(parts: make.Parts) -> None:
    changed(parts, bundles.CHECKPOINT, lambda said: said.update(signature="A" * 86))


def _checkpoint_path(parts: make.Parts) -> None:
    changed(parts, bundles.CHECKPOINT, lambda said: said.update(beside=["3" * 64] * 2))


def _checkpoint_of_another(parts: make.Parts) -> None:
    changed(parts, bundles.CHECKPOINT, lambda said: said["leaf"].update(id="t0"))


def _proof_of_another(parts: make.Parts) -> None:
    parts[bundles.CHECKPOINT] = make.proof(KEY, place=0)


def _rewritten_operation(parts: make.Parts) -> None:
    """Change the first operation with its hash; its head is signed over the true one."""
    path = "operations/00001.json"
    parts[path] = parts[path].replace(b"accept", b"refuse")
    sha256 = hashlib.sha256(parts[path]).hexdigest()
    changed(parts, bundles.OPERATIONS, lambda said: said[0].update(sha256=sha256))


def _rewritten_chain(parts: make.Parts) -> None:
    """Change the declaration, with its hash wherever the bundle tells it."""
    path = "operations/00003.json"
    old = hashlib.sha256(parts[path]).hexdigest()
    parts[path] = parts[path].replace(b"declare", b"deplore")
    new = hashlib.sha256(parts[path]).hexdigest()
    for each in (bundles.OPERATIONS, bundles.DEVICES):
        parts[each] = parts[each].replace(old.encode(), new.encode())


def _operation_of_another(parts: make.Parts) -> None:
    path = "operations/00005.json"
    parts[path] = parts[path].replace(b'"t1"', b'"t9"')
    sha256 = hashlib.sha256(parts[path]).hexdigest()
    changed(parts, bundles.OPERATIONS, lambda said: said[3].update(sha256=sha256))


def _operation_hash(parts: make.Parts) -> None:
    changed(parts, bundles.OPERATIONS, lambda said: said[2].update(sha256="4" * 64))


def _operation_name(parts: make.Parts) -> None:
    changed(parts, bundles.OPERATIONS, lambda said: said[2].update(operation_id="op-9"))


def _head_signature(parts: make.Parts) -> None:
    changed(
        parts, bundles.DEVICES, lambda said: said[0]["signed"][1]["head"].update(signature="A" * 86)
    )


def _no_device_key(parts: make.Parts) -> None:
    changed(parts, bundles.DEVICES, lambda said: said[0].update(keys=[]))


def _gap_of_links(parts: make.Parts) -> None:
    first = {"n": 1, "sha256": hashlib.sha256(parts["operations/00001.json"]).hexdigest()}
    changed(parts, bundles.DEVICES, lambda said: said[0]["signed"][1]["before"].insert(0, first))


def _no_links(parts: make.Parts) -> None:
    changed(parts, bundles.DEVICES, lambda said: said[0]["signed"][1].update(before=[]))


def _operation_not_listed(parts: make.Parts) -> None:
    changed(parts, bundles.OPERATIONS, lambda said: said.pop() and None)


def _photo_in_place(parts: make.Parts) -> None:
    """Put another photo under the true one's name."""
    _photo(parts)


def _photo_declared_otherwise(parts: make.Parts) -> None:
    """Put another photo in, and say everywhere but in the operation that it was that."""
    other = flipped(parts.pop(PHOTO_PATH), 9)
    sha256 = hashlib.sha256(other).hexdigest()
    parts[f"files/{sha256}.jpg"] = other
    old = hashlib.sha256(make.PHOTO).hexdigest()
    parts[bundles.EVIDENCE] = parts[bundles.EVIDENCE].replace(old.encode(), sha256.encode())


def _original_told_otherwise(parts: make.Parts) -> None:
    """Say of the camera's own file that it was another one."""
    parts[bundles.EVIDENCE] = parts[bundles.EVIDENCE].replace(b"0f" * 32, b"f0" * 32)


def _photo_not_there(parts: make.Parts) -> None:
    del parts[PHOTO_PATH]


def _photo_not_listed(parts: make.Parts) -> None:
    changed(parts, bundles.EVIDENCE, lambda said: said.pop(0) and None)


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        (_one_hash, Fault.moment, "Moment 3"),
        (_swapped_moments, Fault.moment, "Moment 1"),
        (_nothing_but_lines, Fault.moment, "Moment 1"),
        (_other_timeline, Fault.another_order, "timeline.jsonl is about order t2"),
        (_end_of_order, Fault.timeline_end, "manifest.json"),
        (_forged_moment, Fault.checkpoint_differs, "Moment 3, or one before it"),
        (_cut, Fault.checkpoint_cut, "ends with 2: its end was cut off"),
        (_checkpoint_signature, Fault.checkpoint_signature, "checkpoint.json"),
        (_checkpoint_path, Fault.checkpoint_path, "checkpoint.json"),
        (_checkpoint_of_another, Fault.checkpoint_path, "checkpoint.json"),
        (_proof_of_another, Fault.checkpoint_path, "checkpoint.json"),
        (_rewritten_operation, Fault.operation_parted, "Operation 1 of device phone-7"),
        (_rewritten_chain, Fault.operation_parted, "Operation 4 of device phone-7"),
        (_operation_of_another, Fault.another_order, "operations/00005.json is about order t9"),
        (_operation_hash, Fault.operation, "Operation 4 of device phone-7"),
        (_operation_name, Fault.operation, "Operation 4 of device phone-7"),
        (_head_signature, Fault.operation_signature, "operation 4 of device phone-7"),
        (_no_device_key, Fault.operation_signature, "operation 1 of device phone-7"),
        (_gap_of_links, Fault.operation_parted, "Operation 3 of device phone-7"),
        (_no_links, Fault.operation_parted, "Operation 4 of device phone-7"),
        (_operation_not_listed, Fault.file_not_listed, "operations/00005.json"),
        (_photo_in_place, Fault.file_altered, PHOTO_PATH),
        (_photo_declared_otherwise, Fault.file_not_declared, "file op-3"),
        (_original_told_otherwise, Fault.file_not_declared, "file op-3"),
        (_photo_not_there, Fault.missing, PHOTO_PATH),
        (_photo_not_listed, Fault.file_not_listed, PHOTO_PATH),
    ],
)
def test_what_was_altered_and_sealed_anew_is_named_all_the_same(
    fault: Find, parts: make.Parts, change: Change, expected: Fault, named: str
) -> None:
    change(parts)
    found, words = fault(make.packed(parts, key=OTHER))
    assert (found, named in words) == (expected, True), words


def test_a_bundle_of_another_order_is_named(fault: Find, parts: make.Parts) -> None:
    found, words = fault(make.packed(parts, key=KEY, order_id="t5"))
    assert (found, "order.json is about order t1" in words) == (Fault.another_order, True)


def test_an_order_that_says_otherwise_than_the_manifest_is_named(
    fault: Find, parts: make.Parts
) -> None:
    end = msgspec.json.decode(parts[bundles.ORDER])["timeline"]
    _end_of_order(parts)
    raw = make.packed(parts, key=KEY, timeline=bundles.TimelineEnd(**end))
    found, words = fault(raw)
    assert (found, words.startswith("order.json")) == (Fault.timeline_end, True)


def test_a_newer_format_is_named(fault: Find, parts: make.Parts) -> None:
    assert fault(make.packed(parts, key=KEY, format=2))[0] is Fault.newer


def test_a_file_named_twice_in_the_manifest_is_refused(fault: Find, parts: make.Parts) -> None:
    whole = msgspec.json.decode(make.unpacked(make.packed(parts, key=KEY))[bundles.MANIFEST])
    entries = msgspec.convert(whole["entries"] + whole["entries"][:1], list[bundles.Entry])
    assert fault(make.packed(parts, key=KEY, entries=entries))[0] is Fault.unreadable


def test_every_fault_has_its_sentence_in_both_languages() -> None:
    assert set(SENTENCES) == set(Fault)
    assert all(words.en and words.zh for words in SENTENCES.values())
