"""What stands before TensorFlow: a configuration is checked in full, its backend chosen, then the heavy part imported.

Composing, `--help` and every error in the configuration thus come without the seconds that Keras takes to import.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from toonvision.config.compose import Config, instantiate, plain
from toonvision.errors import ConfigError
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.options import Options
from toonvision.narrowing.peeling import narrow_space
from toonvision.record.observer import Observer, Observers
from toonvision.record.results import Results
from toonvision.record.resume import check_trials, keep, resumed_config
from toonvision.report import narrowed_space
from toonvision.report.progress import ConsoleProgress
from toonvision.search.running import Runner
from toonvision.space_check.finding import SpaceCheck
from toonvision.training.backend import load_backend
from toonvision.training.trainer import Trainer
from toonvision.validation.space import check_fixed, check_searched
from toonvision.validation.validate import raise_errors, validate
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
        cfg: as `toonvision.compose` returns it.
        directory: of the run, empty or not there yet; `outputs/<date>/<time>` if None.
        console: shows the progress; none if None.
        trainer: the functions that train; Keras's if None. Tests give simulated ones.

    Raises:
        ConfigError: if the configuration is wrong; nothing has been imported or written then.
        ToonvisionError: if the data cannot be read, the search cannot go on, or no trial completes.
    """
    config = validate(cfg)
    raise_errors(check_searched(config["search_space"], "search_space"))
    shown = console or Console(quiet=True)
    with instantiate(config["executor"], "executor") as executor:  # before Keras: the machine may lack what it needs
        tracker = _tracker(config)
        directory = _prepare(config, cfg, directory)
        from toonvision.job import KERAS, run_main_job  # Keras reads its backend's name at import, so not at the top

        with locked(directory), ConsoleProgress(shown, objective=config["objective"]) as progress:
            return run_main_job(config, directory, Runner(executor, Observers(progress, tracker), trainer or KERAS))


def _tracker(config: Config) -> Observer:
    """Return the configured tracker, or an observer that does nothing."""
    tracker: Observer = instantiate(config["tracker"], "tracker") if config["tracker"] else Observer()
    return tracker


def train(
    cfg: DictConfig | Mapping[str, Any], directory: Path | str | None = None, *, console: Console | None = None
) -> ModelScores:
    """Train one fixed configuration on train + validation, without a search, and judge it on the test set.

    Args:
        cfg: as `toonvision.compose` returns it, with a search space of fixed values.
        directory: of the run; `outputs/<date>/<time>` if None.
        console: shows the progress; none if None.

    Raises:
        ConfigError: if the configuration is wrong, or something is left to search.
        ToonvisionError: if the data cannot be read, or the model cannot be built or diverges.
    """
    config = validate(cfg)
    raise_errors(check_fixed(config["search_space"], "search_space"))
    directory = _prepare(config, cfg, directory)
    from toonvision.job import train_fixed  # as above

    with ConsoleProgress(console or Console(quiet=True), objective=config["objective"]) as progress:
        return train_fixed(config, directory, observer=progress)


def check(cfg: DictConfig | Mapping[str, Any], *, console: Console | None = None) -> SpaceCheck:
    """Build a sample of the search space and train a few of its models for a few steps, to tell what a search costs.

    Nothing is written. The same seed finds the same, but for the times.

    Args:
        cfg: as `toonvision.compose` returns it.
        console: shows that it is at work; nothing does if None.

    Raises:
        ConfigError: if the configuration is wrong.
        ToonvisionError: if the data cannot be read.
    """
    config = validate(cfg)
    load_backend(config["backend"])
    from toonvision.space_check.examination import check_space  # as above

    with (console or Console(quiet=True)).status("Building models, and timing a few"):
        return check_space(config)


