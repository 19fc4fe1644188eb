"""How much each hyperparameter matters, and the scores over its values.

As in Optuna's visualization modules, one function returns the data of a plot and another one draws them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import optuna
import plotly.graph_objects as go
from optuna.study import StudyDirection

from toonvision.report.page.figure import HOVER, Figure, drawn, literal, pruned_marker, pruned_score
from toonvision.search_space.space import possible_values
from toonvision.trial.trial import Trial, TrialStatus

_MIN_SCORES = 2  # different scores, at least, to compare hyperparameters
_FEW_VALUES = 8  # whole numbers, at most, that are the ticks themselves


class Slice(NamedTuple):
    """The scores over one hyperparameter.

    Attributes:
        name: of the hyperparameter.
        objective: its name.
        ids: of the completed trials in which the hyperparameter is active.
        values: of the hyperparameter, one for each id; of a choice, as text.
        scores: one for each id.
        categories: all values of a choice as text, in order; empty for a number.
        is_log: whether the axis is logarithmic.
        pruned: of the pruned trials with a score, by id: the value, and the best score until the trial was stopped.
    """

    name: str
    objective: str
    ids: list[str]
    values: list[Any]
    scores: list[float]
    categories: list[str]
    is_log: bool
    pruned: dict[str, tuple[Any, float]]


def too_few_scores(trials: Sequence[Trial]) -> str | None:
    """Return why hyperparameters cannot be plotted; None if they can.

    Args:
        trials: the completed ones.
    """
    count = len({trial.outcome.score for trial in trials})
    if count >= _MIN_SCORES:
        return None
    return f"This needs at least {_MIN_SCORES} completed trials with different scores; there are {count}."


def importances(study: optuna.Study, names: Sequence[str]) -> dict[str, float]:
    """Return Optuna's importance of each hyperparameter for the first objective, the most important one first.

    Args:
        study: the record of the search, with completed trials of different scores.
        names: of all hyperparameters; those of equal importance keep this order.
    """
    sign = -1 if study.directions[0] is StudyDirection.MAXIMIZE else 1  # a target is minimized
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # about few trials, and about the sign
        shares = optuna.importance.get_param_importances(study, target=lambda trial: sign * trial.values[0])
    return {name: shares[name] for name in sorted(shares, key=lambda name: (-shares[name], names.index(name)))}


def importance_figure(shares: Mapping[str, float], objective: str) -> Figure:
    """Draw a bar for each hyperparameter, the most important one at the top."""
    if not shares:
        return Figure("importance", missing="All completed trials have the same values.")
    names, values = list(shares)[::-1], list(shares.values())[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=values,
        y=names,
        orientation="h",
        text=[f"{value:.2f}" if value >= 0.01 else "<0.01" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.3~r}<extra></extra>",
    )
    figure.update_layout(xaxis={"title": "share of the variation", "range": [0, 1.12 * (values[-1] or 1.0)]})
    listed = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    return drawn("importance", figure, summary=f"Importance for {objective}: {listed}.")


def slice_data(trials: Sequence[Trial], name: str, entry: Mapping[str, Any], objective: str) -> Slice:
    """Return the scores over one hyperparameter.

    Args:
        trials: the completed ones, and pruned ones.
        name: of the hyperparameter.
        entry: of the hyperparameter in the search space.
        objective: its name.
    """
    having = [trial for trial in trials if name in trial.values]
    active = [trial for trial in having if trial.status is not TrialStatus.PRUNED]
    categories = [] if entry["hp"] in ("Int", "Float") else list(possible_values(entry) or ())
    if categories and not isinstance(categories[0], str):
        categories.sort()

    def place(trial: Trial) -> Any:
        return str(trial.values[name]) if categories else trial.values[name]

    pruned = {trial.id: (place(trial), score) for trial in having if (score := pruned_score(trial)) is not None}
    return Slice(
        name=name,
        objective=objective,
        ids=[trial.id for trial in active],
        values=[place(trial) for trial in active],
        scores=[trial.outcome.score or 0.0 for trial in active],
        categories=[str(category) for category in categories],
        is_log=entry.get("sampling") == "log",
        pruned=pruned,
    )


def slice_figure(data: Slice) -> Figure:
    """Draw a point for each trial, those of pruned trials apart."""
    figure = go.Figure()
    pruned = [value for value, _ in data.pruned.values()]
    figure.add_scatter(
        x=[literal(value) for value in data.values] if data.categories else data.values,
        y=data.scores,
        name="completed",
        mode="markers",
        customdata=data.ids,
        hovertemplate=HOVER,
        marker={"size": 7, "opacity": 0.75},
    )
    if pruned:
        figure.add_scatter(
            x=[literal(value) for value in pruned] if data.categories else pruned,
            y=[score for _, score in data.pruned.values()],
            name="pruned",
            mode="markers",
            customdata=list(data.pruned),
            hovertemplate=HOVER,
            marker=pruned_marker(),
        )
    figure.update_layout(showlegend=bool(pruned), xaxis_title=data.name, yaxis_title=literal(data.objective))
    if data.categories:
        order = [literal(category) for category in data.categories]
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=order)
    else:
        figure.update_xaxes(type="log" if data.is_log else None, tickvals=ticks([*data.values, *pruned]))
    summary = f"{data.objective} over {data.name}, one point for each completed or pruned trial."
    return drawn(f"slice-{data.name}", figure, title=data.name, summary=summary)


def ticks(values: Sequence[Any]) -> list[int] | None:
    """Return the different values where these are a few whole numbers; None for Plotly's ticks."""
    different = set(values)
    is_few = len(different) <= _FEW_VALUES and all(type(value) is int for value in different)
    return sorted(different) if is_few and different else None
