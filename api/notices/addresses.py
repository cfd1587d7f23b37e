"""Where a notice may be sent: public names over TLS, and never into the house's own network.

A receiver's address is given by a stranger's browser, so it must not make the server knock at doors
that only the server can reach (server-side request forgery). The name is looked at when it is
given; what it leads to is looked at each time that something is sent, and the connection is made to
exactly the address that was looked at.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
from typing import Final

PORTS: Final = {"https": 443, "http": 80}
_PUBLIC: Final = re.compile(r"https://([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)(?::443)?(/[!-~]*)?")
_ANY: Final = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::(\d{1,5}))?(/[!-~]*)?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OWN: Final = frozenset({"localhost", "local", "internal", "intranet", "lan", "home", "arpa"})
"""Last parts of names that no public name ends in."""
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_PORT_MAX: Final = 65_535

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefusedError(Exception):
    """Nothing is sent there; the message says why, without the address itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart once, so that everybody means the same host by it."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """The scheme and the host, with its port where that is not the usual one."""
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def read(url: str, *, private: bool) -> Place:
    """Take an address apart.

    Args:
        url: what a receiver gave.
        private: whether it may be plain http, on any port, and in the house's own network.

    Raises:
        AddressRefusedError: nothing is sent to such an address.
    """
    if private:
        found = _ANY.fullmatch(url)
        port = int((found and found[3]) or 0)
        if found is None or port > _PORT_MAX:
            raise AddressRefusedError("it is no http or https address")
        return Place(found[1], found[2], port or PORTS[found[1]], found[4] or "/")
    found = _PUBLIC.fullmatch(url)
    if found is None:
        raise AddressRefusedError("it is not https with a public name on the usual port")
    last = found[1].rpartition(".")[2]
    if last in _OWN or _NUMBER.fullmatch(last):
        raise AddressRefusedError("its host is not a public name")
    return Place("https", found[1], PORTS["https"], found[2] or "/")


def resolve(host: str, port: int, *, private: bool) -> list[str]:
    """Look up what a name leads to now.

    Raises:
        AddressRefusedError: one of its addresses is not public.
        OSError: there is no such name, or nobody to ask.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(where[0]) for *_, where in found))
    if not private and not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise AddressRefusedError("its name leads to an address that is not public")
    return addresses


def is_public(address: Address) -> bool:
    """Tell whether an address is anybody's on the internet, also where it wraps another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
