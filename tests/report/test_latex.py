"""The tables for an article: what is in them, and that LaTeX makes an article of them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic_run import completed_run
from toonvision.record.results import Results
from toonvision.record.run_state import RunState
from toonvision.report import comparison_tex, trials_tex
from toonvision.report.latex import cells

ENGINES = [
    pytest.param(engine, marks=pytest.mark.skipif(shutil.which(engine) is None, reason=f"{engine} is not installed"))
    for engine in ("pdflatex", "lualatex")
]
ARTICLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{booktabs,graphicx,longtable}
\begin{document}
\begin{table} \centering \caption{Tuned and not.} \input{comparison} \end{table}
See Table~\ref{tab:trials}.
\input{trials}
\end{document}
"""
NASTY = r"a_b & 5 % $x^2$ ~ \end{t} #1"
HOSTILE = r"\input{/etc/passwd} ^^5cwrite18"
RUNS: dict[str, tuple[int, tuple[str, ...]]] = {
    "the article's space": (30, ()),
    "every hyperparameter": (30, ("experiment=all_hyperparameters",)),
    "no trial": (0, ()),
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.30000000000000004, 0.0], ["0.1", "0.3", "0.0"]),
        ([0.01, 0.0001], ["0.01", "0.0001"]),
        ([0.00123456, 0.0123456], ["0.00123", "0.0123"]),
        ([0.000123456, 0.01], [r"$1.23\cdot10^{-4}$", r"$1.00\cdot10^{-2}$"]),
        ([-1.5, None, float("nan")], ["$-$1.5", "--", "--"]),
        ([14620, None, -3], ["14,620", "--", "$-$3"]),
        ([True, False, None], ["yes", "no", "--"]),
        (["a_b", None], [r"a\_b", "--"]),
        ([None, None], ["--", "--"]),
    ],
)
def test_numbers_have_as_many_decimals_as_they_need(values: list[object], expected: list[str]) -> None:
    assert cells(values) == expected


def test_scores_have_the_given_decimals() -> None:
    assert cells([0.087, 1.4], 4) == ["0.0870", "1.4000"]


@pytest.mark.latex
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RUNS)
def test_an_article_compiles(engine: str, name: str, tmp_path: Path) -> None:
    trials, overrides = RUNS[name]
    made = completed_run(tmp_path / "run", *overrides, trials=trials)
    assert compiled(made, tmp_path, engine) == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.latex
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", [NASTY, HOSTILE], ids=["markup", "commands"])
def test_markup_in_a_value_is_printed(text: str, engine: str, results: Results, tmp_path: Path) -> None:
    nasty = {"optimizer": text}
    space = {**results.config.search_space, "optimizer": {"hp": "Choice", "values": [text, "Adam"]}}
    comparison = results.state.comparison
    assert comparison is not None
    tuned = replace(comparison.tuned, values=comparison.tuned.values | nasty)
    odd = replace(
        results,
        config=results.config.model_copy(update={"search_space": space}),
        trials=[replace(trial, values=trial.values | nasty) for trial in results.trials],
        state=replace(results.state, comparison=replace(comparison, tuned=tuned)),
    )
    assert compiled(odd, tmp_path, engine) == []
    read = subprocess.run(["pdftotext", "-layout", "article.pdf", "-"], cwd=tmp_path, capture_output=True, text=True)
    assert read.stdout.count(text) == 1 + len(odd.trials)


@pytest.mark.latex
@pytest.mark.parametrize("engine", ENGINES)
def test_an_article_of_an_unfinished_run_compiles(engine: str, results: Results, tmp_path: Path) -> None:
    assert compiled(replace(results, state=RunState()), tmp_path, engine) == []


def compiled(results: Results, directory: Path, engine: str) -> list[str]:
    """Make a PDF, and return what LaTeX complains of: errors, and lines that run into the margin."""
    for write in (trials_tex.write, comparison_tex.write):
        write(results, directory)
    (directory / "article.tex").write_text(ARTICLE)
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "article.tex"]
    for _ in range(3):  # a longtable finds its widths in what the run before has written
        made = subprocess.run(command, cwd=directory, capture_output=True, text=True, errors="replace", check=False)
    assert (directory / "article.pdf").is_file(), made.stdout
    return [line for line in made.stdout.splitlines() if line.startswith(("!", "Overfull"))]
