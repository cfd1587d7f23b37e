"""The official tus server (@tus/server) on its own file store, which writes without fsync."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
from collections.abc import Iterator
from typing import Final

from bench.peers import peer

NAME: Final = "@tus/server"
_PREFIX: Final = peer.PREFIX / "tus"
_LOCK: Final = peer.LOCKS / "tus" / "package-lock.json"
_SCRIPT: Final = "server.mjs"


@contextlib.contextmanager
def running(folder: pathlib.Path) -> Iterator[int]:
    """Install it where it is not, run it, and give its port.

    Args:
        folder: where its files go.

    Raises:
        UnavailableError: it cannot be installed or run here; it needs Node and npm.
    """
    node = shutil.which("node")
    if node is None:
        raise peer.UnavailableError("it needs Node, and there is no `node` on the path")
    _install()
    port = peer.free_port()
    kept = folder / "tus-files"
    kept.mkdir()
    with peer.process([node, _PREFIX / _SCRIPT, str(port), kept], port=port, folder=folder):
        yield port


def _install() -> None:
    shown = _LOCK.with_name(_SCRIPT)
    if not peer.is_installed(_PREFIX, _LOCK):
        npm = shutil.which("npm")
        if npm is None:
            raise peer.UnavailableError("it needs npm, and there is no `npm` on the path")
        _PREFIX.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", _LOCK.name):
            shutil.copy(_LOCK.with_name(name), _PREFIX / name)
        peer.run([npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=_PREFIX)
        peer.stamp_installed(_PREFIX, _LOCK)
    shutil.copy(shown, _PREFIX / _SCRIPT)
