"""`trials.tex`: a table of all trials for the appendix of an article, the best one first.

Column names are rotated, so that eleven hyperparameters fit on a page. Columns that do not fit follow in another table
of the same trials. For the main text, an author takes the first lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from toonvision.record.results import Results
from toonvision.report.latex import SCORE_DECIMALS, cells, escaped, visible
from toonvision.trial.trial import TrialStatus

_COMMENT = r"""% All trials, the best one first. Written by toonvision; to write it again: toonvision report RUN
% In the preamble: \usepackage[T1]{fontenc} \usepackage{booktabs,graphicx,longtable}
% In the text: \input{trials}, within \onecolumn. Non-Latin letters need LuaLaTeX and a font that has them.
"""
_CAPTION = (
    "All trials of the search, the best one first. Trials that did not complete have a status instead of a score. A "
    "dash is a missing value."
)
_TEXT_WIDTH = 345.0  # points, of the class article at 10 pt
_CHARACTER = 4.25  # points, a digit in \footnotesize
_LINE = 9.5  # points, the height of a line of \footnotesize, which is the width of a rotated name
_GAP = 2.0  # points, on either side of a column


def write(results: Results, directory: Path) -> Path:
    """Write the score, validation metrics, hyperparameters and costs of every trial.

    `trials.csv` has training metrics and errors, too.
    """
    table, text = _table(results)
    parts = list(_parts(table, repeated=list(table.columns[:2])))
    longtables = [
        part.rename(columns=r"\rotatebox{{90}}{{{}}}".format)
        .style.hide(axis="index")
        .to_latex(
            environment="longtable",
            hrules=True,
            column_format="".join("l" if name in text else "r" for name in part),
            caption=_CAPTION if len(parts) == 1 else f"{_CAPTION} Part {number} of {len(parts)}.",
            label="tab:trials" if number == 1 else f"tab:trials-{number}",
        )
        for number, part in enumerate(parts, start=1)
    ]
    path = directory / "trials.tex"
    size = rf"\footnotesize\setlength{{\tabcolsep}}{{{_GAP}pt}}"
    path.write_text("\n".join([f"{_COMMENT}{{{size}", *longtables, "}\n"]), encoding="utf-8")
    return path


def _table(results: Results) -> tuple[pd.DataFrame, list[str]]:
    """Return all cells, with the columns trial id and score first, and the names of the text columns."""
    objective, *also = results.config.objective.directions
    shown = [name for name in results.metrics if name != objective and (name in also or name.startswith("val_"))]
    hidden = [*(name for name in results.metrics if name not in shown), "error"]
    hidden += ["source"] if results.has_known_points else []
    frame = results.to_frame().drop(columns=hidden)
    place = {trial.id: place for place, trial in enumerate(results.best())}
    frame = frame.iloc[sorted(range(len(frame)), key=lambda row: place.get(results.trials[row].id, len(place)))]
    # These names clash with no hyperparameter, whose name has no space.
    names = {"trial_id": "trial id", "score": _readable(objective), **{name: _readable(name) for name in shown}}
    decimals = {**dict.fromkeys(("score", *shown), SCORE_DECIMALS), "seconds": 1}
    columns = {name: cells(frame[name].tolist(), decimals.get(name)) for name in map(str, frame)}
    statuses = columns.pop("status")
    columns["score"] = [
        score if status == TrialStatus.COMPLETED else status.lower()
        for score, status in zip(columns["score"], statuses, strict=True)
    ]
    text = [escaped(names.get(name, name)) for name in columns if frame[name].dtype == "string"]
    return pd.DataFrame({escaped(names.get(name, name)): column for name, column in columns.items()}), text


def _parts(table: pd.DataFrame, repeated: list[str]) -> Iterator[pd.DataFrame]:
    """Yield tables of at most the width of the text, each of which begins with the repeated columns."""
    widths = {
        name: max([_LINE, *(_CHARACTER * visible(cell) for cell in table[name])]) + 2 * _GAP for name in table.columns
    }
    room = _TEXT_WIDTH - sum(widths[name] for name in repeated)
    part: list[str] = []
    for name in (name for name in table.columns if name not in repeated):
        if part and sum(widths[column] for column in (*part, name)) > room:
            yield table[[*repeated, *part]]
            part = []
        part.append(name)
    yield table[[*repeated, *part]]


def _readable(metric: str) -> str:
    """Return the name of a metric in two or more words."""
    return f"validation {metric.removeprefix('val_')}" if metric.startswith("val_") else f"training {metric}"
