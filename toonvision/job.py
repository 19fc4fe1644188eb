"""The main job: search, retrain the best values, compare them with the baseline, report."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from toonvision.config.schema import RunConfig
from toonvision.dataset import Dataset, load_dataset
from toonvision.errors import ConfigError, SearchError, StorageError, ToonvisionError, room_on_disk
from toonvision.record.conclusion import Conclusion, RunStatus
from toonvision.record.observer import Observer, Observers
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.record.warm_start import known_results
from toonvision.report import LiveReports, summary, write_reports
from toonvision.search.ablation import train_path
from toonvision.search.finalists import train_finalists
from toonvision.search.rounds import search_rounds
from toonvision.search.running import Runner
from toonvision.search_space.space import fixed_values
from toonvision.training.retrain import compare, judge
from toonvision.training.trainer import Trainer
from toonvision.training.worker import run_trial
from toonvision.verdict.comparison import ModelScores
from toonvision.verdict.test_looks import Subject, note_look

KERAS = Trainer(run_trial, compare)


def run_main_job(config: RunConfig, directory: Path, runner: Runner) -> Results:
    """Run the whole job in `directory`, which already holds the composed configuration; report however it ends.

    Args:
        config: valid.
        directory: the run's.
        runner: runs the trials; its executor is shut down when the search has ended.

    Raises:
        ToonvisionError: if the data cannot be read, the search cannot go on, or no trial completes.
        KeyboardInterrupt: if the run is interrupted, after what has been found so far was reported.
    """
    dataset = _load(config)
    known, of = known_results(config, dataset.fingerprint)
    space, objective = config.search_space, config.objective
    record = Record.create(config.storage, directory, space=space, objective=objective)
    conclusion = Conclusion(dataset=dataset.name, fingerprint=dataset.fingerprint)
    record.conclude(conclusion)
    if config.warm_start is not None:
        record.learn(known)
        runner.observer.learned(len(known), of)
    return _finish(config, directory, record, conclusion, runner=runner)


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
    dataset = _load(config)
    before = Results.load(directory).conclusion
    if before.fingerprint and before.fingerprint != dataset.fingerprint:
        raise ConfigError(
            f"dataset: expected the data with which the run began, of fingerprint {before.fingerprint}. Received: data "
            f"of fingerprint {dataset.fingerprint}. Trials on different data cannot be compared."
        )
    space, objective = config.search_space, config.objective
    record = Record.reopen(config.storage, directory, space=space, objective=objective)
    before = replace(before, status=RunStatus.RUNNING, error=None, ended_by=None)
    record.conclude(before)
    return _finish(config, directory, record, before, runner=runner)


def _finish(config: RunConfig, directory: Path, record: Record, before: Conclusion, *, runner: Runner) -> Results:
    """Search, retrain and compare; write the conclusion and the reports however it ends."""
    started = time.monotonic()
    conclusion = replace(before, status=RunStatus.FAILED, error="an unexpected error")

    def keep(further: Conclusion) -> None:
        nonlocal before
        before = further
        record.conclude(before)

    try:
        with room_on_disk(directory):
            runner = replace(runner, observer=Observers(runner.observer, LiveReports(config, directory)))
            runner.observer.opened(Results(directory, config, record.trials, before))
            with runner.executor:
                ended_by = search_rounds(config, directory, record=record, runner=runner)
                before = replace(before, ended_by=ended_by)
                results = replace(_completed(Results.load(directory)), conclusion=before)
                train_finalists(results, runner=runner, keep=keep)
                results = replace(results, conclusion=before)
                train_path(results, runner=runner, keep=keep)
            comparison, chosen = results.comparison, results.chosen()
            if comparison is None:
                trial, values = chosen.id if chosen else None, results.best_values()
                comparison = runner.trainer.compare(
                    config, values, directory, trial=trial, on_epoch=runner.observer.retraining
                )
        conclusion = replace(before, status=RunStatus.COMPLETED, error=None, comparison=comparison)
    except KeyboardInterrupt:
        conclusion = replace(before, status=RunStatus.INTERRUPTED, error="interrupted")
        raise
    except ToonvisionError as error:
        conclusion = replace(before, status=RunStatus.FAILED, error=str(error))
        raise
    finally:
        with _unless_failed(conclusion), room_on_disk(directory):
            seconds = before.seconds + time.monotonic() - started
            conclusion = replace(conclusion, finalists=before.finalists, path=before.path, seconds=seconds)
            record.conclude(conclusion)
            record.close()
            results = Results.load(directory)
            write_reports(results)
            runner.observer.concluded(results)
    return results


@contextlib.contextmanager
def _unless_failed(conclusion: Conclusion) -> Iterator[None]:
    """Let a full disk pass if the run has ended with another error, say with the first one of a full disk."""
    try:
        yield
    except StorageError:
        if conclusion.status is RunStatus.COMPLETED:
            raise


def train_fixed(config: RunConfig, directory: Path, *, observer: Observer) -> ModelScores:
    """Train one fixed configuration on train + validation, judge it on the test set, and write `summary.json`.

    Args:
        config: valid, without hyperparameters.
        directory: the run's; the model is written to `models/trained.keras`.
        observer: told of every epoch.

    Raises:
        ToonvisionError: if the data cannot be read, or the model cannot be built or diverges.
    """
    resolved = config.resolve(fixed_values(config.search_space))
    dataset = load_dataset(resolved.dataset)
    path = directory / "models" / "trained.keras"
    subject = Subject("trained", resolved.values, (resolved.seed,))
    why = "toonvision train"
    note_look(directory, why=why, fingerprint=dataset.fingerprint, examples=len(dataset.test), subjects=[subject])
    judged = judge(resolved, dataset, test=dataset.test, path=path, on_epoch=observer.retraining).judged
    content = {
        "status": RunStatus.COMPLETED.value,
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "test_examples": len(dataset.test),
        "trained": summary.judged_scores(judged),
    }
    (directory / summary.SUMMARY).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return judged


def _load(config: RunConfig) -> Dataset:
    """Load the data before the first trial, so that what is wrong with them is said once and at once."""
    return load_dataset(config.default_trial.dataset)


def _completed(results: Results) -> Results:
    if results.best(1):
        return results
    counts = ", ".join(f"{count} {status}" for status, count in results.counts().items()) or "none"
    last = next((trial.outcome.error for trial in reversed(results.trials) if trial.outcome.error), None)
    raise SearchError(f"expected at least one trial to complete. Received: {counts}. The last error: {last}")
