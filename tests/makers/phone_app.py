"""Makes a build of the phone app that is small: what the server hands out, packed and as it is."""

from __future__ import annotations

import gzip
import pathlib
from typing import Final

PAGE: Final = b"<!doctype html><title>Lamplighter</title>" + b"<!-- a page -->" * 40
SCRIPT: Final = b"console.log('Lamplighter');" * 40
WORKER: Final = b"self.addEventListener('install', () => undefined);"
BROTLI: Final = b"packed by a browser's own coding"
"""Nobody here reads it."""

SECRET: Final = b"what lies beside a build is nobody's"


def build(folder: pathlib.Path) -> pathlib.Path:
    """Write a build into a folder that is not there yet."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "sw.js").write_bytes(WORKER)
    (folder / "manifest.webmanifest").write_bytes(b'{"name": "Lamplighter"}')
    script = folder / "assets" / "main-AB12CD34.js"
    script.write_bytes(SCRIPT)
    script.with_name(f"{script.name}.gz").write_bytes(gzip.compress(SCRIPT))
    script.with_name(f"{script.name}.br").write_bytes(BROTLI)
    secret = folder.with_name("secret.txt")
    secret.write_bytes(SECRET)
    (folder / "outside.txt").symlink_to(secret)
    return folder
