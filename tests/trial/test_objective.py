"""One objective or several: what is recorded, what the sampler receives, and the Pareto front that is reported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from rich.console import Console

from tests import simulation
from toonvision.config.node import Node
from toonvision.oracle import create_oracle, propose, tell
from toonvision.report import summary, terminal
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import Outcome, TrialStatus

TWO = Objective(name="val_loss", direction="min", also={"val_accuracy": "max", "parameters": "min"})
OUTCOME = Outcome(TrialStatus.COMPLETED, 0.5, metrics={"val_loss": 0.5, "val_accuracy": 0.9}, parameters=70)


def test_the_first_objective_comes_first() -> None:
    assert list(TWO.directions.items()) == [("val_loss", "min"), ("val_accuracy", "max"), ("parameters", "min")]


@pytest.mark.parametrize(("direction", "best"), [("min", 0.1), ("max", 0.9)])
def test_scores_are_compared_in_one_place(direction: Direction, best: float) -> None:
    objective, scores = Objective(name="score", direction=direction), [0.5, 0.1, 0.9]
    assert objective.best(scores) == best
    assert all(objective.is_better(best, score) for score in scores if score != best)
    assert not objective.is_better(best, best)
    assert [objective.cost(objective.cost(score)) for score in scores] == scores


def test_further_objectives_are_metrics_and_parameters() -> None:
    assert TWO.reached(OUTCOME) == [0.5, 0.9, 70.0]


@pytest.mark.parametrize(
    "outcome",
    [
        replace(OUTCOME, score=None),
        replace(OUTCOME, parameters=None),
        replace(OUTCOME, metrics={"val_loss": 0.5}),
        replace(OUTCOME, metrics={"val_accuracy": float("nan")}),
    ],
)
def test_what_lacks_an_objective_has_reached_nothing(outcome: Outcome) -> None:
    assert TWO.reached(outcome) is None


@pytest.mark.parametrize(
    ("points", "directions", "front"),
    [
        ([], ["min"], []),
        ([[2.0], [1.0], [1.0]], ["min"], [1, 2]),
        ([[1.0, 9.0], [2.0, 5.0], [3.0, 5.0], [3.0, 1.0], [4.0, 2.0]], ["min", "min"], [0, 1, 3]),
        ([[1.0, 9.0], [2.0, 5.0], [3.0, 10.0]], ["min", "max"], [0, 2]),
    ],
)
def test_a_point_to_which_another_is_better_is_not_on_the_front(
    points: list[list[float]], directions: list[Direction], front: list[int]
) -> None:
    also = {str(number): direction for number, direction in enumerate(directions[1:])}
    assert Objective(name="score", direction=directions[0], also=also).non_dominated(points) == front


@pytest.mark.parametrize(("tuner", "infeasible"), [("TPESampler", [None, None]), ("NSGAIISampler", [[0.5, 0.9, 90.0]])])
def test_a_sampler_is_told_every_objective(tuner: str, infeasible: list[list[float] | None]) -> None:
    sampler = {"_target_": f"optuna.samplers.{tuner}", "seed": 1}
    space = {"n": {"hp": "Int", "min_value": 1, "max_value": 9}}
    target = "toonvision.oracle.sampler.SamplerOracle"
    oracle = create_oracle(Node(target, {"sampler": sampler, "max_trials": 4, "seed": 1}), space, TWO)
    for outcome in (OUTCOME, replace(OUTCOME, score=0.4, parameters=90), Outcome(TrialStatus.INFEASIBLE, error="x")):
        tell(oracle, propose(oracle, 0).trial_id, outcome)
    assert [d.name for d in oracle.study.directions] == ["MINIMIZE", "MAXIMIZE", "MINIMIZE"]
    assert [t.values for t in oracle.study.trials] == [[0.5, 0.9, 70.0], [0.4, 0.9, 90.0], *infeasible]


def test_an_oracle_of_keras_tuner_is_told_the_first_objective() -> None:
    tuner = Node("keras_tuner.oracles.RandomSearchOracle", {"max_trials": 2, "seed": 1})
    oracle = create_oracle(tuner, {"n": {"hp": "Int", "min_value": 1, "max_value": 9}}, TWO)
    proposal = propose(oracle, 0)
    tell(oracle, proposal.trial_id, OUTCOME)
    assert oracle.get_trial(proposal.trial_id).score == 0.5
    assert oracle.get_trial(proposal.trial_id).metrics.exists("parameters") is False


def test_a_run_reports_its_pareto_front(tmp_path: Path) -> None:
    overrides = ("objective=val_loss_and_parameters", "tuner=nsga2", "tuner.max_trials=5", "storage=sqlite")
    results = simulation.run(tmp_path / "run", *overrides)
    front = results.pareto_front()
    assert front[0] == results.best(1)[0]
    sizes = [simulation.size(trial) for trial in front]
    assert sizes == sorted(sizes, reverse=True)
    content = json.loads((results.directory / summary.SUMMARY).read_text())
    assert [entry["trial_id"] for entry in content["pareto_front"]] == [trial.id for trial in front]
    assert content["pareto_front"][0]["parameters"] == sizes[0]
    console = Console(record=True, width=200)
    terminal.show(results, console)
    assert "Pareto front" in console.export_text()
    study = optuna.load_study(study_name="toonvision", storage=f"sqlite:///{results.directory}/study.db")
    assert {f"{trial.number:04d}" for trial in study.best_trials} == {trial.id for trial in front}
    assert study.metric_names == ["val_loss", "parameters"]


def test_a_run_with_one_objective_has_no_front_to_report(tmp_path: Path) -> None:
    finished = simulation.run(tmp_path / "run", "tuner.max_trials=2")
    assert json.loads((finished.directory / summary.SUMMARY).read_text())["pareto_front"] is None
    console = Console(record=True, width=200)
    terminal.show(finished, console)
    assert "Pareto" not in console.export_text()
