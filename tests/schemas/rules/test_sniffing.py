from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import sniffing
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("sniffing"))
def test_a_file_is_what_the_vectors_say(case: vectors.Case) -> None:
    assert sniffing.sniff(bytes.fromhex(case["head_hex"])).value == case["media_type"]


@given(st.binary(max_size=200))
def test_any_bytes_are_something(head: bytes) -> None:
    assert sniffing.sniff(head) in sniffing.Kind


@given(
    st.lists(st.sampled_from([b"heic", b"mif1", b"miaf", b"isom", b"avis"]), max_size=6),
    st.integers(0, 6),
)
def test_no_box_file_that_says_avif_anywhere_is_ever_opened(
    brands: list[bytes], place: int
) -> None:
    brands.insert(place, b"avif")
    major, *others = brands
    body = b"ftyp" + major + b"\0\0\0\0" + b"".join(others)
    head = struct.pack(">I", len(body) + 4) + body
    assert sniffing.sniff(head) is sniffing.Kind.avif


@given(st.binary(min_size=1, max_size=100))
def test_what_comes_after_the_start_changes_nothing(tail: bytes) -> None:
    assert sniffing.sniff(b"\xff\xd8\xff\xe0" + tail) is sniffing.Kind.jpeg
    assert sniffing.sniff(b"%PDF-1.7" + tail) is sniffing.Kind.pdf
