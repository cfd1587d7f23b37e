"""Where a request comes from, as far as proxies that we trust say so."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

_HOME_BITS: Final = 64
"""An IPv6 subscriber is given so long a prefix at least, and may change what comes after it."""
_WITH_PORT: Final = re.compile(r"\[(?P<six>[^\]]*)\](?::\d{1,5})?|(?P<four>[^:]*):\d{1,5}")


def find_source(*, peer: str | None, forwarded: Sequence[str], trusted_proxies: int) -> str | None:
    """Name the network address that a request comes from; None where nothing is known of it.

    Each proxy appends whom it was asked by, so what the last ones wrote is theirs, and whatever
    stands before it may be anybody's invention.

    Args:
        peer: who is at the other end of the connection.
        forwarded: the values of `X-Forwarded-For`, in their order.
        trusted_proxies: how many proxies are ours.

    Returns:
        An IPv4 address, or the /64 of an IPv6 address; None for this machine itself, which is a
        proxy that the settings do not speak of.
    """
    written = [each.strip() for value in forwarded for each in value.split(",")]
    hops = [*written, peer or ""]
    named = _parsed(hops[max(len(hops) - 1 - trusted_proxies, 0)]) or _parsed(peer or "")
    if named is None or named.is_loopback:
        return None
    if isinstance(named, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((named, _HOME_BITS), strict=False))
    return str(named)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address, with or without a port behind it: `192.0.2.1:80`, `[2001:db8::1]:80`."""
    found = _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address(text if found is None else found["six"] or found["four"])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
