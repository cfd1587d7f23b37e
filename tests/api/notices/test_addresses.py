"""Nothing is sent where only the server can knock, however it is written."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from api.notices import addresses, outgoing

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "64:ff9b::a00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]
ODD = [
    "http://push.example/x",
    "https://push.example:8443/x",
    "https://user@push.example/x",
    "https://user:word@push.example/x",
    "https://127.0.0.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://127.1/x",
    "https://0177.0.0.0x1/x",
    "https://[::1]/x",
    "https://localhost/x",
    "https://push/x",
    "https://push.localhost/x",
    "https://db.internal/x",
    "https://printer.local/x",
    "https://push.example.:443/x",
    "https://push.example\\@10.0.0.1/x",
    "https://push.example#@10.0.0.1/x",
    "https://push.example?x",
    "https://PUSH.example/x",
    "https://пуш.example/x",
    "https://push.example/x y",
    "https://push.example/x\r\nHost: other",
    "https:///x",
    "https://",
    "file:///etc/passwd",
    "gopher://push.example/x",
    "",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_house_is_not_public(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(addresses.AddressRefusedError):
        addresses.read(url, private=False)


def test_push_services_of_browsers_are_let_through() -> None:
    for host in (
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "web.push.apple.com",
        "wns2-par02p.notify.windows.com",
    ):
        place = addresses.read(f"https://{host}/fcm/send/dGVz:APA91b-x_y?t=1", private=False)
        assert (place.host, place.port, place.origin) == (host, 443, f"https://{host}")
        assert place.target == "/fcm/send/dGVz:APA91b-x_y?t=1"


def test_a_name_that_leads_into_the_house_is_found_when_something_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name was public when it was given; what it leads to is looked at each time."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        found = ["8.8.8.8", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    place = addresses.read("https://push.example/x", private=False)
    with pytest.raises(addresses.AddressRefusedError):
        outgoing.post(place, headers={}, body=b"", private=False)
    assert asked == ["push.example"]


def test_where_nobody_listens_the_reason_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = addresses.read(f"http://127.0.0.1:{taken.getsockname()[1]}/x", private=True)
        with pytest.raises(outgoing.UnreachableError, match="ConnectError"):
            outgoing.post(place, headers={}, body=b"", private=True)
