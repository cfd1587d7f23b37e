from __future__ import annotations

import pytest

from schemas.rules import proofs
from tests.schemas.rules import vectors


@pytest.mark.parametrize("case", vectors.cases("proofs", "thumbprints"))
def test_a_key_has_the_name_that_the_vectors_say(case: vectors.Case) -> None:
    assert proofs.thumbprint(x=case["x"], y=case["y"]) == case["thumbprint"]


@pytest.mark.parametrize("case", vectors.cases("proofs", "tokens"))
def test_a_token_has_the_hash_that_the_vectors_say(case: vectors.Case) -> None:
    assert proofs.token_hash(case["token"]) == case["hash"]


@pytest.mark.parametrize("case", vectors.cases("proofs", "targets"))
def test_an_address_is_a_doors_as_the_vectors_say(case: vectors.Case) -> None:
    assert proofs.is_for(case["target"], path=case["path"]) is case["is_for"]


@pytest.mark.parametrize(("issued_s", "now_s"), [(1_000, 1_000), (1_060, 1_000), (940, 1_000)])
def test_a_proof_is_fresh_for_a_minute_either_way(issued_s: float, now_s: float) -> None:
    assert proofs.is_fresh(issued_s, now_s=now_s)


@pytest.mark.parametrize("issued_s", [939.9, 1_060.1, 0, 1e300])
def test_a_proof_of_another_time_is_not_fresh(issued_s: float) -> None:
    assert not proofs.is_fresh(issued_s, now_s=1_000)


def test_a_proof_is_signed_over_both_its_parts() -> None:
    assert proofs.signing_input(b'{"a":1}', b"\xff") == "eyJhIjoxfQ._w"
