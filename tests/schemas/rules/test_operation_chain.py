from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import operation_chain
from tests.schemas.rules import vectors

BODIES = st.lists(st.binary(max_size=20), max_size=8)


def chain(bodies: list[bytes]) -> list[operation_chain.Link]:
    links: list[operation_chain.Link] = []
    prev = operation_chain.START
    for n, body in enumerate(bodies, start=1):
        sha256 = operation_chain.fingerprint(str(n).encode() + body)
        links.append(operation_chain.Link(n, prev, sha256))
        prev = sha256
    return links


def timeline(bodies: list[bytes]) -> list[tuple[bytes, str]]:
    links: list[tuple[bytes, str]] = []
    previous = operation_chain.START
    for body in bodies:
        previous = operation_chain.extend(previous, body)
        links.append((body, previous))
    return links


@pytest.mark.parametrize("case", vectors.cases("operation_chain"))
def test_an_operation_joins_as_the_vectors_say(case: vectors.Case) -> None:
    head = operation_chain.Head(**case["head"])
    assert operation_chain.joint(head, operation_chain.Link(**case["link"])) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("operation_chain", "fingerprints"))
def test_bytes_hash_as_the_vectors_say(case: vectors.Case) -> None:
    assert operation_chain.fingerprint(case["raw"].encode()) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("operation_chain", "statements"))
def test_a_head_is_written_down_for_its_signature_as_the_vectors_say(case: vectors.Case) -> None:
    head = operation_chain.Head(**case["head"])
    assert operation_chain.statement(case["device_id"], head).decode() == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("operation_chain", "vouching"))
def test_a_signed_head_vouches_as_far_back_as_the_vectors_say(case: vectors.Case) -> None:
    links = [operation_chain.Link(**link) for link in case["links"]]
    head = operation_chain.Head(**case["head"])
    assert operation_chain.vouched_from(links, head) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("operation_chain", "timeline"))
def test_a_timeline_links_as_the_vectors_say(case: vectors.Case) -> None:
    assert operation_chain.extend(case["previous"], case["body"].encode()) == case["expect"]


@given(BODIES, st.integers(0, 8))
def test_a_whole_chain_holds_wherever_it_is_taken_up(bodies: list[bytes], known: int) -> None:
    links = chain(bodies)
    head = operation_chain.Head()
    for link in links[:known]:
        head = operation_chain.Head(link.n, link.sha256)
    assert operation_chain.first_break(head, links) is None


@given(st.lists(st.binary(max_size=20), min_size=3, max_size=8), st.data())
def test_a_lost_operation_is_a_gap_where_it_is_missed(
    bodies: list[bytes], data: st.DataObject
) -> None:
    links = chain(bodies)
    lost = data.draw(st.integers(0, len(links) - 2))
    kept = links[:lost] + links[lost + 1 :]
    found = operation_chain.first_break(operation_chain.Head(), kept)
    assert found == operation_chain.Break(lost + 2, operation_chain.Joint.gap)


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=8))
def test_a_phone_restored_from_a_copy_is_a_fork(bodies: list[bytes]) -> None:
    links = chain(bodies)
    head = operation_chain.Head(links[-2].n, operation_chain.fingerprint(b"another life"))
    found = operation_chain.first_break(head, links[-1:])
    assert found == operation_chain.Break(links[-1].n, operation_chain.Joint.fork)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8), st.data())
def test_a_changed_moment_of_a_timeline_is_named(bodies: list[bytes], data: st.DataObject) -> None:
    links = timeline(bodies)
    assert operation_chain.first_changed(links) is None
    place = data.draw(st.integers(0, len(links) - 1))
    body, stored = links[place]
    changed = [*links[:place], (body + b"!", stored), *links[place + 1 :]]
    assert operation_chain.first_changed(changed) == place
