"""The main job: search, retrain the best values, compare them with the baseline, report."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toonvision.config.read import recorded_overrides
from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.dataset import Dataset, load_dataset
from toonvision.dataset.cache import looks_file
from toonvision.dataset.resampling import check_resampling
from toonvision.errors import ConfigError, Problem, SearchError, StorageError, ToonvisionError, room_on_disk
from toonvision.executor.inline import InlineExecutor
from toonvision.record.environment import note_environment
from toonvision.record.observer import (
    KnownPointsGiven,
    Observer,
    RunConcluded,
    RunOpened,
    WarmStarted,
)
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, RunStatus
from toonvision.record.warm_start import known_results
from toonvision.report import LiveReports, summary, write_reports
from toonvision.search.ablation import train_path
from toonvision.search.comparing import compare, keep_model, model_scores
from toonvision.search.final_model import FinalModel
from toonvision.search.final_trainings import FinalTrainings
from toonvision.search.finalists import train_finalists
from toonvision.search.rounds import search_rounds
from toonvision.search.runner import Runner, Trainer
from toonvision.search_space.space import fixed_values
from toonvision.task import load_task
from toonvision.task.labels import check_labels
from toonvision.training.adopted import check_names
from toonvision.training.worker import run_trial
from toonvision.trial.trial import KnownPoint
from toonvision.verdict.comparison import ModelScores
from toonvision.verdict.test_looks import Subject, note_look

KERAS = Trainer(run_trial, compare)


def run_main_job(
    config: RunConfig,
    directory: Path,
    runner: Runner,
    *,
    earlier: Results | None = None,
    first: Sequence[KnownPoint] = (),
) -> Results:
    """Run the whole job in `directory`, which already holds the composed configuration; report however it ends.

    Args:
        config: valid.
        directory: the run's.
        runner: runs the trials; its executor is shut down when the search has ended.
        earlier: the run that `warm_start` names; None for none.
        first: the known points that `first` lists.

    Raises:
        ToonvisionError: if the data cannot be read, the search cannot go on, or no trial completes.
        KeyboardInterrupt: if the run is interrupted, after what has been found so far was reported.
    """
    dataset = _load(config.default_trial)
    check_names(config)
    known, total = known_results(earlier, config, dataset.fingerprint) if earlier else ([], 0)
    record = Record.create(
        config.storage,
        directory,
        space=config.search_space,
        objective=config.objective,
        state=RunState(dataset=dataset.name, fingerprint=dataset.fingerprint),
        known=known,
        first=first,
    )
    if first:
        runner.notify(KnownPointsGiven(first))
    if earlier:
        runner.notify(WarmStarted(len(known), total))
    return _finish(config, record, runner)


def resume_main_job(config: RunConfig, directory: Path, runner: Runner) -> Results:
    """Go on with the run in `directory` where it stopped, for whatever reason; every trial that has ended stays.

    Args:
        config: valid, and as the run began but for what may change (see `toonvision.record.resume`).
        directory: the run's.
        runner: as of `run_main_job`.

    Raises:
        ConfigError: if the data are not those of the run.
        ToonvisionError: as `run_main_job` does.
        KeyboardInterrupt: as there.
    """
    dataset = _load(config.default_trial)
    record = Record.reopen(config.storage, directory, space=config.search_space, objective=config.objective)
    began_with = record.state.fingerprint
    if began_with and began_with != dataset.fingerprint:
        record.close()
        raise ConfigError(
            Problem(
                "dataset",
                f"the data with which the run began, of fingerprint {began_with}",
                f"data of fingerprint {dataset.fingerprint}",
                "Trials on different data cannot be compared.",
            )
        )
    record.update(status=RunStatus.RUNNING, error=None, ended_by=None, is_search_over=False)
    return _finish(config, record, runner)


def _finish(config: RunConfig, record: Record, runner: Runner) -> Results:
    """Run every stage that has not ended; write how the run ended, and its reports, however it ends."""
    note_environment(record.directory, backend=config.backend, deterministic=config.deterministic)
    started, seconds = time.monotonic(), record.state.seconds
    overrides = recorded_overrides(record.directory)

    def found() -> Results:
        return Results(record.directory, config, record.trials, record.state, overrides)

    status, message = RunStatus.FAILED, "an unexpected error"
    try:
        with room_on_disk(record.directory):
            live = LiveReports(config, record.directory)
            _run_stages(config, record, replace(runner, observers=[*runner.observers, live]), found)
        status, message = RunStatus.COMPLETED, ""
    except KeyboardInterrupt:
        status, message = RunStatus.INTERRUPTED, "interrupted"
        raise
    except ToonvisionError as error:
        message = str(error)
        raise
    finally:
        with _unless_failed(status), room_on_disk(record.directory):
            seconds += time.monotonic() - started
            record.update(status=status, error=message or None, seconds=seconds)
            results = found()
            record.close()
            write_reports(results)
            runner.notify(RunConcluded(results))
    return results


def _run_stages(config: RunConfig, record: Record, runner: Runner, results: Callable[[], Results]) -> None:
    """Search, train the finalists and the path, and compare; the record has the result of each stage as it ends."""
    runner.notify(RunOpened(results()))
    with runner.executor:
        ended_by = search_rounds(config, record=record, runner=runner)
        record.update(ended_by=ended_by, is_search_over=True)
        _check_completed(results())
        train_finalists(results(), runner=runner, on_change=lambda finalists: record.update(finalists=finalists))
        train_path(results(), runner=runner, on_change=lambda path: record.update(path=path))
        found = results()
        if found.comparison is None:
            best, chosen = found.best_values(), found.chosen()
            trial = chosen.id if chosen else None
            comparison = runner.trainer.compare(config, best, record.directory, trial=trial, runner=runner)
            record.update(comparison=comparison)


@contextlib.contextmanager
def _unless_failed(status: RunStatus) -> Iterator[None]:
    """Ignore a full disk if the run has ended with another error, for example with an earlier one of a full disk."""
    try:
        yield
    except StorageError:
        if status is RunStatus.COMPLETED:
            raise


def train_fixed(config: RunConfig, directory: Path, *, observer: Observer) -> ModelScores:
    """Train one fixed configuration on train + validation, judge it on the test set, and write `summary.json`.

    Args:
        config: valid, without hyperparameters.
        directory: the run's; the model is written to `models/trained.keras`.
        observer: receives every epoch.

    Raises:
        ToonvisionError: if the data cannot be read, or the model cannot be built or diverges.
    """
    resolved = config.resolve(fixed_values(config.search_space))
    dataset = _load(resolved)
    note_environment(directory, backend=config.backend, deterministic=config.deterministic)
    seeds = (resolved.seed,)
    with InlineExecutor() as executor:
        trainings = FinalTrainings(
            [FinalModel("trained", resolved, dataset)],
            seeds,
            directory=directory,
            runner=Runner(executor, [observer], KERAS),
            retries=config.retries,
        )
        durations = trainings.choose_durations()
        note_look(
            directory,
            why="toonvision train",
            fingerprint=dataset.fingerprint,
            examples=len(dataset.test),
            subjects=[Subject("trained", resolved.values, seeds)],
            all_looks=looks_file(dataset.fingerprint),
        )
        trained = trainings.train(durations)["trained"][0]
    keep_model(trained, dataset, directory, name="trained")
    trainings.clear()
    judged = model_scores(trained, resolved.values, load_task(resolved.task), dataset.test.y)
    content = {
        "status": RunStatus.COMPLETED.value,
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "test_examples": len(dataset.test),
        "trained": summary.model_json(judged),
    }
    (directory / summary.SUMMARY).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return judged


def _load(trial: TrialConfig) -> Dataset:
    """Load the data before the first trial, so that what is wrong with them is said once and at once."""
    dataset = load_dataset(trial.dataset)
    check_labels(trial, dataset)
    check_resampling(dataset, trial.training.resampling)
    return dataset


def _check_completed(results: Results) -> None:
    """Raise SearchError if no trial has completed."""
    if results.best(1):
        return
    counts = ", ".join(f"{count} {status}" for status, count in results.counts().items()) or "none"
    last = next((trial.outcome.error for trial in reversed(results.trials) if trial.outcome.error), None)
    end = f"The search was ended by {results.state.ended_by}. " if results.state.ended_by else ""
    raise SearchError(Problem("", "at least one trial to complete", counts, f"{end}The last error: {last}"))
