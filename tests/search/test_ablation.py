"""The path from the baseline to the chosen values: which steps there are, and that each is trained once."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import toonvision
from tests import simulation
from tests.simulation import FAILED, INFEASIBLE, Failing, SimulatedTrials, chosen, cut_off, resume, smooth
from toonvision.config.compose import compose
from toonvision.record.results import Results
from toonvision.record.run_state import Step
from toonvision.report import terminal
from toonvision.search.ablation import SHIFT, plan_steps
from toonvision.search_space.space import complete
from toonvision.trial.trial import Outcome, TrialStatus
from toonvision.verdict.test_looks import read_looks

DEEP: dict[str, Any] = {
    "n_blocks": {"hp": "Int", "min_value": 1, "max_value": 3},
    "size": {"hp": "Int", "min_value": 1, "max_value": 9},
    "second": {"hp": "Int", "min_value": 1, "max_value": 9, "when": {"n_blocks": [2, 3]}},
    "kind": {"hp": "Choice", "values": ["a", "b"], "when": {"n_blocks": [3]}},
    "third": {"hp": "Int", "min_value": 1, "max_value": 9, "when": {"n_blocks": [3], "kind": ["b"]}},
    "rate": {"hp": "Float", "min_value": 0.0, "max_value": 1.0},
    "optimizer": "Adam",
}
BASELINE = {"n_blocks": 1, "size": 1, "second": None, "rate": 0.1, "optimizer": "SGD"}
REAL = (
    "executor=inline",
    *("dataset=breast_cancer", "model=mlp", "training.epochs=1", "training.retrain={epochs:1,seeds:1}"),
    *("report.formats.page=null", "tuner=random_search", "pruner=none", "tuner.max_trials=2"),
    "finalists.count=0",
)
PATH = ("tuner.max_trials=8", "path.seeds=2")


def planned(chosen: dict[str, Any], importance: dict[str, float], baseline: dict[str, Any] = BASELINE) -> list[Step]:
    return plan_steps(DEEP, baseline, chosen=complete(DEEP, chosen), importance=importance, seeds=2)


def names(steps: list[Step]) -> list[list[str]]:
    return [list(step.changes) for step in steps]


def test_the_most_important_change_comes_first() -> None:
    chosen = {"n_blocks": 1, "size": 5, "rate": 0.3}
    steps = planned(chosen, {"rate": 0.6, "size": 0.3, "n_blocks": 0.1})
    assert names(steps) == [[], ["rate"], ["size"], ["optimizer"]]
    assert steps[0].values == complete(DEEP, BASELINE)
    assert [step.changes for step in steps[1:3]] == [{"rate": (0.1, 0.3)}, {"size": (1, 5)}]
    assert steps[1].values == {**complete(DEEP, BASELINE), "rate": 0.3}
    assert steps[-1].values == complete(DEEP, chosen)


def test_where_the_importance_is_unknown_the_order_is_that_of_the_space() -> None:
    assert names(planned({"n_blocks": 1, "size": 5, "rate": 0.3}, {})) == [[], ["size"], ["rate"], ["optimizer"]]


def test_what_a_condition_depends_on_comes_before_it_however_important_it_is() -> None:
    baseline = {"n_blocks": 2, "size": 1, "second": 4, "rate": 0.1, "kind": "a", "third": 7, "optimizer": "Adam"}
    chosen = {"n_blocks": 3, "size": 1, "second": 5, "kind": "b", "third": 8, "rate": 0.2}
    steps = planned(chosen, {"third": 0.9, "second": 0.8, "kind": 0.2, "n_blocks": 0.1, "rate": 0.15}, baseline)
    assert names(steps) == [[], ["rate"], ["n_blocks"], ["second"], ["kind"], ["third"]]
    assert steps[-1].values == complete(DEEP, chosen)


def test_what_exists_only_by_a_change_comes_with_it() -> None:
    chosen = {"n_blocks": 3, "size": 1, "second": 5, "kind": "b", "third": 8, "rate": 0.2}
    steps = planned(chosen, {"rate": 0.5})
    assert names(steps) == [[], ["rate"], ["n_blocks", "second", "kind", "third"], ["optimizer"]]
    assert steps[2].changes["third"] == (None, 8)
    assert all(None not in step.values.values() for step in steps[2:])


def test_what_does_not_exist_in_the_end_is_never_a_step() -> None:
    baseline = {"n_blocks": 3, "size": 1, "second": 4, "kind": "b", "third": 7, "rate": 0.1, "optimizer": "Adam"}
    steps = planned({"n_blocks": 1, "size": 1, "rate": 0.2}, {"third": 0.9, "rate": 0.5, "n_blocks": 0.1}, baseline)
    assert names(steps) == [[], ["rate"], ["n_blocks"]]
    assert steps[1].values["third"] == 7
    assert [steps[2].values[name] for name in ("second", "kind", "third")] == [None] * 3


def test_values_that_differ_in_the_last_bits_are_the_same() -> None:
    chosen = {"n_blocks": 1, "size": 1, "rate": 3 * 0.1}
    assert names(planned(chosen, {}, {**BASELINE, "rate": 0.3, "optimizer": "Adam"})) == [[]]


def run(directory: Path, *overrides: str, trials: SimulatedTrials | None = None) -> Results:
    return simulation.run(directory, *PATH, *overrides, trials=trials)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished run, to be read only."""
    return run(tmp_path_factory.mktemp("whole") / "run")