def resume(
    directory: Path | str,
    overrides: Sequence[str] = (),
    *,
    console: Console | None = None,
    trainer: Trainer | None = None,
) -> Results:
    """Go on with a run where it stopped: every trial that has ended stays, one that broke off runs again under its id.

    Args:
        directory: the run's.
        overrides: what is to change, say `["tuner.max_trials=50"]`; nothing that the trials' scores depend on.
        console: shows the progress; none if None.
        trainer: as of `run`.

    Raises:
        ConfigError: if there is no run, or something is changed that may not change.
        ToonvisionError: as `run` does.
    """
    directory = relative(Path(directory).resolve())  # of `outputs/latest`, the run that it points at
    shown = console or Console(quiet=True)
    cfg, changes = resumed_config(directory, overrides)
    config = validate(cfg)
    check_trials(config, Results.load(directory).trials)
    with locked(directory), instantiate(config["executor"], "executor") as executor:
        tracker = _tracker(config)
        load_backend(config["backend"])
        for change in changes:
            shown.print(f"changed: {change}", markup=False, highlight=False, soft_wrap=True)
        if changes:
            keep(directory, cfg, overrides)
        _point_latest_at(directory)
        from toonvision.job import KERAS, resume_main_job  # as above

        with ConsoleProgress(shown, objective=config["objective"]) as progress:
            return resume_main_job(config, directory, Runner(executor, Observers(progress, tracker), trainer or KERAS))


def narrow(
    directory: Path | str,
    *,
    quantile: float = 0.25,
    threshold: float | None = None,
    accept: Collection[str] = (),
    refuse: Collection[str] = (),
) -> Narrowing:
    """Write the next search space of a run, `search_space/narrowed.yaml`, an option of the config group.

    Args:
        directory: the run's.
        quantile: share of the trials that could be built which count as good, the best ones.
        threshold: trials with a better score count as good, whatever their share; None for the quantile.
        accept: the only hyperparameters to cut; empty for all.
        refuse: hyperparameters that are not cut.

    Raises:
        ConfigError: if there is no run, no trial has completed, or an option is out of place.
    """
    results = Results.load(directory)
    narrowing = narrow_run(results, Options(quantile, threshold, accept, refuse))
    narrowed_space.write(narrowing, results, results.directory / "search_space")
    return narrowing


def narrow_run(results: Results, options: Options) -> Narrowing:
    """Return the next search space of a run, and the evidence for it, and write nothing.

    Raises:
        ConfigError: if no trial has completed or is good, or an option is out of place.
    """
    space, objective = results.config["search_space"], results.config["objective"]
    narrowing = narrow_space(space, results.trials, objective, options)
    if not narrowing.count.good:
        best = next((f"{trial.outcome.score:.6g}" for trial in results.best(1)), "no trial that has completed")
        reach = "" if options.threshold is None else f" better than {options.threshold}"
        raise ConfigError(f"{results.directory}: expected a score{reach} to narrow by. Received: {best}.")
    return narrowing


def relative(path: Path) -> Path:
    """Return a path as a person would type it: relative to the working directory where it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep the run in `directory` to this process, until it ends in whatever way.

    Raises:
        ConfigError: if another process has it.
    """
    try:
        with FileLock(directory / ".lock", blocking=False):
            yield
    except Timeout as error:
        raise ConfigError(f"expected a run that no process is at work on. Received: {str(directory)!r}.") from error


def _prepare(config: Config, cfg: DictConfig | Mapping[str, Any], directory: Path | str | None) -> Path:
    """Choose the backend, make the run's directory, write the configuration as Hydra does, and point `latest` there."""
    load_backend(config["backend"])
    directory = Path(directory) if directory else Path(f"outputs/{datetime.datetime.now():%Y-%m-%d/%H-%M-%S}")
    composed = directory / ".hydra" / "config.yaml"
    if not composed.exists():
        composed.parent.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(OmegaConf.create(plain(cfg)), composed)
    _point_latest_at(directory)
    return directory


def _point_latest_at(directory: Path) -> None:
    """Make `outputs/latest` a link to the run, replacing another link in one step, and nothing but a link."""
    if LATEST.exists() and not LATEST.is_symlink():
        return
    LATEST.parent.mkdir(exist_ok=True)
    temporary = LATEST.with_name(f".latest-{os.getpid()}")
    temporary.symlink_to(os.path.relpath(directory.resolve(), LATEST.parent.resolve()), target_is_directory=True)
    temporary.replace(LATEST)
