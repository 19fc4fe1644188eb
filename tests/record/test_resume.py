"""Going on with a run that stopped: nothing lost, nothing doubled, and for a replayed oracle the same trials."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.simulation import FAILED, Call, Failing, SimulatedTrials, chosen, compared, cut_off, promoted, resume, score
from toonvision import job
from toonvision.config.compose import compose
from toonvision.config.node import Node
from toonvision.dataset import load_dataset
from toonvision.errors import ConfigError, SearchError
from toonvision.record.results import Results
from toonvision.record.resume import differences
from toonvision.record.run_lock import locked
from toonvision.record.run_state import RunStatus
from toonvision.trial.trial import Outcome, TrialStatus

TWO_PROCESSES = ("executor=processes", "executor.workers=2")
TABLE = (
    "executor=inline",
    "dataset=breast_cancer",
    "model=mlp",
    "training.epochs=2",
    "training.retrain={epochs:1,seeds:1}",
    "finalists.count=0",
    "report.formats.page=null",
)


@pytest.mark.training
def test_a_resumed_search_trains_the_models_of_the_one_that_was_not_interrupted(tmp_path: Path) -> None:
    cfg = compose([*TABLE, "tuner=grid_search", "tuner.max_trials=2"])
    whole = toonvision.run(cfg, tmp_path / "whole")
    shorter = compose([*TABLE, "tuner=grid_search", "tuner.max_trials=2", "budget.trials=1"])
    toonvision.run(shorter, tmp_path / "stopped")
    resumed = toonvision.resume(tmp_path / "stopped", ["budget.trials=null"])
    for trial, before in zip(resumed.trials, whole.trials, strict=True):
        assert (trial.id, trial.values, trial.outcome.score) == (before.id, before.values, before.outcome.score)
    assert compared(resumed).tuned.loss == compared(whole).tuned.loss


@pytest.mark.parametrize(
    "tuner",
    [
        ("tuner=grid_search", "tuner.max_trials=4"),
        ("tuner=tpe", "tuner.max_trials=4", "tuner.sampler.n_startup_trials=2"),
    ],
    ids=["grid_search", "tpe"],
)
def test_a_resumed_search_is_the_one_that_was_not_interrupted(tuner: tuple[str, ...], tmp_path: Path) -> None:
    whole = simulation.run(tmp_path / "whole", *tuner)
    stopped = cut_off(tmp_path / "stopped", *tuner, after=3)
    assert sum(trial.has_ended for trial in stopped.trials) == 3
    resumed = resume(tmp_path / "stopped")
    assert resumed.state.status is RunStatus.COMPLETED
    for trial, before in zip(resumed.trials, whole.trials, strict=True):
        assert (trial.id, trial.values, trial.promotion) == (before.id, before.values, before.promotion)
        assert (trial.status, trial.outcome.score) == (before.status, before.outcome.score)


def test_a_resumed_bayesian_search_fits_the_finished_trials(
    tmp_path: Path,
) -> None:
    tuner = ("tuner=bayesian", "tuner.num_initial_points=2", "tuner.max_trials=4")  # a fit takes a second
    stopped = cut_off(tmp_path / "run", *tuner, after=2)
    resumed = resume(tmp_path / "run")
    assert [trial.values for trial in resumed.trials[:3]] == [trial.values for trial in stopped.trials]
    assert [trial.outcome for trial in resumed.trials[:2]] == [trial.outcome for trial in stopped.trials[:2]]
    assert [trial.status for trial in resumed.trials] == [TrialStatus.COMPLETED] * 4


def test_an_interrupted_trial_runs_again_under_its_id(
    tmp_path: Path,
) -> None:
    stopped = cut_off(tmp_path / "run", "tuner.max_trials=2", after=1)
    assert [trial.status for trial in stopped.trials] == [TrialStatus.COMPLETED, TrialStatus.INTERRUPTED]
    resumed = resume(tmp_path / "run")
    assert [trial.id for trial in resumed.trials] == ["0000", "0001"]
    assert resumed.trials[1].values == stopped.trials[1].values
    assert resumed.trials[1].status is TrialStatus.COMPLETED
    history = (tmp_path / "run" / "trials" / "0001" / "history.csv").read_text()
    assert len(history.splitlines()) == 1 + resumed.trials[1].outcome.epochs


def test_more_trials_may_be_asked_for(tmp_path: Path) -> None:
    first = simulation.run(tmp_path / "run", "tuner.max_trials=2")
    more = resume(tmp_path / "run", "tuner.max_trials=4")
    assert more.trials[:2] == first.trials
    assert len(more.trials) == 4
    assert (
        more.config.tuner.arguments["max_trials"]
        == Results.load(tmp_path / "run").config.tuner.arguments["max_trials"]
        == 4
    )


def test_a_search_whose_budget_was_spent_goes_on_with_hyperbands_promotions(tmp_path: Path) -> None:
    hyperband = ("tuner=hyperband", "training.epochs=4", "tuner.factor=2")
    whole = simulation.run(tmp_path / "whole", *hyperband, "budget.trials=9")
    simulation.run(tmp_path / "run", *hyperband, "budget.trials=6")
    resumed = resume(tmp_path / "run", "budget.trials=9")
    assert [trial.promotion for trial in resumed.trials] == [trial.promotion for trial in whole.trials]
    assert any(promoted(trial).parent is not None for trial in resumed.trials[6:])
    assert [trial.outcome.score for trial in resumed.trials] == [trial.outcome.score for trial in whole.trials]


def test_failures_of_an_earlier_session_are_not_held_against_the_next(
    tmp_path: Path,
) -> None:
    with pytest.raises(SearchError, match="3 trials in a row failed"):
        simulation.run(tmp_path / "run", "tuner.max_trials=5", trials=SimulatedTrials(instead=Failing(FAILED)))
    resumed = resume(tmp_path / "run", "training.timeout=60")
    assert [trial.status.value for trial in resumed.trials] == ["FAILED"] * 3 + ["COMPLETED"] * 2


def test_while_a_completed_run_goes_on_it_is_running_and_has_no_comparison_of_the_new_best(
    tmp_path: Path,
) -> None:
    seen = []

    def better(call: Call) -> Outcome:
        seen.append(Results.load(tmp_path / "run").state.status)
        metrics = {"val_loss": 0.001}
        return Outcome(TrialStatus.COMPLETED, 0.001, (0.001,), metrics, epochs=1, last_epoch=1, parameters=80)

    first = simulation.run(tmp_path / "run", "tuner.max_trials=4", "budget.trials=3")
    assert first.state.ended_by is not None
    assert first.comparison is not None
    with pytest.raises(SystemExit):
        resume(
            tmp_path / "run",
            *("tuner.max_trials=6", "budget.trials=null"),
            trials=SimulatedTrials(instead=better, power=1),
        )
    stopped = Results.load(tmp_path / "run")
    assert seen == [RunStatus.RUNNING]
    assert (chosen(stopped).id, stopped.comparison, stopped.state.ended_by) == ("0003", None, None)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert (summary["chosen_trial"]["trial_id"], summary["tuned"], summary["verdict"]) == ("0003", None, None)
    again = resume(tmp_path / "run")
    assert compared(again).tuned.values == again.best_values()


def test_latest_may_be_resumed_and_points_at_the_run_again(tmp_path: Path) -> None:
    first = simulation.run(Path("outputs/mine"), "tuner.max_trials=1")
    again = resume("outputs/latest")
    assert again.directory == first.directory == Path("outputs/mine")
    assert Path("outputs/latest").readlink() == Path("mine")
    assert Results.load("outputs/latest").trials == first.trials


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished run, to be read only."""
    return simulation.run(tmp_path_factory.mktemp("finished") / "run", "tuner=random_search", "tuner.max_trials=2")


