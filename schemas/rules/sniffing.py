"""Sniffing: what a file is by its own first bytes, whatever its sender calls it.

Only what is named here is ever decoded; everything else is kept as bytes.
A file that says two things at once (a JPEG with a ZIP behind it) is what its first bytes say; that
is why originals are only ever given as attachments, and what is shown is encoded anew.
A box file (ISO 14496-12) is taken for AVIF as soon as one of its brands says so: a 2,005-byte AVIF
took 621 MB to decode.
Source: the signatures in the formats' own standards; brands of ISO/IEC 23008-12 and AV1 in HEIF.
"""

from __future__ import annotations

import enum
from typing import Final

HEAD_BYTES: Final = 4_096
"""As much of a file's start as a verdict ever needs."""
_BOX_HEAD_BYTES: Final = 8
_BRAND_BYTES: Final = 4
_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis", b"avio"})
_VIDEO_BRANDS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  "}
)
_MOBILE_VIDEO: Final = (b"3gp", b"3g2")
_WEBP_AT: Final = slice(8, 12)
_SVG_HEAD_BYTES: Final = 512


class Kind(enum.StrEnum):
    """What a file is: its media type."""

    jpeg = "image/jpeg"
    png = "image/png"
    webp = "image/webp"
    heif = "image/heic"
    avif = "image/avif"
    gif = "image/gif"
    tiff = "image/tiff"
    svg = "image/svg+xml"
    pdf = "application/pdf"
    video = "video/mp4"
    archive = "application/zip"
    unknown = "application/octet-stream"


DECODED: Final = frozenset({Kind.jpeg, Kind.png, Kind.webp, Kind.heif})
"""What is opened to be shown; the rest is kept as bytes."""
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", Kind.jpeg),
    (b"\x89PNG\r\n\x1a\n", Kind.png),
    (b"GIF87a", Kind.gif),
    (b"GIF89a", Kind.gif),
    (b"II*\x00", Kind.tiff),
    (b"MM\x00*", Kind.tiff),
    (b"%PDF-", Kind.pdf),
    (b"PK\x03\x04", Kind.archive),
)


def sniff(head: bytes) -> Kind:
    """Tell what a file is.

    Args:
        head: its first `HEAD_BYTES`, or all of a shorter file.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[_WEBP_AT] == b"WEBP":
        return Kind.webp
    if head[4:8] == b"ftyp":
        return _by_brands(_brands(head))
    start = head[:_SVG_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml")) and b"<svg" in start:
        return Kind.svg
    return Kind.unknown


def _brands(head: bytes) -> tuple[bytes, ...]:
    """List a box file's brands: the major one, and those it says to be compatible with."""
    size = min(int.from_bytes(head[:4]), len(head))
    starts = (_BOX_HEAD_BYTES, *range(_BOX_HEAD_BYTES + 8, size - 3, _BRAND_BYTES))
    return tuple(head[start : start + _BRAND_BYTES] for start in starts)


def _by_brands(brands: tuple[bytes, ...]) -> Kind:
    if not _AVIF_BRANDS.isdisjoint(brands):
        return Kind.avif
    if not _HEIF_BRANDS.isdisjoint(brands):
        return Kind.heif
    major = brands[0]
    if major in _VIDEO_BRANDS or major.startswith(_MOBILE_VIDEO):
        return Kind.video
    return Kind.unknown
