"""Runs in MLflow: their data, no duplicates, and a run that goes on without its server."""

from __future__ import annotations

import csv
import random
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import toonvision
from tests.synthetic_run import add_trial, begin_run, completed_run
from toonvision.cli import main
from toonvision.config.compose import compose
from toonvision.errors import ConfigError
from toonvision.record.observer import Observer, RunConcluded, RunOpened, TrialEnded, TrialStarted
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.trial.trial import Outcome, Reason, TrialStatus
from toonvision.validation.validate import validate

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from toonvision.tracker.mlflow import MLflowTracker

TABLE = (
    "executor=inline",
    "dataset=breast_cancer",
    "model=mlp",
    "tuner.max_trials=2",
    "training.epochs=1",
    "training.retrain={epochs:1,seeds:1}",
    "finalists.count=0",
)
pytestmark = pytest.mark.engine
STATES = {"COMPLETED": "FINISHED", "PRUNED": "KILLED", "FAILED": "FAILED", "INFEASIBLE": "FAILED"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database for all tests of this file: MLflow takes seconds to make one."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture
def new(store: str, request: pytest.FixtureRequest) -> Callable[[], MLflowTracker]:
    """Make a tracker, as each session of a run does; the runs of one test stand together."""
    from toonvision.tracker.mlflow import MLflowTracker

    return lambda: MLflowTracker(tracking_uri=store, experiment=request.node.name)


@pytest.fixture
def sent(store: str, request: pytest.FixtureRequest) -> Callable[[], tuple[Any, dict[str, Any]]]:
    """Return the one run that has no parent, and those nested in it by their names."""
    from mlflow import MlflowClient

    def runs() -> tuple[Any, dict[str, Any]]:
        client = MlflowClient(store)
        experiment = client.get_experiment_by_name(request.node.name)
        assert experiment is not None
        found = list(client.search_runs([experiment.experiment_id]))
        (parent,) = [run for run in found if "mlflow.parentRunId" not in run.data.tags]
        nested = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
        assert len(nested) == len(found) - 1
        assert len({run.info.run_name for run in nested}) == len(nested)
        return parent, {run.info.run_name: run for run in nested}

    return runs


@pytest.fixture
def client(store: str) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(store)


def files(client: MlflowClient, run: Any, folder: str | None = None) -> set[str]:
    return {file.path for file in client.list_artifacts(run.info.run_id, folder)}


def curve(directory: Path, trial_id: str, metric: str) -> list[tuple[int, float]]:
    with (directory / "trials" / trial_id / "history.csv").open() as file:
        return [(int(row["epoch"]), float(row[metric])) for row in csv.DictReader(file)]


def follow(tracker: Observer, results: Results) -> None:
    """Tell of a run from its beginning to its end."""
    tracker.notify(RunOpened(results))
    for trial in results.trials:
        tracker.notify(TrialStarted(trial, len(results.trials)))
        tracker.notify(TrialEnded(trial))
    tracker.notify(RunConcluded(results))


def test_each_trial_is_a_nested_run_with_its_data(
    new: Callable[[], MLflowTracker], sent: Callable[..., Any], client: MlflowClient, tmp_path: Path
) -> None:
    results = completed_run(tmp_path / "run", trials=10)
    follow(new(), results)
    parent, nested = sent()
    assert sorted(nested) == [trial.id for trial in results.trials]
    for trial in results.trials:
        run, outcome = nested[trial.id], trial.outcome
        assert run.info.status == STATES[trial.status]
        assert run.data.tags["toonvision.status"] == trial.status
        assert run.data.tags["toonvision.error"] == (outcome.error or "")
        assert run.data.params == {name: str(value) for name, value in trial.values.items()}
        history = client.get_metric_history(run.info.run_id, "val_loss")
        assert [(point.step, point.value) for point in history] == curve(results.directory, trial.id, "val_loss")
        assert run.data.metrics.get("score") == outcome.score
        assert {name: run.data.metrics[f"best/{name}"] for name in outcome.metrics} == outcome.metrics
        assert files(client, run) == {"history.csv"} | ({"worker.log"} if trial.status is TrialStatus.FAILED else set())
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["toonvision.directory"] == str(results.directory)
    assert parent.data.params["tuner.max_trials"] == "30"
    assert parent.data.params["search_space.learning_rate.values.0"] == "0.01"
    assert not [name for name in parent.data.params if name.startswith(("storage", "tracker"))]
    assert parent.data.metrics["test/tuned_wrong"] == 12
    chosen = results.chosen()
    assert chosen is not None
    assert parent.data.metrics["score"] == chosen.outcome.score


def test_every_execution_has_its_curves(
    new: Callable[[], MLflowTracker], sent: Callable[..., Any], client: MlflowClient, tmp_path: Path
) -> None:
    results = completed_run(tmp_path / "run", trials=1)
    history = results.directory / "trials" / "0000" / "history.csv"
    history.write_text("execution,epoch,val_loss\n0,0,0.5\n0,1,0.25\n1,0,0.75\n")
    follow(new(), results)
    run = sent()[1]["0000"]
    points = client.get_metric_history(run.info.run_id, "execution_1/val_loss")
    assert [(point.step, point.value) for point in points] == [(0, 0.75)]
    assert len(client.get_metric_history(run.info.run_id, "val_loss")) == 2


def test_a_resumed_run_keeps_its_parent_and_sends_nothing_twice(
    new: Callable[[], MLflowTracker], sent: Callable[..., Any], client: MlflowClient, tmp_path: Path
) -> None:
    results = completed_run(tmp_path / "run", trials=5)
    killed = new()
    killed.notify(RunOpened(replace(results, trials=[])))
    for trial in results.trials[:3]:
        killed.notify(TrialStarted(trial, 5))
    for trial in results.trials[:2]:
        killed.notify(TrialEnded(trial))
    assert {name: run.info.status for name, run in sent()[1].items()} == {
        "0000": "FINISHED",
        "0001": "FINISHED",
        "0002": "RUNNING",
    }
    for _ in range(2):  # it goes on, and then once more, with nothing left to do
        later = new()
        later.notify(RunOpened(results))
        for trial in results.trials[2:]:
            later.notify(TrialStarted(trial, 5))
            later.notify(TrialEnded(trial))
        later.notify(RunConcluded(results))
    parent, nested = sent()
    assert parent.info.status == "FINISHED"
    assert sorted(nested) == [trial.id for trial in results.trials]
    for run in nested.values():
        assert run.info.status == "FINISHED"
        assert len(client.get_metric_history(run.info.run_id, "val_loss")) == 4
        assert len(client.get_metric_history(run.info.run_id, "score")) == 1
    assert len(client.get_metric_history(parent.info.run_id, "score")) == 1


def test_an_interrupted_trial_has_no_curve_until_it_runs_again(
    new: Callable[[], MLflowTracker], sent: Callable[..., Any], client: MlflowClient, tmp_path: Path
) -> None:
    config, record = begin_run(tmp_path / "run")
    trial = add_trial(config, record, tmp_path / "run", ending=TrialStatus.RUNNING, draw=random.Random(1))
    first, results = new(), Results.load(tmp_path / "run")
    first.notify(RunOpened(results))
    first.notify(TrialStarted(trial, 1))
    broken = Outcome(TrialStatus.INTERRUPTED, error="the search was stopped", reason=Reason.STOPPED)
    stopped = replace(results.state, status=RunStatus.INTERRUPTED, error="interrupted")
    first.notify(RunConcluded(replace(results, trials=[replace(trial, outcome=broken)], state=stopped)))
    parent, nested = sent()
    assert (parent.info.status, nested["0000"].info.status) == ("KILLED", "KILLED")
    assert nested["0000"].data.metrics == {}
    again = new()
    again.notify(RunOpened(results))
    assert sent()[0].info.status == "RUNNING"
    again.notify(TrialStarted(trial, 1))
    again.notify(TrialEnded(replace(trial, outcome=Outcome(TrialStatus.COMPLETED, 0.5, (0.5,), epochs=4))))
    run = sent()[1]["0000"]
    assert (run.info.status, run.data.tags["toonvision.error"]) == ("FINISHED", "")
    assert len(client.get_metric_history(run.info.run_id, "val_loss")) == 4


def test_a_deleted_parent_is_created_again_with_all_trials(
    new: Callable[[], MLflowTracker], sent: Callable[..., Any], client: MlflowClient, tmp_path: Path
) -> None:
    results = completed_run(tmp_path / "run", trials=2)
    follow(new(), results)
    parent, nested = sent()
    for run in (parent, *nested.values()):
        client.delete_run(run.info.run_id)
    later = new()
    later.notify(RunOpened(results))
    later.notify(RunConcluded(results))
    again, nested = sent()
    assert again.info.run_id != parent.info.run_id
    assert sorted(nested) == ["0000", "0001"]


def test_a_lost_store_gives_one_warning_and_gets_the_rest_at_the_end(
    new: Callable[[], MLflowTracker],
    sent: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from mlflow import MlflowClient, MlflowException

    results = completed_run(tmp_path / "run", trials=4)
    tracker = new()
    tracker.notify(RunOpened(results))
    asked: list[str] = []

    def gone(_: MlflowClient, run_id: str, **__: object) -> None:
        asked.append(run_id)
        raise MlflowException("connection refused")

    with monkeypatch.context() as lost:
        lost.setattr(MlflowClient, "log_batch", gone)
        for trial in results.trials:
            tracker.notify(TrialStarted(trial, 4))
            tracker.notify(TrialEnded(trial))
    assert len(asked) == 1
    (warning,) = caplog.messages
    ending = f"sent when it ends, or by toonvision resume {results.directory}. Error of MLflow: connection refused"
    assert warning.endswith(ending)
    tracker.notify(RunConcluded(results))
    parent, nested = sent()
    assert [nested[trial.id].info.status for trial in results.trials] == ["FINISHED"] * 4
    assert all(set(run.data.params) == set(results.hyperparameters) for run in nested.values())
    assert parent.info.status == "FINISHED"


def test_an_unreachable_server_is_an_error_before_keras_is_imported(store: str, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{closed.getsockname()[1]}"
        script = (
            "import sys\nfrom toonvision.cli import main\n"
            f"code = main(['tracker=mlflow', 'tracker.tracking_uri={uri}'])\n"
            "print(code, sorted({'keras', 'keras_tuner', 'tensorflow'} & set(sys.modules)))"
        )
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    expected = "tracker.tracking_uri: expected an MLflow server or database that can be reached."
    assert ran.stdout == "2 []\n"
    assert ran.stderr.startswith(f"toonvision: {expected} Received: '{uri}': ")
    assert not (tmp_path / "outputs" / "latest").exists()


def test_missing_mlflow_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ConfigError) as raised:
        validate(compose(["tracker=mlflow"]))
    target = "toonvision.tracker.mlflow.MLflowTracker"
    assert str(raised.value) == (
        f"tracker: expected mlflow, which {target} needs, to be installed. Received: a missing package. "
        "Install it by pip install 'toonvision[mlflow]'."
    )


@pytest.mark.training
def test_a_search_and_its_resumption_are_sent_to_a_local_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["hydra.run.dir=outputs/mine", *TABLE, "tracker=mlflow"]) == 0
    toonvision.resume("outputs/mine", ["tuner.max_trials=3"])
    client = MlflowClient("sqlite:///outputs/mlflow.db")
    (experiment,) = [found for found in client.search_experiments() if found.name == "toonvision"]
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert len(runs) == 1 + len(Results.load("outputs/mine").trials)
    parent = runs["outputs/mine"]
    assert files(client, parent) == {"hydra", "models", "report", "search_space"}
    assert {"models/baseline.keras", "models/tuned.keras"} <= files(client, parent, "models")
    assert experiment.artifact_location == (tmp_path / "outputs" / "mlartifacts").as_uri()
