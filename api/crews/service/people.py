"""People: who they are, what they may do, and when they leave."""

from __future__ import annotations

import unicodedata


def folded(login: str) -> str:
    """Write a login as it is kept: what looks the same is the same."""
    return unicodedata.normalize("NFKC", login).casefold()
