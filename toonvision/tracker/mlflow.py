"""A run in MLflow: a parent run, with one nested run for each trial.

The record stays the truth. What could not be sent during the search is sent from the record when the run ends or is
resumed.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonvision.config.schema import TRIAL_GROUPS
from toonvision.errors import ConfigError, Problem
from toonvision.record.observer import Event, RunConcluded, RunOpened, TrialEnded, TrialStarted
from toonvision.record.run_state import RunStatus
from toonvision.report.summary import judged_scores
from toonvision.trial.history import HistoryReader
from toonvision.trial.trial import HISTORY, LOG, Trial, TrialStatus, trial_directory

if TYPE_CHECKING:
    from toonvision.record.results import Results

# MLflow reads these variables at import. Its defaults send telemetry, and wait many minutes for a lost server.
_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
os.environ.update({**_DEFAULTS, **os.environ})
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it warns about each retry

from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Metric, Param, Run, RunTag  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

logger = logging.getLogger(__name__)

STORE = Path("outputs", "mlflow.db")
ARTIFACTS = Path("outputs", "mlartifacts")
KEPT = "mlflow_run_id"  # the file with the id of the parent run, for a resumed run
_PARAMETERS = (
    *TRIAL_GROUPS,
    "search_space",
    "baseline",
    "objective",
    "tuner",
    "pruner",
    "seed",
    "backend",
)  # of a run
_PARENT = "mlflow.parentRunId"
_OF_TRIAL, _STATUS = "toonvision.trial_id", "toonvision.status"
_STATES = {  # of MLflow; a tag has the exact status
    TrialStatus.COMPLETED: "FINISHED",
    TrialStatus.PRUNED: "KILLED",
    TrialStatus.FAILED: "FAILED",
    TrialStatus.INFEASIBLE: "FAILED",
    TrialStatus.INTERRUPTED: "KILLED",
}
_RUN_STATES = {RunStatus.COMPLETED: "FINISHED", RunStatus.FAILED: "FAILED", RunStatus.INTERRUPTED: "KILLED"}
_METRICS_AT_ONCE, _PARAMETERS_AT_ONCE, _LONGEST = 1000, 100, 5000  # limits of MLflow
_UNREACHED = (MlflowException, OSError)  # OSError is raised by requests, and for files


class MLflowTracker:
    """Sends the parameters, metrics, status and files of a run and its trials to MLflow.

    If the server is lost during the search, the tracker warns once and the search goes on.

    Args:
        tracking_uri: of a server or a database; None for `MLFLOW_TRACKING_URI` or, without it, `outputs/mlflow.db`.
        experiment: name of the MLflow experiment of all runs.

    Raises:
        ConfigError: if MLflow cannot be reached.
    """

    def __init__(self, *, tracking_uri: str | None = None, experiment: str = "toonvision") -> None:
        self._uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{STORE}"
        STORE.parent.mkdir(exist_ok=True)
        try:
            self._client = MlflowClient(self._uri)
            self._experiment = self._find_experiment(experiment)
        except _UNREACHED as error:
            raise ConfigError(
                Problem(
                    "tracker.tracking_uri",
                    "an MLflow server or database that can be reached",
                    f"{self._uri!r}: {_first_line(error)}",
                )
            ) from error
        self._parent: str | None = None
        self._children: dict[str, Run] = {}  # by the ids of trials
        self._sent: set[str] = set()  # ids of trials that have ended
        self._lost = False

    def notify(self, event: Event) -> None:
        """Send the begin and the end of a run or a trial; at the end of the run, send also what is missing."""
        match event:
            case RunOpened(results):
                self._directory = results.directory
                self._attempt(self._open, results)
            case TrialStarted(trial):
                self._attempt(self._begin, trial)
            case TrialEnded(trial):
                self._attempt(self._end, trial)
            case RunConcluded(results):
                self._lost = False
                self._attempt(self._conclude, results)

    def _attempt(self, send: Callable[[Any], None], content: Any) -> None:
        if self._lost:
            return
        try:
            send(content)
        except _UNREACHED as error:
            self._lost = True
            logger.warning(
                "MLflow at %s cannot be reached. The run goes on; missing data are sent when it ends, or by "
                "toonvision resume %s. Error of MLflow: %s",
                self._uri,
                self._directory,
                _first_line(error),
            )

    def _find_experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        local = self._uri == f"sqlite:///{STORE}"
        return str(self._client.create_experiment(name, ARTIFACTS.absolute().as_uri() if local else None))

    def _open(self, results: Results) -> None:
        kept = self._directory / KEPT
        parent = kept.read_text(encoding="utf-8") if kept.is_file() else None
        if parent is None or not self._is_there(parent):
            tags = {"toonvision.directory": str(self._directory.absolute())}
            run = self._client.create_run(self._experiment, run_name=str(self._directory), tags=tags)
            self._parent = str(run.info.run_id)
            kept.write_text(self._parent, encoding="utf-8")
            self._send_parameters(self._parent, results.config.settings(_PARAMETERS))
            return
        self._parent = parent
        self._client.update_run(parent, status="RUNNING")
        for run in self._nested(parent):
            trial_id = run.data.tags[_OF_TRIAL]
            self._children[trial_id] = run
            if run.info.status != "RUNNING" and run.data.tags[_STATUS] != TrialStatus.INTERRUPTED:
                self._sent.add(trial_id)

    def _is_there(self, run_id: str) -> bool:
        """Return whether MLflow has a run; it may have been deleted, or sent to another server."""
        try:
            return bool(self._client.get_run(run_id).info.lifecycle_stage == "active")
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False

    def _nested(self, parent: str) -> Iterator[Run]:
        within = f"tags.`{_PARENT}` = '{parent}'"
        page = self._client.search_runs([self._experiment], within)
        yield from page
        while page.token:
            page = self._client.search_runs([self._experiment], within, page_token=page.token)
            yield from page

    def _begin(self, trial: Trial) -> None:
        if trial.id in self._children:  # it was interrupted and runs again
            self._client.update_run(self._children[trial.id].info.run_id, status="RUNNING")
        else:
            tags = {_PARENT: self._parent, _OF_TRIAL: trial.id, _STATUS: trial.status.value}
            self._children[trial.id] = self._client.create_run(self._experiment, run_name=trial.id, tags=tags)
        self._send_parameters(self._children[trial.id].info.run_id, trial.values)

    def _end(self, trial: Trial) -> None:
        run, folder = self._children[trial.id], trial_directory(self._directory, trial.number)
        if trial.has_ended:
            self._send_metrics(run.info.run_id, list(_metrics(trial, folder / HISTORY, begun=run.info.start_time)))
            for name in (HISTORY, LOG):
                if (folder / name).is_file():
                    self._client.log_artifact(run.info.run_id, str(folder / name))
            self._sent.add(trial.id)
        tags = {_STATUS: trial.status.value, "toonvision.reason": trial.outcome.reason}
        self._send_tags(run.info.run_id, tags | {"toonvision.error": trial.outcome.error})
        self._client.set_terminated(run.info.run_id, _STATES[trial.status])

    def _conclude(self, results: Results) -> None:
        if self._parent is None:
            self._open(results)
        assert self._parent is not None
        for trial in results.trials:
            if trial.status in _STATES and trial.id not in self._sent:
                self._begin(trial)
                self._end(trial)
        state, comparison = results.state, results.comparison
        chosen = results.chosen()
        scores: dict[str, Any] = {"score": chosen.outcome.score} if chosen else {}
        for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)) if comparison else ():
            scores |= {f"test/{role}_{name}": value for name, value in judged_scores(judged).items()}
        known = self._client.get_run(self._parent).data.metrics
        now = int(1000 * time.time())
        changed = {_key(name): value for name, value in scores.items() if known.get(_key(name)) != value}
        self._send_metrics(self._parent, [Metric(name, value, now, 0) for name, value in changed.items()])
        tags = {_STATUS: state.status.value, "toonvision.error": state.error, "dataset": state.dataset}
        self._send_tags(self._parent, tags | {"toonvision.chosen_trial": chosen.id if chosen else None})
        for name in (".hydra", "models", "report", "search_space"):
            if (self._directory / name).is_dir():
                self._client.log_artifacts(self._parent, str(self._directory / name), name.removeprefix("."))
        self._client.set_terminated(self._parent, _RUN_STATES[state.status])

    def _send_parameters(self, run_id: str, values: Mapping[str, Any]) -> None:
        sent = [Param(_key(name), str(value)[:_LONGEST]) for name, value in values.items() if value is not None]
        for first in range(0, len(sent), _PARAMETERS_AT_ONCE):
            self._client.log_batch(run_id, params=sent[first : first + _PARAMETERS_AT_ONCE])

    def _send_metrics(self, run_id: str, metrics: list[Metric]) -> None:
        for first in range(0, len(metrics), _METRICS_AT_ONCE):
            self._client.log_batch(run_id, metrics=metrics[first : first + _METRICS_AT_ONCE])

    def _send_tags(self, run_id: str, tags: Mapping[str, str | None]) -> None:
        self._client.log_batch(run_id, tags=[RunTag(key, (value or "")[:_LONGEST]) for key, value in tags.items()])


def _metrics(trial: Trial, history: Path, *, begun: int) -> Iterator[Metric]:
    """Yield the metrics by epoch, then the final ones. To send them twice makes no difference to MLflow.

    Args:
        trial: a trial that has ended.
        history: path of its history.
        begun: start of its run in MLflow, in milliseconds since 1970.
    """
    rows, outcome = list(HistoryReader(history).new_epochs()), trial.outcome
    ended = begun + int(1000 * outcome.seconds)
    for index, row in enumerate(rows, start=1):
        at, step, execution = begun + (ended - begun) * index // len(rows), int(row["epoch"]), int(row["execution"])
        prefix = f"execution_{execution}/" if execution else ""
        for name, value in row.items():
            if name not in ("epoch", "execution"):
                yield Metric(_key(f"{prefix}{name}"), value, at, step)
    reached = {"score": outcome.score, **{f"best/{name}": value for name, value in outcome.metrics.items()}}
    reached |= {"parameters": outcome.parameters, "epochs": outcome.epochs, "seconds": outcome.seconds}
    for name, total in reached.items():
        if total is not None:
            yield Metric(_key(name), total, ended, 0)


def _key(name: str) -> str:
    """Return a name with the characters that MLflow allows."""
    return re.sub(r"[^/\w.\- :]", "_", re.sub(r"\[(\d+)\]", r".\1", name))


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]
