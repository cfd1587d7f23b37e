"""The browser that the app is tried in: where it lies, and how it is started.

`CHROMIUM` names another one; without it, it is the one that `.ci/setup dev` unpacks.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import pathlib
import shutil
from typing import Final

UNPACKED: Final = (
    pathlib.Path(__file__).parents[2] / ".ci" / "browser" / "node_modules" / ".unpacked"
)
FLAGS: Final = (
    "--no-sandbox",  # in a container there is no right to make one
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FONTS: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{ours}</dir>
  <dir>{chinese}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class NoBrowserError(Exception):
    """There is no browser; the message says how to get one."""


def find() -> pathlib.Path:
    """Find the browser.

    Raises:
        NoBrowserError: there is none.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        return pathlib.Path(named)
    if (UNPACKED / "chromium").is_file():
        return UNPACKED / "chromium"
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        message = (
            "No browser to try the phone app in. `bash .ci/setup dev` brings one on Linux for "
            "x86-64; elsewhere install Chromium or Chrome, or name it: CHROMIUM=/path/to/chrome."
        )
        raise NoBrowserError(message)
    return pathlib.Path(found)


def environment(folder: pathlib.Path) -> dict[str, str | float | bool]:
    """Give the environment that the browser is started in: with Chinese letters to draw.

    Args:
        folder: where the list of fonts goes.
    """
    fonts = folder / "fonts.conf"
    cache = folder / "fonts"
    fonts.write_text(
        _FONTS.format(ours=UNPACKED / "fonts", chinese=_chinese(), cache=cache), encoding="utf-8"
    )
    given: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    if ctypes.util.find_library("nss3") is None:
        given["LD_LIBRARY_PATH"] = str(UNPACKED / "al2023" / "lib")
    return given


def _chinese() -> pathlib.Path:
    """Find the folder of the font with Chinese letters; it comes with the test's packages."""
    found = importlib.util.find_spec("noto_cjk_sans_otc")
    assert found is not None, "the package is in requirements.lock"
    assert found.origin is not None, "it is no namespace"
    return pathlib.Path(found.origin).parent
