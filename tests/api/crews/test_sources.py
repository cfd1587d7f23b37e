"""Where a request comes from: the proxies that we trust say it, and nobody else."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from api.crews.identity.sources import find_source

PROXY = "10.0.0.2"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted_proxies", "source"),
    [
        ("203.0.113.7", [], 0, "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], 0, "203.0.113.7"),
        (PROXY, ["203.0.113.7"], 1, "203.0.113.7"),
        (PROXY, ["198.51.100.1, 203.0.113.7"], 1, "203.0.113.7"),
        (PROXY, ["198.51.100.1", "203.0.113.7"], 1, "203.0.113.7"),
        (PROXY, ["198.51.100.1,203.0.113.7 , 10.0.0.1"], 2, "203.0.113.7"),
        (PROXY, [], 1, PROXY),
        (PROXY, [], 3, PROXY),
        (PROXY, ["203.0.113.7"], 2, "203.0.113.7"),
        (PROXY, ["203.0.113.7:50123"], 1, "203.0.113.7"),
        (PROXY, ["[2001:db8:0:1::9]:443"], 1, "2001:db8:0:1::/64"),
        ("2001:db8:0:1::9", [], 0, "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::9", [], 0, "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", [], 0, "203.0.113.7"),
        (PROXY, ["unknown"], 1, PROXY),
        (PROXY, ["_hidden, "], 1, PROXY),
        ("127.0.0.1", [], 0, None),
        ("127.0.0.1", ["203.0.113.7"], 0, None),
        ("::1", [], 0, None),
        (None, [], 0, None),
        ("", ["x" * 10_000], 1, None),
        ("unix:", [], 0, None),
    ],
)
def test_a_source_is_what_the_last_trusted_proxy_saw(
    peer: str | None, forwarded: list[str], trusted_proxies: int, source: str | None
) -> None:
    found = find_source(peer=peer, forwarded=forwarded, trusted_proxies=trusted_proxies)
    assert found == source


@hypothesis.given(
    said=st.lists(st.text(max_size=40), max_size=4),
    way=st.lists(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), max_size=3),
)
def test_whatever_a_client_says_of_itself_changes_nothing(said: list[str], way: list[str]) -> None:
    client, proxies = "203.0.113.7", len(way)
    hops = [client, *way]
    appended = [",".join([*said, *hops[:-1]])] if len(hops) > 1 or said else []
    found = find_source(peer=hops[-1], forwarded=appended, trusted_proxies=proxies)
    assert found == client
