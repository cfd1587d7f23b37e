"""Where what photos are shown as lies: thumbnails and copies, which can always be made again.

They lie apart from the evidence, under their original's hash and the version of the worker that
made them; a backup leaves them out.
"""

from __future__ import annotations

import os
import pathlib
import tempfile
from enum import StrEnum
from typing import BinaryIO, Final

FOLDER: Final = "derived"
"""The shelf's folder in the data folder."""
VERSION: Final = "v1"
"""Grows when the worker would make other pictures; then all are made anew when asked for."""


class Shown(StrEnum):
    """What a photo is shown as."""

    THUMBNAIL = "thumbnail"
    COPY = "copy"


class Shelf:
    """A folder of pictures: `<version>/<district>/<ab>/<sha256>.<shown>.jpg`."""

    def __init__(self, root: pathlib.Path) -> None:
        """Use a folder; it is made when the first picture is put there."""
        self._root = root / VERSION

    def put(self, picture: bytes, *, district_id: str, sha256: str, shown: Shown) -> None:
        """Put a picture in its place, whole or not at all; whatever lay there is replaced."""
        target = self._path(district_id, sha256, shown)
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(picture)
                out.flush()
                os.fsync(out.fileno())
            pathlib.Path(part).replace(target)
        except BaseException:
            pathlib.Path(part).unlink()
            raise

    def holds(self, *, district_id: str, sha256: str) -> bool:
        """Tell whether a photo's pictures are all here."""
        return all(self._path(district_id, sha256, shown).exists() for shown in Shown)

    def open(self, *, district_id: str, sha256: str, shown: Shown) -> BinaryIO:
        """Open a picture to read it.

        Raises:
            FileNotFoundError: it is not here; it can be made again.
        """
        return self._path(district_id, sha256, shown).open("rb")

    def _path(self, district_id: str, sha256: str, shown: Shown) -> pathlib.Path:
        return self._root / district_id / sha256[:2] / f"{sha256}.{shown}.jpg"
