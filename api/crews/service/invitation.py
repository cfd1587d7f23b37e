"""The way to the phone app for one person: an address, and the code that a phone's camera reads.

It names who is to sign in and holds no secret, so it may hang on a wall.
"""

from __future__ import annotations

import io
import urllib.parse
from typing import Final

import segno

_MODULE_PX: Final = 8
_QUIET_MODULES: Final = 4
"""What the standard asks for around a code (ISO/IEC 18004, 6.3.8)."""


def address(*, public_url: str, login: str) -> str:
    """Write the address that opens the app with a login filled in.

    What follows `#` stays on the phone: no server and no proxy is told of it.

    Args:
        public_url: where phones reach the server, without a stroke at its end.
        login: who is to sign in.
    """
    return f"{public_url}/app/#login={urllib.parse.quote(login, safe='')}"


def drawn(text: str) -> bytes:
    """Draw a code as an SVG picture, black on white also where the page is dark."""
    picture = io.BytesIO()
    _code(text).save(
        picture, kind="svg", scale=_MODULE_PX, border=_QUIET_MODULES, dark="#000", light="#fff"
    )
    return picture.getvalue()


def printed(text: str) -> str:
    """Draw a code for a terminal."""
    lines = io.StringIO()
    _code(text).terminal(lines, border=_QUIET_MODULES, compact=True)
    return lines.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="m")
