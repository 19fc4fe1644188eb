"""A table of both models for an article."""

from __future__ import annotations

from pathlib import Path

from tests.report.tex_rows import rows
from toonvision.record.results import Results
from toonvision.report import comparison_tex
from toonvision.report.latex import escaped


def test_the_comparison_has_scores_and_searched_values_of_both_models(results: Results, tmp_path: Path) -> None:
    latex = comparison_tex.write(results, tmp_path).read_text()
    assert [row[1:] for row in rows(latex) if row[0] in ("wrong", "accuracy")] == [["27", "12"], ["0.8629", "0.9391"]]
    assert [row[0] for row in rows(latex)][-11:] == [escaped(name) for name in results.hyperparameters]