def test_what_the_trials_depend_on_may_not_change(finished: Results) -> None:
    with pytest.raises(ConfigError) as raised:
        toonvision.resume(finished.directory, ["tuner.max_trials=3", "training.batch_size=32", "seed=7"])
    message = str(raised.value)
    assert "- training.batch_size: 64 -> 32" in message
    assert "- seed: 42 -> 7" in message
    assert "- tuner.max_trials" not in message
    assert Results.load(finished.directory).config.seed == 42


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("tuner.max_trial=3", "Did you mean 'max_trials'?"),
        ("+tuner.x=3", "expected key=value or group=option. Received: '+tuner.x=3'."),
        ("executor=inlin", "Did you mean 'inline'?"),
        ("tuner=bayesian", "- tuner._target_: "),
        ("tuner.max_trials=1", "tuner.max_trials: expected at least 2, the run's trials. Received: 1."),
        ("tuner.max_trials=0", "tuner.max_trials: expected a whole number of at least 1, or null."),
    ],
)
def test_a_wrong_change_is_explained(override: str, message: str, finished: Results) -> None:
    with pytest.raises(ConfigError) as raised:
        toonvision.resume(finished.directory, [override])
    assert message in str(raised.value)


def test_a_run_that_is_complete_is_not_trained_again_although_an_executor_is_chosen(finished: Results) -> None:
    trials = SimulatedTrials()
    again = resume(finished.directory, "executor=inline", trials=trials)
    assert trials.calls == []
    assert again.trials == finished.trials
    assert again.state.comparison == finished.state.comparison


