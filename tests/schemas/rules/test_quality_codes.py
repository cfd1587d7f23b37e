"""Quality codes and reading types of metering systems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import quality_codes
from schemas.rules.quality_codes import Worth


@pytest.mark.parametrize(
    ("code", "worth"),
    [
        ("3.0.0", Worth.nothing),
        ("1.4.16", Worth.nothing),
        ("3.7.0", Worth.nothing),
        ("3.8.0", Worth.estimated),
        ("2.12.0", Worth.estimated),
        ("3.5.258", Worth.doubted),
        ("3.10.1", Worth.doubted),
        ("3.8", None),
        ("valid", None),
        ("3.8.0\n", None),
    ],
)
def test_a_code_says_what_a_value_is_not(code: str, worth: Worth | None) -> None:
    assert quality_codes.worth(code) is worth


@given(st.integers(0, quality_codes.TARIFFS_MAX))
def test_a_reading_type_names_its_tariff(tariff: int) -> None:
    assert quality_codes.tariff_of(quality_codes.reading_type(tariff)) == tariff


@pytest.mark.parametrize(
    "named",
    [
        "",
        "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0",  # given back
        "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0",  # use in an interval
        "0.0.0.1.1.1.12.0.0.0.0.16.0.0.0.3.72.0",
        "0.0.0.1.1.1.12.0.0.0.0.x.0.0.0.3.72.0",
        "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72",
    ],
)
def test_another_quantity_is_none_of_ours(named: str) -> None:
    assert quality_codes.tariff_of(named) is None
