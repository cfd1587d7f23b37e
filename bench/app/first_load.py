"""The first load: every byte that comes over the wire until the sign-in screen can be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench import figures
from bench.app.handset import Handset

_SIGN_IN: Final = "form#sign-in input"
_KB_AT_MOST: Final = 120.0
_SLOW_4G: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
"""As Lighthouse has it: 150 ms there and back, 1.6 Mbit/s."""


def measure(phone: Handset) -> Iterator[figures.Figure]:
    """Weigh it as the browser's own tools count: bodies as they came, and headers.

    Args:
        phone: one that never saw the app.
    """
    got: list[float] = []
    with phone.on():
        wire = phone.wire()
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", _SLOW_4G)

        def hear(event: Mapping[str, Any]) -> None:
            got.append(float(event["encodedDataLength"]))

        wire.on("Network.loadingFinished", hear)
        took_s = phone.go_until(_SIGN_IN)
    yield figures.Figure(
        what="first load: on the wire until the sign-in screen can be used",
        value=sum(got) / 1_000,
        unit="kB",
        at_most=_KB_AT_MOST,
    )
    yield figures.Figure(
        what="first load: time on slow 4G (1.6 Mbit/s, 150 ms)", value=took_s, unit="s"
    )
