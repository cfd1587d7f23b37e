"""How long to wait before the next try: longer each time, never together with all other phones.

After the first failure 1 to 2 s, then 2 to 4 s, and so on up to 150 to 300 s.
"""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 2.0
LONGEST_S: Final = 300.0
_DOUBLINGS_MAX: Final = 10


def delay_s(*, failures: int, spread: float, retry_after_s: float | None = None) -> float:
    """Work out a wait.

    Args:
        failures: how many tries in a row have failed, this one included; at least 1.
        spread: a random number from 0 up to 1; it takes up to half of the wait away.
        retry_after_s: what the server asked for; the wait is never shorter, up to `LONGEST_S`.
    """
    assert failures >= 1
    assert 0 <= spread <= 1
    longest_s = min(FIRST_S * 2.0 ** min(failures - 1, _DOUBLINGS_MAX), LONGEST_S)
    wait_s = longest_s * (1 - spread / 2)
    return max(wait_s, min(retry_after_s or 0.0, LONGEST_S))
