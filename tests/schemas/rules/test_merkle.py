from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import merkle
from tests.schemas.rules import vectors

LEAVES = [bytes.fromhex(text) for text in vectors.load("merkle")["leaves"]]
TREES = st.lists(st.binary(max_size=9), min_size=1, max_size=70)


def led_to(case: vectors.Case) -> str | None:
    leaf = bytes.fromhex(case["leaf"])
    return merkle.root_by(leaf, place=case["place"], count=case["count"], beside=case["path"])


@pytest.mark.parametrize("case", vectors.cases("merkle"))
def test_leaves_hash_to_the_root_that_the_vectors_say(case: vectors.Case) -> None:
    assert merkle.root(LEAVES[: case["leaves"]]) == case["expect"]


@pytest.mark.parametrize("case", vectors.cases("merkle", "paths"))
def test_a_path_is_the_one_that_the_vectors_say(case: vectors.Case) -> None:
    assert merkle.path(LEAVES[: case["leaves"]], case["place"]) == case["path"]


@pytest.mark.parametrize("case", vectors.cases("merkle", "impossible"))
def test_a_path_that_no_tree_has_leads_nowhere(case: vectors.Case) -> None:
    assert led_to(case) is None


@pytest.mark.parametrize("case", vectors.cases("merkle", "elsewhere"))
def test_a_path_of_another_leaf_leads_to_another_root(case: vectors.Case) -> None:
    assert led_to(case) not in {None, case["root"]}


@given(leaves=TREES, data=st.data())
def test_every_leaf_has_a_path_to_the_root_and_only_its_own(
    leaves: list[bytes], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    beside = merkle.path(leaves, place)
    led = merkle.root_by(leaves[place], place=place, count=len(leaves), beside=beside)
    assert led == merkle.root(leaves)

    other = leaves[place] + b"!"
    assert merkle.root_by(other, place=place, count=len(leaves), beside=beside) != led


@given(leaves=TREES, data=st.data())
def test_a_path_grows_with_the_logarithm_of_the_tree(
    leaves: list[bytes], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    assert len(merkle.path(leaves, place)) <= (len(leaves) - 1).bit_length()


@given(leaves=TREES)
def test_leaves_in_another_order_have_another_root(leaves: list[bytes]) -> None:
    turned = leaves[::-1]
    assert (merkle.root(turned) == merkle.root(leaves)) == (turned == leaves)


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    level = [bytes.fromhex(merkle.root([leaf])) for leaf in LEAVES[:2]]
    assert merkle.root([b"".join(level)]) != merkle.root(LEAVES[:2])
