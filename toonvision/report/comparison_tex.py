"""`comparison.tex`: a table of the tuned model and the baseline for an article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from toonvision.record.results import Results
from toonvision.report.latex import SCORE_DECIMALS, cells, escaped
from toonvision.verdict.comparison import ModelScores

_COMMENT = r"""% The tuned model and the baseline. Written by toonvision; to write it again: toonvision report RUN
% In the preamble: \usepackage[T1]{fontenc} \usepackage{booktabs}
% In the text: \begin{table} \centering \caption{...} \input{comparison} \end{table}
"""
_MIDRULE = "\\midrule\n"
_SECONDS = "seconds of training"


def write(results: Results, directory: Path) -> Path:
    """Write scores on the test set, costs and searched values; only a comment if the models have not been compared."""
    path = directory / "comparison.tex"
    comparison, chosen = results.comparison, results.chosen()
    if comparison is None or chosen is None:
        path.write_text("% The models have not been compared.\n", encoding="utf-8")
        return path
    models = (comparison.baseline, comparison.tuned)
    scored = [_scores(model) for model in models]
    scores = _rows(scored, {**dict.fromkeys(scored[0], SCORE_DECIMALS), _SECONDS: 1})
    searched = _rows([{name: model.values.get(name) for name in results.hyperparameters} for model in models], {})
    heads = [f"{comparison.test_examples} test examples", "baseline", f"tuned (trial {chosen.id})"]
    table = pd.DataFrame([*scores, *searched], columns=heads)
    latex = table.style.hide(axis="index").to_latex(hrules=True, column_format="lrr")
    head, _, body = latex.partition(_MIDRULE)
    lines = body.splitlines(keepends=True)
    parts = [_COMMENT, head, _MIDRULE, *lines[: len(scores)], _MIDRULE, *lines[len(scores) :]]
    path.write_text("".join(parts), encoding="utf-8")
    return path


def _rows(models: Sequence[Mapping[str, Any]], decimals: Mapping[str, int]) -> list[list[str]]:
    """Return one row of cells for each key of the models."""
    return [[escaped(name), *cells([model[name] for model in models], decimals.get(name))] for name in models[0]]


def _scores(model: ModelScores) -> dict[str, float]:
    return {
        **model.all_scores,
        "parameters": model.parameters,
        "epochs": model.epochs,
        _SECONDS: model.seconds,
    }