def test_every_step_is_trained_with_the_same_fresh_seeds(tmp_path: Path) -> None:
    trials = SimulatedTrials()
    results = run(tmp_path / "run", "finalists.count=2", trials=trials)
    assert [step.number for step in results.path] == trials.numbers("path") == list(range(len(results.path)))
    assert {call.seed for call in trials.calls if call.folder == "path"} == {42 + SHIFT, 43 + SHIFT}
    assert results.path[0].values == complete(results.config.search_space, results.config.baseline)
    assert results.path[-1].values == results.best_values()
    for step in results.path:
        assert step.outcome.scores == tuple(smooth(step.values, 42 + SHIFT + seed) for seed in (0, 1))
    assert Results.load(tmp_path / "run").path == list(results.path)


@pytest.mark.training
def test_a_real_path_is_added_to_a_completed_run_without_another_look(tmp_path: Path) -> None:
    # The baseline has more parameters than a trial may have.
    before = toonvision.run(compose([*REAL, "constraints.max_parameters=400"]), tmp_path / "run")
    models = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "models").iterdir()}
    after = toonvision.resume(tmp_path / "run", ["path.seeds=1"])
    assert before.path == []
    assert [step.outcome.status for step in after.path] == [TrialStatus.COMPLETED] * len(after.path)
    assert after.path[0].outcome.parameters == 530
    assert after.path[-1].values == after.best_values()
    assert after.path[-1].outcome.parameters == chosen(after).outcome.parameters
    scores = [*(step.outcome.score for step in after.path), *(trial.outcome.score for trial in after.best())]
    assert len(set(scores)) == len(scores) > 4  # no seed was that of a trial
    folders = (tmp_path / "run" / "path" / "trials").iterdir()
    assert {folder.name for folder in folders} == {f"{step.number:04d}" for step in after.path}
    assert (after.trials, after.state.comparison) == (before.trials, before.state.comparison)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "models").iterdir()} == models
    assert len(read_looks(tmp_path / "run")) == 1


def test_a_cut_path_goes_on_at_the_missing_step(whole: Results, tmp_path: Path) -> None:
    stopped = cut_off(tmp_path / "run", *PATH, after=12)  # 8 trials, 2 steps of 2 seeds
    assert [step.number for step in stopped.path] == [0, 1]
    trials = SimulatedTrials()
    resumed = resume(tmp_path / "run", trials=trials)
    assert [0, 1, *trials.numbers("path")] == [step.number for step in whole.path]
    assert list(resumed.path) == list(whole.path)


def test_a_path_of_other_seeds_or_values_is_trained_anew(whole: Results, tmp_path: Path) -> None:
    shutil.copytree(whole.directory, tmp_path / "run")
    trials = SimulatedTrials()
    assert resume(tmp_path / "run", trials=trials).path == whole.path
    assert trials.calls == []
    more = resume(tmp_path / "run", "path.seeds=3", trials=trials)
    assert trials.numbers("path") == [step.number for step in whole.path]
    assert {len(step.outcome.scores) for step in more.path} == {3}
    trials = SimulatedTrials()
    other = resume(tmp_path / "run", "select=smallest_within", "select.tolerance=9", trials=trials)
    assert other.chosen() != more.chosen()
    assert other.path[-1].values == other.best_values()
    assert 0 not in trials.numbers("path")  # the baseline is still the same
    assert resume(tmp_path / "run", "path.seeds=0").path == []


