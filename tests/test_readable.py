"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from toonvision.readable import readable


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1957.3, 3, "1,960"),
        (2068.0, 3, "2,070"),
        (999_499.0, 3, "999,000"),
        (999_999.0, 3, "1e+06"),
        (1e6, 4, "1e+06"),
        (12.0, 4, "12"),
        (0.5, 4, "0.5"),
        (100.0, 2, "100"),
        (9.9996, 4, "10"),
        (0.00012345, 3, "0.000123"),
        (0.0000999999, 3, "0.0001"),
        (0.00001, 3, "1e-05"),
        (-1234.5, 4, "-1,234"),
        (-0.0, 4, "0"),
        (0.0, 4, "0"),
        (math.inf, 4, "inf"),
        (math.nan, 4, "nan"),
        (1_234_567, 3, "1,234,567"),
        (17, 1, "17"),
    ],
)
def test_a_number_has_significant_digits_and_no_exponent_unless_it_is_tiny_or_huge(
    value: float, digits: int, text: str
) -> None:
    assert readable(value, digits) == text
