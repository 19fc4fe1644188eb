"""Commands that use the models of a run: their arguments, and errors that come before Keras."""

from __future__ import annotations

import argparse

import pytest

from toonvision.cli import main
from toonvision.cli.models import add_export
from toonvision.training.export_format import FORMATS


def test_export_offers_the_formats_that_can_be_written() -> None:
    parser = argparse.ArgumentParser()
    add_export(parser)
    (choices,) = [action.choices for action in parser._actions if action.dest == "format"]
    assert choices == list(FORMATS)


@pytest.mark.parametrize("words", [["predict", "nowhere", "new.csv"], ["export", "nowhere"]])
def test_a_directory_without_a_run_is_one_message(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("toonvision: expected the directory of a run. Received: 'nowhere'")
