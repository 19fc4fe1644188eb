"""The search: real oracles and a real record, with simulated trials unless a training is what is tested."""

from __future__ import annotations

import csv
import os
import signal
import time
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.configuration import composed
from tests.conftest import SEARCH, Train
from tests.simulation import INFEASIBLE, SPACE, Call, Failing, SimulatedTrials, compared, promoted, size, smooth
from toonvision.errors import SearchError
from toonvision.record import reading
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.search import running, search
from toonvision.search_space.space import Values
from toonvision.trial.trial import Trial, TrialStatus

# Four combinations, of which the one with two pools of 4 leaves nothing of 8 pixels.
TINY_SPACE = (
    "dataset.image_size=[8,8]",
    *(f"~search_space.pool_{pool}_size" for pool in (1, 3)),
    *(f"+search_space.pool_{pool}_size={{hp: Choice, values: [2, 4]}}" for pool in (1, 3)),
    *(f"search_space.{name}={value}" for name, value in (("pool_2_size", 1), ("pool_4_size", 1))),
    *(f"search_space.conv_{block}_filters=4" for block in (1, 2)),
    *(f"search_space.conv_{block}_kernel_size=3" for block in (1, 2)),
    *(f"search_space.dropout_{block}_rate=0" for block in (1, 2)),
    "search_space.learning_rate=0.01",
    "baseline.pool_2_size=1",
    "baseline.pool_4_size=1",
)
TABLE = (
    "dataset=breast_cancer",
    "model=mlp",
    *SEARCH,
    "training.retrain={epochs:1,seeds:1}",
)  # trains quickest


def history(results: Results, trial: Trial) -> list[dict[str, str]]:
    text = (results.directory / "trials" / trial.id / "history.csv").read_text()
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("tuner", ["random_search", "bayesian", "grid_search"])
def test_an_oracle_runs_so_many_trials_that_could_be_built(tuner: str, tmp_path: Path) -> None:
    overrides = [f"tuner={tuner}", "tuner.max_trials=3", *(["tuner.num_initial_points=2"] * (tuner == "bayesian"))]
    unbuilt = SimulatedTrials(instead=Failing(INFEASIBLE, numbers=[1]))
    results = simulation.run(tmp_path / "run", *overrides, trials=unbuilt)
    assert [trial.status.value for trial in results.trials] == ["COMPLETED", "INFEASIBLE", "COMPLETED", "COMPLETED"]
    assert all(set(trial.values) == set(results.hyperparameters) for trial in results.trials if trial.number != 1)
    assert results.state.status is RunStatus.COMPLETED


