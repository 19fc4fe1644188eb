"""All plots of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import optuna

from toonvision.record import reading
from toonvision.record.results import Results
from toonvision.report.page.contour_figure import contour_data, contour_figure, contour_pairs, thinned
from toonvision.report.page.figure import Figure, pruned_score
from toonvision.report.page.head_figures import best_figure, roles_data, roles_figure
from toonvision.report.page.hyperparameter_figures import (
    importance_figure,
    importances,
    slice_data,
    slice_figure,
    too_few_scores,
)
from toonvision.report.page.model_figures import final_curves, trial_curves
from toonvision.report.page.path_figure import path_figure
from toonvision.report.page.prediction_figures import Section, prediction_figures
from toonvision.report.page.search_figures import (
    history_data,
    history_figure,
    pareto_data,
    pareto_figure,
    timeline_data,
    timeline_figure,
)
from toonvision.report.path import earned
from toonvision.verdict.predictions import Predictions


@dataclass(frozen=True, slots=True)
class HyperparameterFigures:
    """The plots of the hyperparameters.

    Attributes:
        names: the most important one first, if that is known.
        trials: the number of completed trials that they are from.
    """

    names: list[str]
    trials: int
    importance: Figure
    slices: list[Figure]
    contours: list[Figure]


@dataclass(frozen=True, slots=True)
class Figures:
    """The plots in the order of the page; None where a run has no such section."""

    head: list[Figure]
    path: Figure | None
    hyperparameters: HyperparameterFigures
    history: Figure
    pareto: Figure | None
    trial_curves: Figure
    final_curves: Figure | None
    timeline: Figure
    predictions: list[Section]

    def __iter__(self) -> Iterator[Figure]:
        """Yield every plot."""
        searched = self.hyperparameters
        single = (self.path, searched.importance, self.history, self.pareto, self.trial_curves, self.final_curves)
        yield from (figure for figure in (*self.head, *single, self.timeline) if figure is not None)
        yield from (*searched.slices, *searched.contours, *(f for section in self.predictions for f in section.figures))


def figures(results: Results, predictions: Predictions | None) -> Figures:
    """Draw what a run has so far."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # Optuna announces each study that is made in memory
    study = reading.load_study(results.config.storage, results.directory)
    objective = results.config.objective
    statuses = {trial.number: trial.status for trial in results.trials}
    steps, comparison = earned(results), results.comparison
    history = history_data(results.trials, objective)
    head = [roles_figure(roles_data(comparison.verdict)) if comparison else None, best_figure(history, objective.name)]
    return Figures(
        head=[figure for figure in head if figure is not None],
        path=path_figure(steps, objective.name) if steps else None,
        hyperparameters=_hyperparameter_figures(results, study),
        history=history_figure(history, objective.name),
        pareto=pareto_figure(pareto_data(results)) if objective.also else None,
        trial_curves=trial_curves(results),
        final_curves=final_curves(comparison) if comparison else None,
        timeline=timeline_figure(timeline_data(study.get_trials(deepcopy=False), statuses)),
        predictions=prediction_figures(predictions) if predictions else [],
    )


def _hyperparameter_figures(results: Results, study: optuna.Study) -> HyperparameterFigures:
    objective = results.config.objective
    completed = [trial for trial in results.completed if results.is_within(trial)]
    space, names = results.config.search_space, results.hyperparameters
    too_few = too_few_scores(completed)
    if too_few:
        importance, one_by_one, two_by_two = (
            Figure(name, missing=too_few) for name in ("importance", "slice", "contour")
        )
        return HyperparameterFigures(names, len(completed), importance, [one_by_one], [two_by_two])
    pruned = [trial for trial in results.trials if pruned_score(trial) is not None and results.is_within(trial)]
    shares, sample = importances(study, names), thinned(completed)
    names = list(shares) or names
    contours = [
        contour_figure(contour_data(sample, pair, space, objective=objective)) for pair in contour_pairs(sample, names)
    ]
    return HyperparameterFigures(
        names=names,
        trials=len(completed),
        importance=importance_figure(shares, objective.name),
        slices=[slice_figure(slice_data([*completed, *pruned], name, space[name], objective.name)) for name in names],
        contours=contours or [Figure("contour", missing="This needs two hyperparameters with different values.")],
    )
