"""How long to wait before the next try: longer each time, never together with all other phones.

After the first failure 1 to 2 s, then 2 to 4 s, and so on up to 150 to 300 s.
A server that asks for 60 s is given 60 to 90 s: what it told to everybody at once must not bring
everybody back at once.
"""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 2.0
LONGEST_S: Final = 300.0
ASKED_LONGEST_S: Final = 3_600.0
"""What a server asks for is believed up to here; one that is away for longer can say it again."""
_DOUBLINGS_MAX: Final = 10


def delay_s(*, failures: int, spread: float, retry_after_s: float | None = None) -> float:
    """Work out a wait.

    Args:
        failures: how many tries in a row have failed, this one included; at least 1.
        spread: a random number from 0 up to 1; it takes up to half of our own wait away, and up
            to all of the half that is added to what the server asked for.
        retry_after_s: what the server asked for; the wait is never shorter, up to
            `ASKED_LONGEST_S`.
    """
    assert failures >= 1
    assert 0 <= spread <= 1
    longest_s = min(FIRST_S * 2.0 ** min(failures - 1, _DOUBLINGS_MAX), LONGEST_S)
    own_s = longest_s * (1 - spread / 2)
    asked_s = min(retry_after_s or 0.0, ASKED_LONGEST_S)
    return max(own_s, asked_s * (1 + (1 - spread) / 2))