def test_other_data_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation.run(tmp_path / "run", "tuner.max_trials=1")
    monkeypatch.setattr(
        job, "load_dataset", lambda node: load_dataset(Node(node.target, {**node.arguments, "seed": 8}))
    )
    with pytest.raises(ConfigError, match=r"dataset: expected the data with which the run began, of fingerprint"):
        resume(tmp_path / "run", "tuner.max_trials=2")


def test_an_oracle_that_proposes_otherwise_is_refused(
    tmp_path: Path,
) -> None:
    cut_off(tmp_path / "run", "tuner.max_trials=3", after=1)
    config = tmp_path / "run" / ".hydra" / "config.yaml"
    config.write_text(config.read_text().replace("seed: 42", "seed: 43"))
    with pytest.raises(SearchError, match=r"expected the oracle to propose the values of trial 0000 again"):
        resume(tmp_path / "run")


def test_a_run_that_a_process_is_at_work_on_is_refused(finished: Results) -> None:
    with locked(finished.directory), pytest.raises(ConfigError, match="expected a run that no other process works on"):
        resume(finished.directory)


def test_a_directory_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected the directory of a run"):
        toonvision.resume(tmp_path)


def test_differences_name_the_place_and_both_values() -> None:
    found = differences({"a": {"b": 1, "c": [1, 2]}}, {"a": {"c": [1, 3]}, "d": None})
    assert [str(difference) for difference in found] == [
        "a.b: 1 -> 'nothing'",
        "a.c[1]: 2 -> 3",
        "d: 'nothing' -> None",
    ]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "toonvision", *arguments]


@pytest.mark.engine
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_tells_how_to_go_on(sent: signal.Signals, tmp_path: Path) -> None:
    begin = command("hydra.run.dir=run", *TABLE, "first=[]", "tuner.max_trials=30")
    with subprocess.Popen(begin, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("trial 0000")
        running.send_signal(sent)
        _, errors = running.communicate()
    assert (errors, running.returncode) == ("toonvision: interrupted. To go on: toonvision resume run\n", 130)


ROOT = Path(__file__).parents[2]
LONG = (*TABLE, "tuner.max_trials=1", "training.epochs=9", "training.callbacks.early_stopping=null")
KILLED = "+training.callbacks.killed={_target_: misbehaving.Killed}"
RUN = f"""
import toonvision
from tests.simulation import real_trials
try:
    toonvision.resume("run", trainer=real_trials())
except toonvision.ConfigError:
    toonvision.run(toonvision.compose({[*LONG, KILLED, "training.checkpoint=1e-9"]}), "run", trainer=real_trials())
"""


@pytest.mark.engine
@pytest.mark.training
def test_a_trial_that_was_killed_goes_on_at_the_epoch_that_it_had_reached(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "TOONVISION_TRUSTED": "misbehaving"}
    assert subprocess.run(command, cwd=tmp_path, env=environment, check=False).returncode == -signal.SIGKILL
    assert subprocess.run(command, cwd=tmp_path, env=environment, check=False).returncode == 0
    assert (tmp_path / "epochs").read_text().split() == [*"012345", *"5678"]
    whole = toonvision.run(compose(LONG), tmp_path / "whole", trainer=simulation.real_trials())
    resumed = Results.load(tmp_path / "run")
    assert chosen(resumed).values == chosen(whole).values
    assert chosen(resumed).outcome.score == pytest.approx(score(chosen(whole)))  # another number of threads
    assert chosen(resumed).intermediate_values.keys() == chosen(whole).intermediate_values.keys()


KILLS = """
import sys
from benchmarks import kills
from tests.simulation import SimulatedTrials, trainer
sys.exit(kills.main(4, sys.argv[1:], trainer(SimulatedTrials(epoch_seconds=0.1))))
"""


@pytest.mark.engine
@pytest.mark.parametrize("search", ["folds", "coarse_to_fine"])  # the folds run in two processes
def test_a_search_that_is_killed_again_and_again_ends_as_one_that_was_not(search: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLS, search]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    name, kills, _, places, *differences = ended.stdout.splitlines()[-1].split()
    assert (name, kills, differences) == (search, "4", ["0", "0", "0"])
    assert int(places) > 1  # they fell before and after ends of trials, however slow the machine
