"""The trainings after the search, on its executor: for how many epochs each model is trained, then the models.

What an interrupted run has trained is kept in its folder `final/`, and is not trained again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toonvision.config.schema import Retries, TrialConfig
from toonvision.errors import SearchError
from toonvision.record.observer import FinalEpochEnded, FinalTrainingEnded, FinalTrainingsStarted
from toonvision.search.final_model import FinalModel, is_close
from toonvision.search.fresh_seeds import train_all
from toonvision.search.kept import KeptOutcome
from toonvision.search.runner import Runner
from toonvision.trial.history import POSITION, HistoryReader
from toonvision.trial.trial import (
    HISTORY,
    LOG,
    MODEL,
    OUTPUTS,
    FinalFindings,
    Outcome,
    Trial,
    TrialStatus,
    trial_directory,
)
from toonvision.verdict.comparison import Duration

FOLDER = "final"
_RUNNING = Outcome(TrialStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that one seed has given.

    Attributes:
        model: its file.
        outputs: what its output layer gives for each test example, shape `(n, units)`.
        metrics: on the test examples.
        history: the metrics of the training by epoch.
        parameters: of the model.
        epochs: that it was trained.
        seconds: wall time of the training and the evaluation.
        batch_seconds: median time to predict a batch.
        duration: for how many epochs it was trained, and whether it was still improving at the last one.
    """

    model: Path
    outputs: NDArray[np.float32]
    metrics: dict[str, float]
    history: dict[str, list[float]]
    parameters: int
    epochs: int
    seconds: float
    batch_seconds: float
    duration: Duration


@dataclass(frozen=True, slots=True)
class _Training:
    """One of the trainings: its number, which is that of its folder, and its file of the outcome."""

    model: FinalModel
    config: TrialConfig
    number: int
    kept: KeptOutcome


