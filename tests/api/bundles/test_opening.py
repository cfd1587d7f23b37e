"""A bundle is a zip of one form: nothing hides in it or blows up, and any flipped bit shows."""

from __future__ import annotations

import io
import struct
import zipfile

import hypothesis
import pytest
from hypothesis import strategies as st

from api.custody.bundles import archive
from api.custody.bundles.checking import checker
from api.custody.bundles.checking.faults import Altered, Fault
from schemas import bundles
from tests.api.bundles.conftest import Find
from tests.makers import bundles as make


def _zipped(*infos: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        for info in infos:
            opened.writestr(info, content)
    return target.getvalue()


def _info(path: str, **values: object) -> zipfile.ZipInfo:
    info = archive.info_of("order.json")
    info.filename = info.orig_filename = path
    for name, value in values.items():
        setattr(info, name, value)
    return info


@pytest.mark.parametrize(
    "path",
    [
        "../order.json",
        "/etc/passwd",
        "files/../../x",
        "files\\x",
        "c:x",
        "files/",
        "files/a/b",
        "Order.json",
        ".hidden",
        "订单.json",
        "a" * 121,
    ],
)
def test_a_name_that_we_would_not_write_is_refused(fault: Find, path: str) -> None:
    assert fault(_zipped(_info(path)))[0] is Fault.foreign


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("external_attr", 0o120777 << 16),
        ("date_time", (2026, 1, 1, 0, 0, 0)),
        ("comment", b"hello"),
        ("extra", struct.pack("<HH", 0x7075, 0)),
        ("compress_type", zipfile.ZIP_BZIP2),
        ("compress_type", zipfile.ZIP_STORED),
        ("create_system", 0),
    ],
)
def test_a_file_that_we_would_not_write_so_is_refused(
    fault: Find, attribute: str, value: object
) -> None:
    assert fault(_zipped(_info("order.json", **{attribute: value})))[0] is Fault.foreign


def test_a_name_that_stands_there_twice_is_refused(fault: Find) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = _zipped(_info("order.json"), _info("order.json"))
    assert fault(raw)[0] is Fault.foreign


@pytest.mark.parametrize(
    "cut",
    [
        (b"", slice(None), b"\0"),
        (b"#!/bin/sh\n", slice(None), b""),
        (b"", slice(-1), b""),
        (b"", slice(10), b""),
        (b"", slice(0), b""),
        (b"", slice(-6), b"\0\0\0\0\0\0"),
        (b"", slice(-2), b"\1\0!"),
    ],
    ids=["behind", "before", "short", "head", "empty", "table", "remark"],
)
def test_what_is_no_zip_of_ours_is_refused(
    fault: Find, whole: bytes, cut: tuple[bytes, slice, bytes]
) -> None:
    before, kept, behind = cut
    assert fault(before + whole[kept] + behind)[0] is Fault.no_bundle


def test_bytes_between_files_and_table_are_refused(fault: Find, whole: bytes) -> None:
    table_at = struct.unpack("<L", whole[-6:-2])[0]
    hidden = whole[:table_at] + b"hidden" + whole[table_at:-6]
    hidden += struct.pack("<L", table_at + 6) + whole[-2:]
    assert fault(hidden)[0] is Fault.no_bundle


def test_a_file_that_would_unpack_to_too_much_is_not_unpacked(fault: Find) -> None:
    """30 kB that would be 65 MB: the table says so before a byte is unpacked."""
    bomb = _zipped(_info("manifest.json"), content=bytes(bundles.TEXT_BYTES_MAX + 1))
    assert len(bomb) < 100_000
    assert fault(bomb)[0] is Fault.too_large


def test_a_table_that_promises_too_much_is_not_believed(fault: Find) -> None:
    raw = bytearray(
        _zipped(*(_info(f"operations/{n:05}.json") for n in range(60_000)), content=b"")
    )
    assert fault(bytes(raw))[0] is Fault.no_bundle


def test_all_files_together_are_bounded(
    fault: Find, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "BYTES_MAX", 5_000)
    assert fault(whole)[0] is Fault.too_large


# ------------------------------------------------------------------ any byte at all


def test_every_flipped_bit_of_a_header_is_seen(fault: Find, whole: bytes) -> None:
    header_bytes = 30 + len("order.json")
    for at in range(header_bytes):
        changed = whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
        assert fault(changed)[0] in {Fault.foreign, Fault.no_bundle}


@hypothesis.given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_seen(
    whole: bytes, place: float, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(whole)
    raw[int(place * len(raw))] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flipped.zip"
    path.write_bytes(raw)
    with pytest.raises(Altered) as caught:
        checker.check(path)
    assert caught.value.words.en


@hypothesis.given(data=st.data())
def test_any_flipped_byte_of_any_part_is_named(
    whole: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    parts = make.unpacked(whole)
    name = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[name]) - 1))
    parts[name] = parts[name][:at] + bytes([parts[name][at] ^ 1]) + parts[name][at + 1 :]
    path = tmp_path_factory.getbasetemp() / "changed.zip"
    path.write_bytes(make.rezipped(parts))
    with pytest.raises(Altered) as caught:
        checker.check(path)
    assert name in caught.value.words.en
