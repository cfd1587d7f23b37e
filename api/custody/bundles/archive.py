"""The zip file of a bundle: the same bytes for the same content, and no other way to pack it.

Whoever reads it refuses everything else, so nothing can hide between its files or behind them.
"""

from __future__ import annotations

import re
import zipfile
from typing import Final

from schemas import bundles

PATH: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)?")
PATH_CHARS_MAX: Final = 120
END_BYTES: Final = 22
"""The record that ends a zip file without a remark."""
FIXED_AT: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_VERSION: Final = 20
_PLAIN_FILE: Final = 0o100644 << 16


def info_of(path: str) -> zipfile.ZipInfo:
    """Describe a file as it stands in the zip: evidence is packed already, the rest is deflated."""
    info = zipfile.ZipInfo(path, FIXED_AT)
    info.create_system = _UNIX
    info.create_version = info.extract_version = _VERSION
    info.external_attr = _PLAIN_FILE
    stored = path.startswith(bundles.EVIDENCE_FOLDER)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return info


def what_differs(info: zipfile.ZipInfo) -> str:
    """Tell what of a file's description is not as it is written here; empty when all is."""
    if len(info.filename) > PATH_CHARS_MAX or not PATH.fullmatch(info.filename):
        return "its name"
    if info.filename != info.orig_filename:
        return "its name"
    ours = info_of(info.filename)
    for name, words in _TOLD.items():
        if getattr(info, name) != getattr(ours, name):
            return words
    return ""


_TOLD: Final = {
    "flag_bits": "it is marked as encrypted or otherwise special",
    "compress_type": "the way it is compressed",
    "external_attr": "it is no plain file",
    "date_time": "its date",
    "extra": "there is more in its header",
    "comment": "there is a remark on it",
    "create_system": "its header",
    "create_version": "its header",
    "extract_version": "its header",
    "internal_attr": "its header",
    "reserved": "its header",
    "volume": "its header",
}
