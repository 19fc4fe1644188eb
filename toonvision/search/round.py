"""A round of a search, and its state: the oracle, the pruner and the trials, as the record has left them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import keras_tuner

from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.oracle import count_towards_limit, create_oracle, learn, planned_trials, replay
from toonvision.search.pruning import Pruning
from toonvision.search_space.space import Space
from toonvision.trial.trial import KnownPoint, PriorResult, Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a search: an oracle of its own on a space of its own.

    Attributes:
        name: its key in `strategy.rounds`.
        tuner: the resolved node that names the oracle.
        space: to search; every value of it is one of the configuration's `search_space`, too.
        known: results to begin with.
        to_come: trials that are planned for the rounds after it; None if it is unknown.
    """

    name: str
    tuner: Node
    space: Space
    known: Sequence[PriorResult] = ()
    to_come: int | None = 0


@dataclass(slots=True)
class RoundTrial:
    """A trial of the round, with what the search needs and the record does not have.

    Attributes:
        trial: as it was last recorded.
        oracle_id: KerasTuner's name of it; empty for a known point.
        epochs: the metrics of its first execution, or of all folds, by epoch, while it runs.
        curve: the objective by epoch, as in the record.
        verdict: why the pruner has asked it to stop; None if it has not.
        is_unwanted: whether the user has asked it to stop.
    """

    trial: Trial
    oracle_id: str
    epochs: list[dict[str, float]] = field(default_factory=list)
    curve: dict[int, float] = field(default_factory=dict)
    verdict: str | None = None
    is_unwanted: bool = False


@dataclass(slots=True)
class RoundState:
    """The state of a round.

    Attributes:
        oracle: has received every outcome of the round; None while the known points run.
        pruning: has received every trial that has ended, of any round.
        trials: those of the round, by their numbers.
        pending: trials of the round that run next, because they broke off or failed.
        points: known points that have not begun.
        ended: the trials of all rounds, in the order in which they ended.
        planned: trials of all rounds that can be built, without the budget's limit; None if it is unknown.
        max_failed: failed trials in a row after which the search gives up; None for any number.
        seconds: wall time of the search so far, over all its sessions.
    """

    oracle: keras_tuner.Oracle | None
    pruning: Pruning
    trials: dict[int, RoundTrial]
    pending: list[Trial]
    ended: list[Trial]
    planned: int | None
    max_failed: int | None
    seconds: float
    points: list[KnownPoint] = field(default_factory=list)

    def parent(self, oracle_id: str | None) -> Trial | None:
        """Return the trial from which a promoted one continues, or None for a fresh start."""
        return next((entry.trial for entry in self.trials.values() if entry.oracle_id == oracle_id), None)


def restore(config: RunConfig, stage: Round, trials: Sequence[Trial]) -> RoundState:
    """Rebuild the state of a round from the record; a round without trials begins.

    Args:
        config: of the run, valid.
        stage: the round.
        trials: of all rounds, in the order asked.

    Raises:
        SearchError: if the oracle does not propose the record's values again.
    """
    objective = config.objective
    oracle = create_oracle(stage.tuner, stage.space, objective)
    learn(oracle, stage.known)
    own = [trial for trial in trials if trial.is_proposed_in(stage.name)]
    points = [trial for trial in trials if trial.round == stage.name and trial.source is not None]
    count_towards_limit(oracle, _built(points))
    # KerasTuner's own check would raise inside a lock, and counts trials that could not be built.
    max_failed, oracle.max_consecutive_failed_trials = oracle.max_consecutive_failed_trials, None
    earlier = _built(trial for trial in trials if not trial.is_proposed_in(stage.name))
    planned = _planned(oracle, stage, earlier)  # before the replay: the oracle makes up for what could not be built
    proposals = replay(oracle, own)
    ended = _ended(trials)
    return RoundState(
        oracle=oracle,
        pruning=_pruning(config, ended),
        trials={trial.number: RoundTrial(trial, proposals[trial.number].trial_id) for trial in own},
        pending=[trial for trial in own if not trial.has_ended],
        ended=ended,
        planned=planned,
        max_failed=max_failed,
        seconds=_seconds(trials),
    )


def restore_points(
    config: RunConfig, stage: Round, trials: Sequence[Trial], *, points: Sequence[KnownPoint]
) -> RoundState:
    """Rebuild the state in which the known points run, before the oracle of the first round is asked.

    They are not pruned, and any number of them may fail.

    Args:
        config: of the run, valid.
        stage: the first round.
        trials: known points that have begun, in their order.
        points: all of them.
    """
    oracle = create_oracle(stage.tuner, stage.space, config.objective)
    count_towards_limit(oracle, len(points))
    ended = _ended(trials)
    return RoundState(
        oracle=None,
        pruning=_pruning(config, ended),
        trials={trial.number: RoundTrial(trial, "") for trial in trials},
        pending=[trial for trial in trials if not trial.has_ended],
        ended=ended,
        planned=_planned(oracle, stage, len(points)),
        max_failed=None,
        seconds=_seconds(trials),
        points=list(points[len(trials) :]),
    )


def _pruning(config: RunConfig, ended: Sequence[Trial]) -> Pruning:
    training = config.default_trial.training
    folds = training.resampling.trainings
    return Pruning(config.pruner, config.objective, epochs=training.epochs, folds=folds, trials=ended)


def _ended(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that have ended, in the order in which they did."""
    return sorted((trial for trial in trials if trial.has_ended), key=lambda trial: trial.reported_at or 0)


def _seconds(trials: Iterable[Trial]) -> float:
    return max((trial.elapsed or 0.0 for trial in trials), default=0.0)


def _built(trials: Iterable[Trial]) -> int:
    return sum(trial.status is not TrialStatus.INFEASIBLE for trial in trials)


def _planned(oracle: keras_tuner.Oracle, stage: Round, earlier: int) -> int | None:
    own = planned_trials(oracle)
    return None if own is None or stage.to_come is None else earlier + own + stage.to_come
