"""What a person reads in a terminal: lines as they are. A closed pipe: `tests/cli/test_commands.py`."""

from __future__ import annotations

import pytest

from toonvision.console import explained, print_lines


def test_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines("[bold]a[/bold]", "b" * 200, "\x1b[31mc")
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["[bold]a[/bold]", "b" * 200]
    assert "\x1b" not in shown[2]


def test_an_error_goes_to_the_other_output_and_its_code_is_returned(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained("no [such] file", 2) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "toonvision: no [such] file\n")
