"""Known points: they run before the oracle is asked, which learns from those in its space; a resumed run agrees."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import toonvision
from tests import simulation
from tests.configuration import configured
from tests.simulation import FAILED, INFEASIBLE, SPACE, Failing, SimulatedTrials, chosen, cut_off, resume
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError, SearchError
from toonvision.record.first_points import first_points
from toonvision.record.results import Results
from toonvision.report.choice import choice
from toonvision.search_space.space import complete, within
from toonvision.space_check.examination import plan_search
from toonvision.trial.trial import TrialStatus

BASELINE = {"units_1": 16, "dropout_1_rate": 0.0, "learning_rate": 0.001}  # in the space of one layer
POINT = "{units_1: 32, dropout_1_rate: 0.1, learning_rate: 0.02}"
OUTSIDE = "{units_1: 500, dropout_1_rate: 0.1, learning_rate: 0.02, optimizer: SGD}"
SHORT = ("tuner=random_search", "tuner.max_trials=4")


def config_of(*overrides: str) -> RunConfig:
    return configured(*SPACE, *overrides)


def scores(results: Results) -> list[tuple[str, dict[str, Any], float | None]]:
    return [(trial.status.value, trial.values, trial.outcome.score) for trial in results.trials]


def test_the_baseline_is_the_first_trial_and_counts_towards_max_trials(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", *SHORT, "first=[baseline]")
    first, *others = results.trials
    assert (first.id, first.source, first.values) == ("0000", "baseline", BASELINE)
    assert [trial.source for trial in others] == [None] * 3
    assert results.to_frame()["source"].tolist()[:1] == ["baseline"]
    assert Results.load(tmp_path / "run").trials == results.trials


def test_the_proposals_of_an_oracle_that_learns_nothing_stay_the_same(tmp_path: Path) -> None:
    with_baseline = simulation.run(tmp_path / "with", *SHORT, "first=[baseline]")
    without = simulation.run(tmp_path / "without", *SHORT)
    assert [trial.values for trial in with_baseline.trials[1:]] == [trial.values for trial in without.trials[:3]]
    assert "source" not in without.to_frame()


@pytest.mark.parametrize("tuner", ["grid_search", "tpe"])
@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_a_run_that_is_killed_goes_on_as_one_that_is_not(tuner: str, after: int, tmp_path: Path) -> None:
    learning = ["tuner.sampler.n_startup_trials=1"] if tuner == "tpe" else []
    overrides = (f"tuner={tuner}", "tuner.max_trials=6", f"first=[baseline, {POINT}, {OUTSIDE}]", *learning)
    whole = simulation.run(tmp_path / "whole", *overrides)
    cut_off(tmp_path / "run", *overrides, after=after)
    resumed = resume(tmp_path / "run")
    assert scores(resumed) == scores(whole)
    assert [trial.source for trial in whole.trials] == ["baseline", "first[1]", "first[2]", None, None, None]
    more = resume(tmp_path / "run", "tuner.max_trials=7")
    assert (more.trials[:6], len(more.trials)) == (resumed.trials, 7)


def test_with_several_workers_the_oracle_is_asked_when_the_known_points_have_ended(tmp_path: Path) -> None:
    overrides = ("executor=processes", "executor.workers=2", "tuner=tpe", "tuner.max_trials=6")
    results = simulation.run(tmp_path / "run", *overrides, f"first=[baseline, {POINT}]")
    known = [trial for trial in results.trials if trial.source is not None]
    asked = [trial.asked for trial in results.trials if trial.source is None]
    assert len(known) == 2
    assert max(trial.reported_at or 0 for trial in known) < min(asked)


def test_no_oracle_proposes_a_known_point_again(tmp_path: Path) -> None:
    pins = ("search_space.dropout_1_rate=0", "search_space.learning_rate=0.001")
    results = simulation.run(tmp_path / "run", "tuner=grid_search", "tuner.max_trials=null", *pins, "first=[baseline]")
    assert sorted(trial.values["units_1"] for trial in results.trials) == [8, 16, 32, 64, 128]
    assert results.trials[0].values == {"units_1": 16}


def test_a_point_outside_of_the_space_is_trained_and_not_learned(tmp_path: Path) -> None:
    shown = io.StringIO()
    console = Console(file=shown, width=200)
    results = simulation.run(tmp_path / "run", *SHORT, f"first=[{OUTSIDE}]", console=console)
    first = results.trials[0]
    space = results.config.search_space
    assert first.values == {"units_1": 500, "dropout_1_rate": 0.1, "learning_rate": 0.02, "optimizer": "SGD"}
    assert (first.status, within(space, complete(space, first.values))) == (TrialStatus.COMPLETED, False)
    assert chosen(results) == first
    assert results.best_values()["optimizer"] == "SGD"
    assert results.to_frame()["source"][0] == "first[0], outside of the space"
    expected = "first: the values of first[0], outside of the search space: optimizer SGD, units_1 500"
    assert expected in shown.getvalue()


def test_a_run_with_a_point_outside_of_its_space_has_a_page_and_can_be_narrowed(tmp_path: Path) -> None:
    page = "report.formats.page={_target_: toonvision.report.page.page.write}"
    overrides = ("tuner=random_search", "tuner.max_trials=20", "search_space.activation={hp: Choice, values: [tanh]}")
    results = simulation.run(tmp_path / "run", *overrides, page, "path.seeds=1", "first=[baseline]")
    assert results.source(results.trials[0]) == "baseline, outside of the space"  # its activation is relu
    assert "outside of the space" in (tmp_path / "run" / "report" / "index.html").read_text()
    assert toonvision.narrow(tmp_path / "run").count.total == 20


@pytest.mark.parametrize("outcome", [replace(INFEASIBLE, parameters=10**9), FAILED])
def test_the_search_goes_on_without_a_point_that_has_no_score(outcome: Any, tmp_path: Path) -> None:
    shown = io.StringIO()
    console = Console(file=shown, width=200)
    trials = SimulatedTrials(instead=Failing(outcome, numbers=[0, 1, 2]))
    overrides = (*SHORT, "tuner.max_consecutive_failed_trials=2", f"first=[baseline, {POINT}, {OUTSIDE}]")
    results = simulation.run(tmp_path / "run", *overrides, trials=trials, console=console)
    assert len(results.completed) == (1 if outcome is FAILED else 4)
    assert "first: the values of baseline have no score; the search goes on without them" in shown.getvalue()


def test_a_baseline_that_cannot_be_built_ends_the_search_at_once(tmp_path: Path) -> None:
    trials = SimulatedTrials(instead=Failing(INFEASIBLE))
    message = r"^The baseline cannot be built, so nothing could be compared with it: pooled away.*such as model=mlp"
    with pytest.raises(SearchError, match=message):
        simulation.run(tmp_path / "run", *SHORT, "first=[baseline]", trials=trials)
    assert len(trials.calls) == 1


def test_a_known_point_is_not_pruned_and_the_pruner_learns_from_it(tmp_path: Path) -> None:
    pruner = ("pruner=median", "pruner.n_startup_trials=1", "training.epochs=3", "search_space.learning_rate=1e-7")
    worse = "{units_1: 32, dropout_1_rate: 0.5, learning_rate: 0.02}"
    results = simulation.run(tmp_path / "run", *SHORT, *pruner, f"first=[{POINT}, {worse}]")
    assert [trial.status for trial in results.trials[:2]] == [TrialStatus.COMPLETED] * 2
    assert TrialStatus.PRUNED in [trial.status for trial in results.trials[2:]]


def test_with_hyperband_a_known_point_trains_for_all_epochs_and_comes_in_addition(tmp_path: Path) -> None:
    hyperband = ("tuner=hyperband", "training.epochs=4", "tuner.factor=2")
    results = simulation.run(tmp_path / "run", *hyperband, "first=[baseline]")
    without = simulation.run(tmp_path / "without", *hyperband)
    assert (results.trials[0].promotion, results.trials[0].outcome.epochs) == (None, 4)
    assert len(results.trials) == len(without.trials) + 1


@pytest.mark.parametrize(("most", "count"), [(1, 2), (2, 2), (3, 3)])
def test_the_known_points_run_whatever_the_limit_is(most: int, count: int, tmp_path: Path) -> None:
    overrides = ("tuner=random_search", f"tuner.max_trials={most}", f"first=[baseline, {POINT}]")
    assert len(simulation.run(tmp_path / "run", *overrides).trials) == count
    assert len(resume(tmp_path / "run", "executor=inline").trials) == count


def test_budget_trials_counts_known_points(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", *SHORT, "budget.trials=1", f"first=[baseline, {POINT}]")
    assert (len(results.trials), results.state.ended_by) == (1, "budget.trials: 1 trials are run")
    assert [t.source for t in resume(tmp_path / "run", "budget.trials=3").trials] == ["baseline", "first[1]", None]


def test_a_later_round_learns_from_known_points_that_count_in_the_first(tmp_path: Path) -> None:
    rounds = ("strategy=coarse_to_fine", "strategy.rounds.explore.max_trials=3", "tuner=tpe", "tuner.max_trials=2")
    results = simulation.run(tmp_path / "run", *rounds, "first=[baseline]")
    assert [trial.round for trial in results.trials] == ["explore"] * 3 + ["refine"] * 2
    assert [trial.source for trial in results.trials] == ["baseline", *[None] * 4]


def test_a_run_and_its_best_values_are_sources_and_the_same_values_run_once(tmp_path: Path) -> None:
    before = simulation.run(tmp_path / "before", *SHORT)
    best = tmp_path / "before" / "search_space" / "best.yaml"
    config = config_of(f"first=[{tmp_path}/before, {best}, baseline, baseline]")
    points = first_points(config)
    assert [point.values for point in points] == [chosen(before).values, BASELINE]
    assert [point.source for point in points] == [str(tmp_path / "before"), "baseline"]


def test_a_resumed_run_needs_no_file_of_the_run_that_it_began_with(tmp_path: Path) -> None:
    simulation.run(Path("outputs/before"), *SHORT)
    overrides = (*SHORT, "first=[outputs/latest]")
    whole = simulation.run(tmp_path / "whole", *overrides)
    simulation.run(Path("outputs/again"), *SHORT)
    cut_off(Path("outputs/run"), *overrides, after=0)
    shutil.rmtree("outputs/before")
    assert scores(resume("outputs/run")) == scores(whole)


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (
            "[basline]",
            "first[0]: expected baseline, or the path of a file of values (best.yaml) or of a run. Received: ",
        ),
        ("[basline]", "Did you mean 'baseline'?"),
        ("[baseline, {units: 3}]", "first[1].units: expected a name that search_space declares. Received: 'units'."),
        ("[{units_1: 8}]", "first[0].dropout_1_rate: expected a value. Received: nothing."),
        ("[{units_1: a}]", "first[0].units_1: expected a value of hp.Int, of the type int. Received: 'a'."),
        ("[{optimizer: [1]}]", "first[0].optimizer: expected a number, a text, true or false. Received: [1]."),
        (
            "[{units_1: 8, dropout_1_rate: 0, learning_rate: 0.1, optimizer: Adem}]",
            "first[0]: expected values with which the configuration is valid. Received: training.optimizer._target_",
        ),
        ("[.]", "first[0]: expected a run with a completed trial. Received: expected the directory of a run."),
        ("[values.yaml]", "first[0]: expected a file of values in YAML. Received: values.yaml, which is no mapping."),
    ],
)
def test_a_wrong_entry_is_explained_with_its_place(first: str, message: str) -> None:
    Path("values.yaml").write_text("- 1\n")
    with pytest.raises(ConfigError) as raised:
        first_points(config_of(f"first={first}"))
    assert message in str(raised.value)


@pytest.mark.parametrize("first", ["[3]", "baseline"])
def test_a_list_of_another_type_is_refused(first: str) -> None:
    with pytest.raises(ConfigError, match="first"):
        config_of(f"first={first}")


def test_the_report_says_when_no_trial_was_better_than_the_baseline(tmp_path: Path) -> None:
    pinned = ("~search_space.learning_rate", "+search_space.learning_rate={hp: Float, min_value: 0.1, max_value: 0.2}")
    results = simulation.run(tmp_path / "run", *SHORT, *pinned, "first=[baseline]")
    assert chosen(results).source == "baseline"
    won = "The values of the baseline won: no trial of the search was better on the validation examples."
    assert choice(results) == won


@pytest.mark.parametrize("experiment", ["article", "article_narrowed", "article_quick", "article_smaller"])
def test_the_article_begins_with_nothing_known(experiment: str) -> None:
    assert configured(f"experiment={experiment}").first == []


def test_the_estimate_counts_known_points() -> None:
    config = configured("dataset=breast_cancer", "model=mlp", "training.epochs=3", "tuner=tpe")
    hyperband = configured("dataset=breast_cancer", "model=mlp", "training.epochs=3", "tuner=hyperband")
    assert config.first == ["baseline"]
    assert (plan_search(config).trials, plan_search(config, first=1).trials) == (30, 30)
    alone, plan = plan_search(hyperband), plan_search(hyperband, first=1)
    assert alone.trials is not None
    assert (plan.trials, plan.epochs, plan.free) == (alone.trials + 1, alone.epochs, 1)
