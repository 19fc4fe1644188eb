"""What a person reads in a terminal: lines as they are. A closed pipe: `tests/cli/test_commands.py`."""

from __future__ import annotations

import math

import pytest

from toonvision.console import explained, print_lines, readable


def test_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines("[bold]a[/bold]", "b" * 200, "\x1b[31mc")
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["[bold]a[/bold]", "b" * 200]
    assert "\x1b" not in shown[2]


def test_an_error_goes_to_the_other_output_and_its_code_is_returned(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained("no [such] file", 2) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "toonvision: no [such] file\n")


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
