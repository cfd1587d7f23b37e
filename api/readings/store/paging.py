"""How questions about readings are cut: keys a question, and the key that a page starts after."""

from __future__ import annotations

import datetime as dt
from typing import Final

KEYS_PER_QUERY: Final = 500
After = tuple[dt.datetime, str] | None
"""The key of the last row of the page before: its instant and id."""