def test_hyperband_ends_with_trials_of_all_epochs(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", "tuner=hyperband", "training.epochs=3")
    assert results.best(1)
    assert max(trial.outcome.last_epoch for trial in results.best()) == 3
    assert len({trial.id for trial in results.trials}) == len(results.trials)


@pytest.mark.training
def test_a_hyperband_promotion_continues_its_parents_training(train: Train) -> None:
    results = train("tuner=hyperband", "training.epochs=3", "tuner.factor=2", "training.callbacks=null", quick=TABLE)
    continued = [trial for trial in results.trials if trial.promotion and promoted(trial).parent is not None]
    assert continued
    learned = 0
    for trial in continued:
        promotion = promoted(trial)
        assert promotion.parent is not None
        parent = results.trials[promotion.parent]
        assert trial.values == parent.values
        assert promotion.initial_epoch == parent.outcome.last_epoch == promoted(parent).epochs
        rows, before = history(results, trial), history(results, parent)
        assert [int(row["epoch"]) for row in rows] == list(range(parent.outcome.last_epoch, promotion.epochs))
        learned += float(rows[0]["loss"]) < float(before[0]["loss"])
    assert learned >= 0.8 * len(continued)  # it starts from what its parent has learned, not from scratch
    assert not list(results.directory.rglob("*.weights.h5"))


@pytest.mark.training
def test_the_grid_is_exhausted_and_infeasible_corners_do_not_stop_it(train: Train) -> None:
    results = train("tuner=grid_search", "tuner.max_trials=null", *TINY_SPACE)
    pairs = {(trial.values["pool_1_size"], trial.values["pool_3_size"]) for trial in results.trials}
    assert pairs == {(2, 2), (2, 4), (4, 2), (4, 4)}
    assert len(results.trials) == 4
    infeasible = [trial for trial in results.trials if trial.status is TrialStatus.INFEASIBLE]
    assert [(trial.values["pool_1_size"], trial.values["pool_3_size"]) for trial in infeasible] == [(4, 4)]
    assert str(infeasible[0].outcome.error).startswith("model.blocks.block_2.layers.first_pooling: ")


@pytest.mark.parametrize("tuner", ["random_search", "bayesian"])
def test_a_space_smaller_than_the_number_of_trials_ends(tuner: str, tmp_path: Path) -> None:
    small = ("search_space.dropout_1_rate=0", "search_space.units_1=8", "~search_space.learning_rate")
    rates = "+search_space.learning_rate={hp: Choice, values: [0.01, 0.02, 0.03, 0.04]}"
    results = simulation.run(tmp_path / "run", f"tuner={tuner}", "tuner.max_trials=6", *small, rates)
    assert results.best(1)
    assert not [trial for trial in results.trials if trial.status is TrialStatus.RUNNING]


@pytest.mark.training
def test_a_seed_decides_on_values_and_scores(tmp_path: Path) -> None:
    quick = (*TABLE, "training.epochs=2", "tuner.max_trials=2")
    first, second, other = (
        toonvision.run(composed(*quick, f"seed={seed}"), tmp_path / name, trainer=simulation.real_trials())
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert [trial.values for trial in first.trials] == [trial.values for trial in second.trials]
    assert [trial.outcome.score for trial in first.trials] == [trial.outcome.score for trial in second.trials]
    assert [trial.values for trial in first.trials] != [trial.values for trial in other.trials]


@pytest.mark.training
def test_a_seed_decides_on_the_scores_of_a_cnn_on_images(train: Train, trained: Results) -> None:
    again = train()
    assert [trial.outcome.score for trial in again.trials] == [trial.outcome.score for trial in trained.trials]


@pytest.mark.parametrize("key", ["formats", "live"])
def test_tensorboard_has_every_trial_from_the_search_and_from_the_report(key: str, tmp_path: Path) -> None:
    space = [override for override in SPACE if "tensorboard" not in override]
    cfg = composed(*space, f"report.{key}.tensorboard=null", "tuner.max_trials=2")
    results = toonvision.run(cfg, tmp_path / "run", trainer=simulation.trainer())
    written = (results.directory / "tensorboard").glob("*/hparams.tfevents")
    assert sorted(path.parent.name for path in written) == [trial.id for trial in results.trials]


def test_a_trial_is_recorded_before_its_work_starts(tmp_path: Path) -> None:
    seen: list[Trial] = []

    def look(call: Call) -> None:
        seen.append(Results.load(tmp_path / "run").trials[call.number])

    results = simulation.run(tmp_path / "run", "tuner.max_trials=2", trials=SimulatedTrials(instead=look))
    assert [trial.status for trial in seen] == [TrialStatus.RUNNING] * 2
    assert [trial.values for trial in seen] == [trial.values for trial in results.trials]


@pytest.mark.training
def test_diverged_trials_fail_with_their_reason_and_end_the_search(train: Train, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="3 trials in a row failed"):
        train("search_space.learning_rate=1e38", "training.epochs=3", quick=TABLE)
    results = Results.load(tmp_path / "run")
    assert results.state.status is RunStatus.FAILED
    assert "3 trials in a row failed" in str(results.state.error)
    failed = [trial for trial in results.trials if trial.status is TrialStatus.FAILED]
    assert [trial.outcome.reason for trial in failed] == ["diverged"] * 3


@pytest.mark.training
def test_a_trial_that_raises_keeps_its_traceback(train: Train, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="3 trials in a row failed"):
        train("training.loss._target_=keras.losses.CategoricalCrossentropy", quick=TABLE)
    trials = Results.load(tmp_path / "run").trials
    failed = next(trial for trial in trials if trial.status is TrialStatus.FAILED)
    assert failed.outcome.reason == "raised"
    assert "Traceback" in (tmp_path / "run" / "trials" / failed.id / "worker.log").read_text()


def test_a_space_that_cannot_be_built_ends_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_CONSECUTIVE_INFEASIBLE", 5)
    with pytest.raises(SearchError, match=r"5 proposals in a row could not be built.*pooled away"):
        simulation.run(tmp_path / "run", "tuner.max_trials=20", trials=SimulatedTrials(instead=Failing(INFEASIBLE)))


@pytest.mark.training
def test_a_model_with_too_many_parameters_is_counted_and_not_trained(tmp_path: Path) -> None:
    cfg = composed(*TABLE, "constraints.max_parameters=400", "tuner.max_trials=3", "training.epochs=1")
    results = toonvision.run(cfg, tmp_path / "run")
    refused = [trial for trial in results.trials if trial.status is TrialStatus.INFEASIBLE]
    trained = [trial for trial in results.trials if trial.status is TrialStatus.COMPLETED]
    assert len(trained) == 3
    assert max(size(trial) for trial in trained) <= 400
    assert refused
    for trial in refused:
        parameters = size(trial)
        assert trial.outcome.error == f"constraints.max_parameters: expected at most 400. Received: {parameters:,}."
        assert parameters > 400
        assert trial.outcome.epochs == 0
    assert compared(results).baseline.parameters > 400  # which is trained all the same


class _PressesCtrlC:
    """A curve at whose third epoch the user presses Ctrl-C."""

    def __call__(self, values: Values, seed: int, epoch: int) -> float:
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return smooth(values, seed, epoch)


# Ctrl-C may come between the opening of a file and its `with`, in pathlib too: Python then closes it with a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_trial_is_stopped_and_recorded(tmp_path: Path) -> None:
    slow = SimulatedTrials(_PressesCtrlC(), epoch_seconds=0.01)
    with pytest.raises(KeyboardInterrupt):
        simulation.run(tmp_path / "run", "training.epochs=5000", trials=slow)
    results = Results.load(tmp_path / "run")
    assert [trial.status for trial in results.trials] == [TrialStatus.INTERRUPTED]
    assert results.state.status is RunStatus.INTERRUPTED
    assert (tmp_path / "run" / "summary.json").exists()


def test_a_trial_is_interrupted_between_its_record_and_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running.RunningTrials, "start", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            simulation.run(tmp_path / "run", "tuner.max_trials=1")
    assert [trial.status for trial in Results.load(tmp_path / "run").trials] == [TrialStatus.INTERRUPTED]
    assert [trial.status for trial in simulation.resume(tmp_path / "run").trials] == [TrialStatus.COMPLETED]


def test_a_clock_that_jumps_changes_no_trial_and_no_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    year, now = 365 * 86_400.0, time.time

    def jump(call: Call) -> None:
        monkeypatch.setattr(time, "time", lambda: now() + (-year if call.number % 2 else year))

    trials = SimulatedTrials(instead=jump)
    results = simulation.run(tmp_path / "run", "tuner.max_trials=4", "budget.minutes=5", trials=trials)
    assert [trial.status for trial in results.trials] == [TrialStatus.COMPLETED] * 4
    assert results.state.ended_by is None
    elapsed = [trial.elapsed or 0.0 for trial in results.trials]
    assert elapsed == sorted(elapsed)
    assert 0 < elapsed[-1] <= results.state.seconds < 300


def test_a_directory_with_a_run_in_it_is_refused(tmp_path: Path) -> None:
    before = simulation.run(tmp_path / "run", "tuner.max_trials=1").to_frame()
    with pytest.raises(toonvision.ConfigError, match=r"hydra\.run\.dir: expected a directory without a run in it"):
        simulation.run(tmp_path / "run", "tuner.max_trials=1")
    after = Results.load(tmp_path / "run")
    assert after.state.status is RunStatus.COMPLETED
    assert after.to_frame().equals(before)


def test_the_record_may_be_a_journal(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", "storage=journal", "tuner.max_trials=1")
    assert (results.directory / "study.journal").is_file()
    trials, state = reading.load(results.config.storage, results.directory)
    assert [trial.outcome.score for trial in trials] == [trial.outcome.score for trial in results.trials]
    assert state.comparison == results.state.comparison