class FinalTrainings:
    """The trainings of some models, each with the same seeds.

    Args:
        models: with different roles.
        seeds: of the trainings of each.
        directory: of the run.
        runner: of the search; its observers receive the epochs and each training.
        retries: how often a training that has failed runs again.
    """

    def __init__(
        self, models: Sequence[FinalModel], seeds: Sequence[int], *, directory: Path, runner: Runner, retries: Retries
    ) -> None:
        self._models, self._seeds, self._runner = models, seeds, runner
        self._directory = directory / FOLDER
        # A training that has diverged would have another seed.
        self._retries = retries.model_copy(update={"diverged": 0})
        self._seconds: dict[str, float] = {}  # that a training took which chose a number of epochs, by role

    def choose_durations(self) -> dict[str, Duration]:
        """Return for how many epochs to train on train + validation, by role; the test examples are not read.

        With `training.retrain.epochs=validated`, each model is trained on the train examples with each seed. The median
        of the best epochs, by the objective on the validation examples, is the number; it is scaled to as many steps of
        the optimizer on train + validation, whose epochs have more of them.

        Raises:
            SearchError: if a model cannot be built, or its objective is never finite.
            KeyboardInterrupt: after the running trainings have stopped.
        """
        chosen = [model for model in self._models if model.config.training.retrain.epochs == "validated"]
        trainings = list(self._planned(0, [(model, model.to_choose()) for model in chosen]))
        found: dict[str, list[FinalFindings]] = {model.role: [] for model in self._models}
        for one, outcome in self._train("train", trainings):
            assert outcome.final is not None
            found[one.model.role].append(outcome.final)
            self._seconds[one.model.role] = outcome.seconds
        return {model.role: model.duration(found[model.role]) for model in self._models}

    def train(
        self, durations: Mapping[str, Duration], examples: tuple[str, ...] | None = None
    ) -> dict[str, list[Trained]]:
        """Train on train + validation; return the models of each role in the order of the seeds.

        Args:
            durations: by role.
            examples: names of the test examples to predict; None for all.

        Raises:
            SearchError: if a model cannot be built or saved, or its loss on the test set is not finite.
            KeyboardInterrupt: after the running trainings have stopped.
        """
        trained: dict[str, list[Trained]] = {model.role: [] for model in self._models}
        # The longest first: at the end, a worker that has no more to do waits for a short one.
        trainings = sorted(self._final(durations, examples), key=lambda one: -self._seconds.get(one.model.role, 0.0))
        for one, outcome in self._train("train + validation", trainings):
            folder, role = trial_directory(self._directory, one.number), one.model.role
            trained[role].append(_trained(folder, outcome, durations[role]))
        return trained

    def have_begun(self, durations: Mapping[str, Duration], examples: tuple[str, ...] | None = None) -> bool:
        """Whether an interrupted run has already tested one of the models that `train` would train."""
        return any(self._ended(one) is not None for one in self._final(durations, examples))

    def clear(self) -> None:
        """Remove the folder of the trainings."""
        shutil.rmtree(self._directory)

    def _final(self, durations: Mapping[str, Duration], examples: tuple[str, ...] | None) -> list[_Training]:
        models = [(model, model.to_save(durations[model.role], examples)) for model in self._models]
        return list(self._planned(len(self._models) * len(self._seeds), models))

    def _planned(self, first: int, models: Sequence[tuple[FinalModel, TrialConfig]]) -> Iterator[_Training]:
        number = first
        for seed in self._seeds:
            for model, config in models:
                seeded = config.model_copy(update={"seed": seed})
                kept = KeptOutcome(self._directory / f"{number}.json", seeded.model_dump_json())
                yield _Training(model, seeded, number, kept)
                number += 1

    def _train(self, examples: str, trainings: Sequence[_Training]) -> list[tuple[_Training, Outcome]]:
        """Train what an interrupted run has not trained; return each training with its outcome."""
        outcomes = {one.number: outcome for one in trainings if (outcome := self._ended(one)) is not None}
        pending = {one.number: one for one in trainings if one.number not in outcomes}
        for one in pending.values():
            one.kept.remove()  # of another training in the same folder, whose model is about to be replaced
        if pending:
            self._runner.notify(FinalTrainingsStarted(examples, len(pending)))

        def follow(trial: Trial, metrics: dict[str, float]) -> None:
            one = pending[trial.number]
            most = one.config.training.epochs
            self._runner.notify(FinalEpochEnded(one.model.role, one.config.seed, most, metrics))

        def end(trial: Trial, outcome: Outcome) -> None:
            one = pending[trial.number]
            if outcome.status is not TrialStatus.COMPLETED:
                log = trial_directory(self._directory, trial.number) / LOG
                raise SearchError(f"The {one.model.role} model has failed: {outcome.error} See {log}")
            one.kept.write(outcome)
            outcomes[trial.number] = outcome
            self._runner.notify(FinalTrainingEnded(one.model.role, one.config.seed, outcome))

        train_all(
            [(Trial(one.number, one.config.values, _RUNNING), one.config) for one in pending.values()],
            self._directory,
            runner=self._runner,
            retries=self._retries,
            on_epoch=follow,
            on_end=end,
        )
        return [(one, outcomes[one.number]) for one in trainings]

    def _ended(self, one: _Training) -> Outcome | None:
        """Return what an interrupted run has kept of a training, if its model is still there."""
        is_saved = one.config.final is not None and one.config.final.saved
        if is_saved and not (trial_directory(self._directory, one.number) / MODEL).exists():
            return None
        return one.kept.read()


def _trained(folder: Path, outcome: Outcome, duration: Duration) -> Trained:
    rows = list(HistoryReader(folder / HISTORY).new_epochs())
    history = {name: [row[name] for row in rows] for name in rows[0] if name not in POSITION}
    losses = history["loss"]
    if not duration.best_epochs and len(losses) == duration.limit:
        duration = replace(duration, at_limit=is_close(1 + int(np.argmin(losses)), duration.limit))
    assert outcome.parameters is not None  # a model that was built has some
    assert outcome.final is not None
    assert outcome.final.batch_seconds is not None  # a model that was saved has been timed
    return Trained(
        model=folder / MODEL,
        outputs=np.load(folder / OUTPUTS, allow_pickle=False),
        batch_seconds=outcome.final.batch_seconds,
        metrics=outcome.metrics,
        history=history,
        parameters=outcome.parameters,
        epochs=outcome.epochs,
        seconds=outcome.seconds,
        duration=duration,
    )
