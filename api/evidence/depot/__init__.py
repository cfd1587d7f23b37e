"""Where evidence bytes lie; the settings choose the place."""

from __future__ import annotations

from api.evidence.depot.contract import (
    Checksum,
    Depot,
    DepotAway,
    DepotFull,
    FileHashDiffers,
    Kept,
    Part,
    Progress,
    UploadChecksumDiffers,
    UploadTooLong,
)
from api.evidence.depot.disk import DiskDepot
from api.evidence.depot.opening import opened

__all__ = [
    "Checksum",
    "Depot",
    "DepotAway",
    "DepotFull",
    "DiskDepot",
    "FileHashDiffers",
    "Kept",
    "Part",
    "Progress",
    "UploadChecksumDiffers",
    "UploadTooLong",
    "opened",
]
