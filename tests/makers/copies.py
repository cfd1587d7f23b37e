"""Copies of a handheld's store: backups that come back, and phones that were cloned."""

from __future__ import annotations

import pathlib
import shutil

from field_sync.store.connection import Store, open_store


def copy(store: Store, *, to: pathlib.Path) -> Store:
    """Copy a store as it is at this moment, and open the copy."""
    shutil.copytree(store.home, to)
    return open_store(to)
