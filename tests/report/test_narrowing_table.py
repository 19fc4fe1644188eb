"""A narrowing on the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.article_trials import article_trials
from tests.configuration import configured
from toonvision.api import narrow_run
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.evidence import Narrowing
from toonvision.record.results import Results
from toonvision.report import narrowed_space, narrowing_table


def shown(narrowing: Narrowing, results: Results) -> str:
    console = Console(width=100, file=io.StringIO())
    narrowing_table.show_narrowing(narrowing, results, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_names_are_not_wrapped_at_a_width_of_100(explored: Results, narrowing: Narrowing) -> None:
    text = shown(narrowing, explored)
    words = [line.split() for line in text.partition("\nCut\n")[0].splitlines()]
    rows = {row[0]: row[1:] for row in words if row}
    assert set(narrowing.space) - {"optimizer"} <= set(rows)
    assert rows["conv_2_filters"][:6] == ["4", "to", "20", "8", "to", "20"]
    assert rows["pool_1_size"][3:5] == ["the", "same"]
    for part in ("conv_2_filters below 8: 0 of ", "Consider widening", " of the space stays.", "val_loss at most"):
        assert part in text


def test_a_refused_cut_is_reported(explored: Results, tmp_path: Path) -> None:
    refused = narrow_run(explored, NarrowingOptions(threshold=0.3, refuse=["conv_2_filters"]))
    assert "Significant, but refused" in shown(refused, explored)
    assert "Refused: below 8" in narrowed_space.write(refused, explored, tmp_path).read_text()


def test_a_tuner_that_learns_from_scores_has_a_warning(explored: Results, narrowing: Narrowing) -> None:
    assert narrowed_space.caution(explored) == ""
    learning = replace(explored, config=configured("tuner=bayesian"))
    assert "learns from scores" in narrowed_space.caution(learning)
    assert "learns from scores" in " ".join(shown(narrowing, learning).split())


def test_a_narrowing_without_cuts_is_reported(explored: Results) -> None:
    few = replace(explored, trials=article_trials(0, count=5))
    assert "nothing: no cut is significant" in shown(narrow_run(few, NarrowingOptions()), few)
