"""The public functions: run, train, check, resume and narrow.

Each validates the configuration and chooses Keras's backend before it imports Keras, which takes seconds.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from toonvision.config.folders import refuse_links
from toonvision.config.node import instantiate
from toonvision.config.parse import parse
from toonvision.config.resolve import plain
from toonvision.config.schema import NarrowingOptions, RunConfig
from toonvision.config.trust import own
from toonvision.console import readable
from toonvision.errors import ConfigError, Problem
from toonvision.executor import TrialExecutor
from toonvision.executor.processes import ProcessesExecutor
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.peeling import narrow_space
from toonvision.record.first_points import first_points
from toonvision.record.observer import Observer
from toonvision.record.results import Results
from toonvision.record.resume import check_trials, keep, resumed_config
from toonvision.record.run_lock import locked
from toonvision.report import narrowed_space
from toonvision.report.progress import ConsoleProgress
from toonvision.search.runner import Runner, Trainer
from toonvision.space_check.finding import SpaceCheck
from toonvision.training.backend import load_backend
from toonvision.validation.space import fixed_problems, searched_problems
from toonvision.validation.validate import validate
from toonvision.verdict.comparison import ModelScores

LATEST = Path("outputs", "latest")


def run(
    cfg: DictConfig | Mapping[str, Any],
    directory: Path | str | None = None,
    *,
    console: Console | None = None,
    trainer: Trainer | None = None,
) -> Results:
    """Search, retrain the best values, compare them with the baseline and write the reports.

    Args:
        cfg: the configuration that `toonvision.compose` returns.
        directory: of the run, empty or new; `outputs/<date>/<time>` if None.
        console: shows the progress; nothing is shown if None.
        trainer: the functions that train; those of Keras if None. Tests pass simulated ones.

    Raises:
        ConfigError: if the configuration is wrong. Keras is not imported then, and nothing is written.
        ToonvisionError: if the data cannot be read, the search cannot continue, or no trial completes.
    """
    config = validate(cfg)
    if problems := list(searched_problems(config.search_space, "search_space")):
        raise ConfigError(*problems)
    shown = console or Console(quiet=True)
    with instantiate(config.executor, "executor") as executor:  # before Keras: the engine may be missing
        _import_ahead(executor, config, trainer)
        trackers = _trackers(config)
        earlier = Results.load(config.warm_start) if config.warm_start is not None else None
        first = first_points(config)  # before outputs/latest, which it may name, points at this run
        _show_sizing(executor, shown)  # something to see while Keras is imported
        directory = _prepare(config, cfg, directory)
        from toonvision.job import KERAS, run_main_job  # Keras reads its backend's name at import, so not at the top

        with locked(directory), ConsoleProgress(shown, objective=config.objective) as progress:
            runner = Runner(executor, [progress, *trackers], trainer or KERAS)
            return run_main_job(config, directory, runner, earlier=earlier, first=first)


def _import_ahead(executor: TrialExecutor, config: RunConfig, trainer: Trainer | None) -> None:
    """Let processes import Keras while this one does, unless the trials are simulated."""
    if isinstance(executor, ProcessesExecutor) and trainer is None:
        if config.backend == "tensorflow":
            executor.fork_from("toonvision.training.preloaded")
        executor.prepare(load_backend, config.backend, deterministic=config.deterministic)


def _show_sizing(executor: TrialExecutor, console: Console) -> None:
    if isinstance(executor, ProcessesExecutor):
        console.print(executor.sizing, markup=False, highlight=False, soft_wrap=True)


def _trackers(config: RunConfig) -> list[Observer]:
    """Return the configured tracker, if there is one."""
    return [instantiate(config.tracker, "tracker")] if config.tracker else []


def train(
    cfg: DictConfig | Mapping[str, Any], directory: Path | str | None = None, *, console: Console | None = None
) -> ModelScores:
    """Train one fixed configuration on the training and validation examples, and score it on the test set.

    Args:
        cfg: the configuration that `toonvision.compose` returns, with a search space of fixed values.
        directory: of the run; `outputs/<date>/<time>` if None.
        console: shows the progress; nothing is shown if None.

    Raises:
        ConfigError: if the configuration is wrong, or a hyperparameter is not fixed.
        ToonvisionError: if the data cannot be read, or the model cannot be built or diverges.
    """
    config = validate(cfg)
    if problems := list(fixed_problems(config.search_space, "search_space")):
        raise ConfigError(*problems)
    directory = _prepare(config, cfg, directory)
    from toonvision.job import train_fixed  # as above

    with ConsoleProgress(console or Console(quiet=True), objective=config.objective) as progress:
        return train_fixed(config, directory, observer=progress)


def check(cfg: DictConfig | Mapping[str, Any], *, console: Console | None = None) -> SpaceCheck:
    """Estimate what a search costs: build a sample of the models, and train a few of them for a few steps.

    Nothing is written. The same seed gives the same result, except for the times.

    Args:
        cfg: the configuration that `toonvision.compose` returns.
        console: shows a spinner; nothing is shown if None.

    Raises:
        ConfigError: if the configuration is wrong.
        ToonvisionError: if the data cannot be read.
    """
    config = validate(cfg)
    first = first_points(config)
    load_backend(config.backend, deterministic=config.deterministic)
    from toonvision.space_check.examination import check_space  # as above

    with (console or Console(quiet=True)).status("Building models, and timing a few"):
        return check_space(config, first=len(first))


def resume(
    directory: Path | str,
    overrides: Sequence[str] = (),
    *,
    console: Console | None = None,
    trainer: Trainer | None = None,
) -> Results:
    """Continue a run where it stopped. Trials that have ended stay; an interrupted trial runs again under its id.

    Args:
        directory: of the run.
        overrides: what changes, say `["tuner.max_trials=50"]`; nothing that the scores of the trials depend on.
        console: shows the progress; nothing is shown if None.
        trainer: see `run`.

    Raises:
        ConfigError: if there is no run, or an override changes what must stay.
        ToonvisionError: as `run` does.
    """
    directory = relative(Path(directory).resolve())  # follows the link outputs/latest
    refuse_links(directory)
    shown = console or Console(quiet=True)
    cfg, changes = resumed_config(directory, overrides)
    own(directory)
    config = validate(cfg)
    check_trials(config, Results.load(directory).trials)
    with locked(directory), instantiate(config.executor, "executor") as executor:
        _import_ahead(executor, config, trainer)
        trackers = _trackers(config)
        _show_sizing(executor, shown)
        load_backend(config.backend, deterministic=config.deterministic)
        for change in changes:
            shown.print(f"changed: {change}", markup=False, highlight=False, soft_wrap=True)
        if changes:
            keep(directory, cfg, overrides)
        _point_latest_at(directory)
        from toonvision.job import KERAS, resume_main_job  # as above

        with ConsoleProgress(shown, objective=config.objective) as progress:
            return resume_main_job(config, directory, Runner(executor, [progress, *trackers], trainer or KERAS))


def narrow(
    directory: Path | str,
    *,
    quantile: float = 0.25,
    threshold: float | None = None,
    accept: Collection[str] = (),
    refuse: Collection[str] = (),
) -> Narrowing:
    """Write the next search space of a run to its `search_space/narrowed.yaml`, an option of the group `search_space`.

    Args:
        directory: of the run.
        quantile: share of the trials that count as good: the best of those that could be built.
        threshold: trials with a better score count as good, whatever their share; None for the quantile.
        accept: the only hyperparameters to cut; empty for all.
        refuse: hyperparameters that are not cut.

    Raises:
        ConfigError: if there is no run, no trial has completed, or an option is wrong.
    """
    refuse_links(Path(directory))
    results = Results.load(directory)
    narrowing = narrow_run(
        results,
        parse(
            NarrowingOptions,
            {"quantile": quantile, "threshold": threshold, "accept": list(accept), "refuse": list(refuse)},
        ),
    )
    narrowed_space.write(narrowing, results, results.directory / "search_space")
    return narrowing


def narrow_run(results: Results, options: NarrowingOptions) -> Narrowing:
    """Return the next search space of a run, with the evidence for it. Nothing is written.

    Raises:
        ConfigError: if no trial has completed, no trial is good, or an option is wrong.
    """
    config = results.config
    narrowing = narrow_space(config.search_space, results.trials, config.objective, options, config.strategy.rounds)
    if not narrowing.count.good:
        scores = (readable(trial.outcome.score or 0.0, 6) for trial in results.best(1))
        best = next(scores, "no trial that has completed")
        reach = "" if options.threshold is None else f" better than {options.threshold}"
        raise ConfigError(Problem(str(results.directory), f"a score{reach} to narrow by", best))
    return narrowing


def relative(path: Path) -> Path:
    """Return a path below the working directory as a relative path, and any other path as it is."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _prepare(config: RunConfig, cfg: DictConfig | Mapping[str, Any], directory: Path | str | None) -> Path:
    """Load the backend, create the run's directory with its configuration, and point `outputs/latest` at it."""
    load_backend(config.backend, deterministic=config.deterministic)
    directory = Path(directory) if directory else Path(f"outputs/{datetime.datetime.now():%Y-%m-%d/%H-%M-%S}")
    refuse_links(directory)
    own(directory)
    composed = directory / ".hydra" / "config.yaml"
    if not composed.exists():
        composed.parent.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(OmegaConf.create(plain(cfg)), composed)
    _point_latest_at(directory)
    return directory


def _point_latest_at(directory: Path) -> None:
    """Make `outputs/latest` a link to the run. Only a link is replaced, and in one step."""
    if LATEST.exists() and not LATEST.is_symlink():
        return
    LATEST.parent.mkdir(exist_ok=True)
    temporary = LATEST.with_name(f".latest-{os.getpid()}")
    temporary.symlink_to(os.path.relpath(directory.resolve(), LATEST.parent.resolve()), target_is_directory=True)
    temporary.replace(LATEST)
