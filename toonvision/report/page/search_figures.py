"""How the search went and what it found out about the hyperparameters: Optuna's plots of the record."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import optuna
import plotly.graph_objects as go
from optuna import visualization
from optuna.trial import FrozenTrial, TrialState

from toonvision.record.results import Results
from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.page.theme import STATUS_PATTERNS, SYMBOLS
from toonvision.trial.objective import directions
from toonvision.trial.trial import trial_id

_ENOUGH = 2  # completed trials with different scores, below which nothing can be said of hyperparameters
_FOR_CONTOURS = 4  # the most important hyperparameters, and thus six pairs
CONTOUR_TRIALS = 150  # a contour has a row and a column for every different value
_FRONT_AXES = (2, 3)  # objectives that Optuna's Pareto front can show
_FEW = 8  # values that are the ticks themselves
_HOVER = "trial %{customdata}<br>%{xaxis.title.text}: %{x}<br>%{yaxis.title.text}: %{y}<extra></extra>"


class SearchFigures:
    """Makes the plots of one search.

    Args:
        results: of the run.
        study: its record.
    """

    def __init__(self, results: Results, study: optuna.Study) -> None:
        self._results, self._whole = results, study
        self._objectives = directions(results.config["objective"])
        self._objective = next(iter(self._objectives))
        self._study = study if len(self._objectives) == 1 else _of_first_objective(study)
        self._completed = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        self._missing = self._too_few()
        self.importances = self._importances()

    def _too_few(self) -> str | None:
        scores = {trial.values[0] for trial in self._completed}
        if len(scores) >= _ENOUGH:
            return None
        return f"It takes at least {_ENOUGH} completed trials with different scores; {len(scores)} so far."

    def _importances(self) -> dict[str, float]:
        if self._missing:
            return {}
        with _few_trials_allowed():
            return optuna.importance.get_param_importances(self._study)

    @property
    def most_important(self) -> list[str]:
        """The searched hyperparameters, the most important first; as declared if that is not known."""
        return list(self.importances) or self._results.hyperparameters

    def importance(self) -> Figure:
        """Return the bars of the importances."""
        if not self.importances:
            return Figure("importance", missing=self._missing or "All completed trials have the same values.")
        with _few_trials_allowed():
            figure = visualization.plot_param_importances(
                self._study, params=list(self.importances), target_name=literal(self._objective)
            )
        figure.update_layout(xaxis_title="share of the variation", yaxis_title=None, showlegend=False)
        figure.update_layout(xaxis_range=[0, 1.12 * (max(self.importances.values()) or 1.0)])
        shares = ", ".join(f"{name} {share:.2f}" for name, share in self.importances.items())
        return drawn("importance", figure, summary=f"Importance for {self._objective}: {shares}.")

    def slices(self) -> list[Figure]:
        """Return for each hyperparameter the scores over its values, the most important one first."""
        if self._missing:
            return [Figure("slice", missing=self._missing)]
        return [self._slice(name) for name in self.most_important]

    def _slice(self, name: str) -> Figure:
        figure = visualization.plot_slice(self._study, [name], target_name=literal(self._objective))
        for trace in figure.data:
            trace.customdata = [trial_id(number) for number in trace.marker.color or ()]
            trace.marker = {"size": 7, "opacity": 0.75}
            trace.update(hovertemplate=_HOVER, showlegend=False)
            if trace.x and isinstance(trace.x[0], str):
                trace.x = [literal(x) for x in trace.x]
        if labels := figure.layout.xaxis.categoryarray:
            figure.update_xaxes(categoryarray=[literal(label) for label in _in_order(labels)])
        else:
            figure.update_xaxes(self._ticks(name))
        return drawn(f"slice-{name}", figure, title=name, summary=f"{self._objective} over {name}, a point a trial.")

    def contours(self) -> list[Figure]:
        """Return for the pairs of the most important hyperparameters which regions are good."""
        names = [name for name in self.most_important if len(self._values(name)) > 1][:_FOR_CONTOURS]
        if self._missing or len(names) < 2:
            reason = self._missing or "It takes two hyperparameters with different values."
            return [Figure("contour", missing=reason)]
        thinned = _thinned(self._study, self._completed)
        return [figure for pair in itertools.combinations(names, 2) if (figure := self._contour(thinned, pair))]

    def _contour(self, study: optuna.Study, pair: tuple[str, str]) -> Figure | None:
        x, y = sorted(pair)  # as Optuna does
        if not any(x in trial.params and y in trial.params for trial in self._completed):
            return None  # each exists where the other does not
        figure = visualization.plot_contour(study, [x, y], target_name=literal(self._objective))
        contour, points, *_ = figure.data
        figure = go.Figure([contour, points], figure.layout)
        contour, points = figure.data
        contour.update(colorscale=None, reversescale=self._objectives[self._objective] == "max")
        contour.update(colorbar={"title": None, "thickness": 8, "outlinewidth": 0})
        points.marker = {"size": 4, "color": "rgba(128,128,128,0.35)", "line": {"width": 1, "color": "gray"}}
        points.update(hoverinfo="skip")
        for axis, name in ((figure.layout.xaxis, x), (figure.layout.yaxis, y)):
            axis.update({"showgrid": False, "zeroline": False, **self._ticks(name)})
        return drawn(
            f"contour-{x}-{y}", figure, title=f"{x} and {y}", summary=f"{self._objective} by {x} and {y}, interpolated."
        )

    def _ticks(self, name: str) -> dict[str, Any]:
        """Ticks at the values, where these are a few whole numbers."""
        values = self._values(name)
        is_few = len(values) <= _FEW and all(type(value) is int for value in values)
        return {"tickvals": sorted(values)} if is_few else {}

    def _values(self, name: str) -> set[Any]:
        return {trial.params[name] for trial in self._completed if name in trial.params}

    def history(self) -> Figure:
        """Return the scores in the order of the trials."""
        if not self._completed:
            return Figure("history", missing="No trial has completed.")
        figure = visualization.plot_optimization_history(self._study, target_name=literal(self._objective))
        figure = go.Figure([trace for trace in figure.data if trace.x], figure.layout)
        scores, *best = figure.data
        scores.update(customdata=[trial_id(number) for number in scores.x], hovertemplate=_HOVER, name="a trial")
        scores.marker = {"size": 7, "opacity": 0.75}
        for line in best:
            line.update(name="the best so far", line={"shape": "hv", "width": 2}, hoverinfo="skip")
        figure.update_layout(xaxis={"title": "trial", "tickformat": "04d"})
        return drawn("history", figure, summary=f"{self._objective} of the completed trials, and the best so far.")

    def timeline(self) -> Figure:
        """Return when each trial ran, by status."""
        if not self._results.trials:
            return Figure("timeline", missing="No trial has begun.")
        bars = [bar for trace in visualization.plot_timeline(self._study).data for bar in _bars(trace)]
        figure = go.Figure(layout={"barmode": "overlay", "showlegend": True})
        statuses = {trial.number: trial.status for trial in self._results.trials}
        for status, pattern in STATUS_PATTERNS.items():
            of_status = [bar for bar in bars if statuses.get(bar[0]) is status]
            if of_status:
                numbers, begun, milliseconds = zip(*of_status, strict=True)
                figure.add_bar(
                    y=numbers,
                    base=begun,
                    x=milliseconds,
                    width=0.8,
                    orientation="h",
                    name=status.value.lower(),
                    customdata=[trial_id(number) for number in numbers],
                    hovertemplate="trial %{customdata}<extra></extra>",
                    marker={"pattern": {"shape": pattern, "fillmode": "overlay", "size": 6}, "line": {"width": 0}},
                )
        figure.update_xaxes(type="date")
        figure.update_yaxes(title="trial", tickformat="04d", autorange="reversed")
        return drawn("timeline", figure, summary="When each trial began and ended, by status.")

    def pareto_front(self) -> Figure | None:
        """Return the trials by all objectives, those on the front marked; None if there is one objective."""
        names = list(self._objectives)
        if len(names) == 1:
            return None
        if len(names) not in _FRONT_AXES or not self._completed:
            reason = f"It can be drawn for two or three objectives; there are {len(names)}."
            return Figure("pareto", missing="No trial has completed." if not self._completed else reason)
        figure = visualization.plot_pareto_front(
            self._whole, target_names=[literal(name) for name in names], include_dominated_trials=True
        )
        figure.data = [trace for trace in figure.data if len(trace.x)]
        for trace, symbol in zip(figure.data, SYMBOLS, strict=False):
            is_front = "Best" in trace.hovertemplate
            trace.customdata = [trial_id(int(_number_in(text))) for text in trace.text]
            trace.update(text=None, name="on the front" if is_front else "not on the front", showlegend=True)
            trace.update(hovertemplate=_HOVER if len(names) == min(_FRONT_AXES) else "trial %{customdata}")
            trace.marker = {"symbol": symbol, "size": 9 if is_front else 6, "opacity": 0.8}
        return drawn("pareto", figure, summary=f"Trials by {' and '.join(names)}; those on the Pareto front marked.")


def _few_trials_allowed() -> AbstractContextManager[object]:
    """Optuna warns of an estimate from few trials, which every search begins with; the page calls it an estimate."""
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def _of_first_objective(study: optuna.Study) -> optuna.Study:
    """Return the study as if it had the first objective only, by which trials are ranked."""
    trials = study.get_trials()
    for trial in trials:
        if trial.values:
            trial.values = trial.values[:1]
    single = optuna.create_study(direction=study.directions[0])
    single.add_trials(trials)
    return single


def _in_order(labels: Sequence[str]) -> list[str]:
    """Numbers from low to high, other choices as declared."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return list(labels)


def _number_in(hovertext: str) -> str:
    """The trial's number in Optuna's text, which is JSON with line breaks of HTML: `{<br>  "number": 7, ...`."""
    return hovertext.partition('"number": ')[2].partition(",")[0]


def _bars(trace: go.Bar) -> list[tuple[int, str, float]]:
    return list(zip(trace.y, trace.base, trace.x, strict=True))


def _thinned(study: optuna.Study, completed: Sequence[FrozenTrial]) -> optuna.Study:
    """Return a study of evenly spaced trials where there are too many for a contour."""
    if len(completed) <= CONTOUR_TRIALS:
        return study
    thinned = optuna.create_study(direction=study.direction)
    step = len(completed) / CONTOUR_TRIALS
    thinned.add_trials([completed[int(index * step)] for index in range(CONTOUR_TRIALS)])
    return thinned
