"""Known results: what of an earlier run lies in the space is not run again, and a resumed search still knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.simulation import INFEASIBLE, Failing, SimulatedTrials, resume
from toonvision.config.schema import Constraints
from toonvision.errors import ConfigError
from toonvision.record import reading
from toonvision.record.warm_start import known_results
from toonvision.trial.trial import TrialStatus

# Six combinations.
SMALL = (
    *(f"search_space.{name}=0" for name in ("dropout_1_rate", "dropout_2_rate")),
    *(f"search_space.{name}=8" for name in ("units_1", "units_2")),
    "search_space.n_layers={hp: Int, min_value: 1, max_value: 2}",
    "~search_space.learning_rate",
    "+search_space.learning_rate={hp: Choice, values: [0.03, 0.02, 0.01]}",
)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("earlier")
    simulation.run(directory, *SMALL, "tuner.max_trials=4")
    return directory


@pytest.mark.parametrize("tuner", ["grid_search", "tpe"])  # replayed, and fitted; test_oracle_knowledge has the rest
def test_what_an_earlier_run_has_tried_is_not_run_again(earlier: Path, tuner: str, tmp_path: Path) -> None:
    before = toonvision.Results.load(earlier)
    first = simulation.run(tmp_path / "run", *SMALL, f"tuner={tuner}", "tuner.max_trials=1", f"warm_start={earlier}")
    both = resume(tmp_path / "run", "tuner.max_trials=2")  # knows from the record what the run began with
    assert both.trials[:1] == first.trials
    tried = [trial.values for trial in (*before.trials, *both.trials)]
    assert len(tried) == 6
    assert all(tried.count(values) == 1 for values in tried)


def test_only_trials_within_the_space_are_known(earlier: Path) -> None:
    before = toonvision.Results.load(earlier)
    space = {**before.config.search_space, "n_layers": 1}
    config = before.config.model_copy(update={"warm_start": str(earlier), "search_space": space})
    known, total = known_results(before, config, before.state.fingerprint)
    inside = [trial for trial in before.trials if trial.values["n_layers"] == 1]
    assert 0 < len(inside) < 4
    assert [(k.values["learning_rate"], k.scores) for k in known] == [
        (trial.values["learning_rate"], (trial.outcome.score,)) for trial in inside
    ]
    assert total == 4


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("objective=val_accuracy", "warm_start: expected a run of the same objective"),
        ("dataset.seed=8", "warm_start: expected a run on the same data"),
    ],
)
def test_scores_of_other_data_or_another_objective_are_refused(
    earlier: Path, override: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        simulation.run(tmp_path / "run", *SMALL, override, f"warm_start={earlier}")
    with pytest.raises(ConfigError, match="without a record"):
        reading.load(toonvision.Results.load(earlier).config.storage, tmp_path / "run")


def test_a_directory_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected the directory of a run"):
        simulation.run(tmp_path / "run", f"warm_start={tmp_path}")


def test_pruned_and_infeasible_trials_of_an_earlier_run_are_known_and_not_run_again(tmp_path: Path) -> None:
    trials = SimulatedTrials(instead=Failing(INFEASIBLE, numbers=[0]))
    pruner = ("pruner=median", "pruner.n_startup_trials=1", "training.epochs=3", "tuner=grid_search")
    before = simulation.run(tmp_path / "before", *SMALL, *pruner, "tuner.max_trials=3", trials=trials)
    statuses = [trial.status for trial in before.trials]
    assert {TrialStatus.INFEASIBLE, TrialStatus.PRUNED} < set(statuses)
    overrides = (*SMALL, *pruner, "tuner.max_trials=2", f"warm_start={tmp_path / 'before'}")
    simulation.run(tmp_path / "run", *overrides, "budget.trials=1")
    after = resume(tmp_path / "run", "budget.trials=null")  # knows them from the record
    tried = [trial.values for trial in (*before.trials, *after.trials)]
    assert len(tried) == 6
    assert all(tried.count(values) == 1 for values in tried)


def test_a_pruned_trial_is_known_by_its_curve_and_an_infeasible_one_under_the_same_constraints(tmp_path: Path) -> None:
    trials = SimulatedTrials(instead=Failing(INFEASIBLE, numbers=[0]))
    pruner = ("pruner=median", "pruner.n_startup_trials=1", "training.epochs=3", "tuner=grid_search")
    before = simulation.run(tmp_path / "run", *SMALL, *pruner, "tuner.max_trials=3", trials=trials)
    known, _ = known_results(before, before.config, before.state.fingerprint)
    pruned = [trial for trial in before.trials if trial.status is TrialStatus.PRUNED]
    results = [result for result in known if result.status is TrialStatus.PRUNED]
    assert [result.intermediate_values for result in results] == [trial.intermediate_values for trial in pruned]
    assert [result.scores for result in results] == [()] * len(pruned)
    larger = before.config.model_copy(update={"constraints": Constraints(max_parameters=99)})
    assert len(known_results(before, larger, before.state.fingerprint)[0]) == len(known) - 1
