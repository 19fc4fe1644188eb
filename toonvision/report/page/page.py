"""Writing the page: data, plots, templates and scripts in one file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import itables.options

from toonvision.errors import DatasetError
from toonvision.health import Status, health_cards
from toonvision.record.results import Results
from toonvision.report.choice import choice, ranked
from toonvision.report.page.column import trial_table
from toonvision.report.page.contour_figure import CONTOUR_TRIALS
from toonvision.report.page.document import document, joined
from toonvision.report.page.figures import Figures, figures
from toonvision.report.page.prediction_view import SHOWN, PredictionView, prediction_view
from toonvision.report.page.theme import BEST, STATUS_SYMBOLS, WITHOUT_SCORE, WORST, templates
from toonvision.report.page.value_view import ValueView, value_view
from toonvision.report.path import TITLE, earned, meaning
from toonvision.verdict import predictions as stored_predictions
from toonvision.verdict import sentences
from toonvision.verdict.predictions import ROLES, Predictions

# Joined to one module in this order.
_SCRIPTS = ("state.js", "table.js", "near.js", "plots.js", "controls.js", "start.js")
_IN_MATRIX = 3  # the most important hyperparameters, in addition to the score


def write(results: Results, directory: Path) -> Path:
    """Write `index.html`, which shows all that a run has so far and fetches nothing."""
    path = directory / "index.html"
    path.write_text(render(results), encoding="utf-8", errors="replace")  # a file name may be no UTF-8
    return path


def render(results: Results, *, live: str = "") -> str:
    """Return the page as HTML.

    Args:
        results: of the run.
        live: a script for a page that is served, which may fetch from its server; it runs after the page is drawn.
    """
    predictions, without_predictions = _predictions(results)
    drawn, steps, comparison = figures(results, predictions), earned(results), results.comparison
    cards = health_cards(results)
    content = {
        "results": results,
        "state": results.state,
        "comparison": comparison,
        "verdict": sentences(comparison) if comparison else None,
        "warnings": [card for card in cards if card.status is Status.WARNING],
        "passes": [card for card in cards if card.status is Status.PASSED],
        "counts": results.counts(),
        "unscored": _unscored(results),
        "contour_trials": CONTOUR_TRIALS,
        "best": results.best(1),
        "chosen": results.chosen(),
        "figures": drawn,
        "steps": steps,
        "path_title": TITLE,
        "meaning": meaning(results) if steps else None,
        "finalists": ranked(results),
        "choice": choice(results),
        "view": _view(results, predictions) if predictions else None,
        "without_predictions": without_predictions,
        "roles": ROLES,
        "shown": SHOWN,
        "data": _data(results, drawn),
    }
    scripts = {"datatables": _datatables(), "page": "\n".join([joined(*_SCRIPTS), live])}
    connections = "'self'" if live else "'none'"
    return document("page.html.jinja", scripts=scripts, content=content, connections=connections)


def _predictions(results: Results) -> tuple[Predictions | None, str | None]:
    """Return the predictions of the two models, or why there are none."""
    comparison = results.comparison
    if comparison is None:
        return None, "The models have not been compared."
    scores = {"baseline": comparison.verdict.baseline, "tuned": comparison.verdict.tuned}
    thresholds = {role: one.threshold for role, one in scores.items() if one.threshold is not None}
    try:
        predictions = stored_predictions.load(results.directory, thresholds)
    except DatasetError as error:
        return None, str(error)
    if predictions is None:
        return None, "This run has no models/predictions.csv: an earlier version of toonvision made it."
    return predictions, None


def _view(results: Results, predictions: Predictions) -> PredictionView | ValueView:
    return value_view(predictions) if predictions.has_values else prediction_view(results, predictions)


def _data(results: Results, drawn: Figures) -> dict[str, Any]:
    """Return the data of the page's scripts."""
    table = trial_table(results)
    searched = [column.name for column in table.hyperparameters]
    shown = [*table.hyperparameters, *table.costs, *reversed(table.outcomes)]
    return {
        "columns": [asdict(column) for column in table.columns],
        "order": [*(column.name for column in shown if column.name != "score"), "score"],
        "parallel": [*searched, "parameters", "score"],
        "matrix": [*[name for name in drawn.hyperparameters.names if name in searched][:_IN_MATRIX], "score"],
        "colors": _ranks(results),
        "symbols": STATUS_SYMBOLS,
        "descending": results.config.objective.direction == "max",
        "figures": {figure.name: {"data": figure.data, "layout": figure.layout} for figure in drawn},
        "templates": templates(),
    }


def _unscored(results: Results) -> list[str]:
    """Return the number of trials without a score by how they ended, such as `3 failed`."""
    counts = Counter(trial.ending for trial in results.trials if trial.outcome.score is None)
    return [f"{count:,} {ending}" for ending, count in sorted(counts.items())]


def _ranks(results: Results) -> list[float]:
    """Return the position of each trial on the colour scale, by the rank of its score, which is robust to outliers."""
    cost = results.config.objective.cost
    scored = [trial for trial in results.trials if trial.outcome.score is not None]
    scored.sort(key=lambda trial: cost(trial.outcome.score or 0.0))
    step = (BEST - WORST) / max(1, len(scored) - 1)
    rank = {trial.number: BEST - step * index for index, trial in enumerate(scored)}
    return [round(rank.get(trial.number, WITHOUT_SCORE), 4) for trial in results.trials]


def _datatables() -> str:
    """Return DataTables from ITables, with its default export as a global, because a page on disk cannot import."""
    module = Path(itables.options.dt_bundle).read_text(encoding="utf-8")
    name = module.rpartition(" as default")[0].rpartition(",")[2]
    return f"{module}\nwindow.DataTable = {name};\n"