def failing(outcome: Outcome, times: int = 99) -> SimulatedTrials:
    """Return trials of which the first step of the path comes to nothing."""
    return SimulatedTrials(instead=Failing(outcome, numbers=[1], folder="path", times=times))


def test_a_step_that_cannot_be_built_is_kept_and_the_next_is_measured_by_the_last_with_a_score(tmp_path: Path) -> None:
    results = run(tmp_path / "run", trials=failing(INFEASIBLE))
    baseline, out, after, *_ = json.loads((tmp_path / "run" / "summary.json").read_text())["path"]
    assert (out["status"], out["score"], out["difference"]) == ("INFEASIBLE", None, None)
    assert (after["difference_to"], after["difference"]) == (0, after["score"] - baseline["score"])
    shown = shown_of(results)
    assert "cannot be built: pooled away" in shown
    assert "from step 0" in shown
    trials = SimulatedTrials()
    assert resume(tmp_path / "run", trials=trials).path == results.path
    assert trials.calls == []


def test_a_step_that_fails_runs_again_as_a_trial_does(tmp_path: Path) -> None:
    trials = failing(FAILED, times=1)
    results = run(tmp_path / "run", "retries.raised=1", trials=trials)
    assert trials.numbers("path").count(1) == 2
    assert {step.outcome.status for step in results.path} == {TrialStatus.COMPLETED}


def shown_of(results: Results, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    terminal.show(results, console)
    return console.export_text()


def test_the_terminal_and_the_summary_show_what_each_change_earned(whole: Results) -> None:
    steps = json.loads((whole.directory / "summary.json").read_text())["path"]
    shown = shown_of(whole)
    assert [row["score"] for row in steps] == [step.outcome.score for step in whole.path]
    for row, before in zip(steps[1:], steps, strict=False):
        assert row["difference"] == row["score"] - before["score"]
        assert row["interval"][0] < row["relative_difference"] < row["interval"][1]
        assert (row["verdict"] is not None) == (row["p_value"] <= 0.05)
        assert f"{100 * row['relative_difference']:+.3g} %" in shown
    (rate,) = [row["changes"]["learning_rate"] for row in steps if "learning_rate" in row["changes"]]
    assert f"learning_rate: {rate['before']:.4g} -> {rate['after']:.4g}" in shown
    assert "with the spread of the seeds pooled over all steps" in shown


def test_with_one_seed_no_step_is_called_better(tmp_path: Path) -> None:
    results = run(tmp_path / "run", "path.seeds=1")
    steps = json.loads((tmp_path / "run" / "summary.json").read_text())["path"]
    assert {row["verdict"] for row in steps[1:]} == {None}
    assert "With one seed, the spread is unknown" in shown_of(results)


def test_a_step_that_is_better_than_the_chosen_values_is_reported(whole: Results) -> None:
    outcomes = sorted((step.outcome for step in whole.path), key=lambda outcome: outcome.score or 0.0)
    for ordered, is_warned in ((outcomes, True), (outcomes[::-1], False)):
        path = tuple(replace(step, outcome=o) for step, o in zip(whole.path, ordered, strict=True))
        shown = shown_of(replace(whole, state=replace(whole.state, path=path)))
        assert ("Step 0 is better than the chosen values" in shown) == is_warned
    unclear = tuple(replace(step, outcome=replace(step.outcome, scores=(0.0, 9.0))) for step in whole.path)
    assert "is better than the chosen values" not in shown_of(replace(whole, state=replace(whole.state, path=unclear)))


def test_without_seeds_there_is_no_path(tmp_path: Path) -> None:
    trials = SimulatedTrials()
    results = run(tmp_path / "run", "path.seeds=0", trials=trials)
    assert len(trials.calls) == 8
    assert results.path == []
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["path"] is None
    assert "one change in each step" not in shown_of(results)


def test_the_console_tells_of_every_step(tmp_path: Path) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    results = simulation.run(tmp_path / "run", *PATH, trials=failing(INFEASIBLE), console=console)
    shown = console.export_text()
    assert f"Training {len(results.path)} steps of the path" in shown
    assert re.search(r"step 0  val_loss \d\.\d{4}  the baseline", shown)
    assert re.search(r"step 1  failed: pooled away\. Received: 1  \w+: \S+ -> \S+", shown)
