"""A table of all trials for an article."""

from __future__ import annotations

from pathlib import Path

from tests.report.tex_rows import rows
from tests.synthetic_run import completed_run
from toonvision.record.results import Results
from toonvision.report import trials_tex
from toonvision.report.latex import escaped


def test_the_best_trials_come_first_and_all_are_listed(results: Results, tmp_path: Path) -> None:
    shown = [row for row in rows(trials_tex.write(results, tmp_path).read_text()) if row[0].isdigit()]
    best = [trial.id for trial in results.best()]
    assert [row[0] for row in shown[: len(best)]] == best
    assert sorted(row[0] for row in shown) == [trial.id for trial in results.trials]
    assert shown[0][1] == f"{results.best(1)[0].outcome.score:.4f}"
    assert [row[1] for row in shown[len(best) :]] == ["pruned", "failed", "infeasible"] * 2


def test_a_wide_table_continues_in_another_one(tmp_path: Path) -> None:
    many = completed_run(tmp_path / "run", "experiment=all_hyperparameters", trials=3)
    latex = trials_tex.write(many, tmp_path).read_text()
    assert latex.count(r"\begin{longtable}") == latex.count("Part 1 of 2") + latex.count("Part 2 of 2") - 2 == 2
    assert all(latex.count(escaped(name)) == 2 for name in many.hyperparameters if name != "epochs")
    assert [row[0] for row in rows(latex)].count("0002") == 2
