"""A run as data: its trials, the best of them, and all of them as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from toonvision.config.read import read_config, recorded_overrides
from toonvision.config.schema import RunConfig
from toonvision.record import reading
from toonvision.record.run_state import Finalist, RunState, Step
from toonvision.record.selection import candidates, choose, shortlist
from toonvision.search_space.space import Values, complete, hyperparameters, kind, within
from toonvision.trial.trial import Trial, TrialStatus
from toonvision.verdict.comparison import Comparison

# Where a trial may lack a value, pandas would make numbers of whole numbers and objects of booleans. A float that is
# missing is NaN: what draws and calculates takes NumPy's floats, and not all of it pandas's own.
_DTYPES: dict[type, Any] = {bool: "boolean", int: "Int64", float: "float64", str: "string"}


@dataclass(frozen=True, slots=True)
class Results:
    """What a run has found so far.

    Attributes:
        directory: the run's.
        config: as it was composed, plain, and resolved but for what depends on a trial.
        trials: in the order asked.
        state: the state of the run as a whole, with the comparison of the tuned model and the baseline.
        overrides: with which it was composed.
    """

    directory: Path
    config: RunConfig
    trials: Sequence[Trial]
    state: RunState
    overrides: Sequence[str] = ()

    @classmethod
    def load(cls, directory: Path | str) -> Results:
        """Read a run from its directory, and write nothing; nothing in it is unpickled or evaluated.

        The configuration is not validated for running: the run may be of an older version, or of a machine with other
        packages.

        Raises:
            ConfigError: if there is no run, or a newer version of toonvision wrote it.
        """
        directory = Path(directory)
        config = read_config(directory)
        trials, state = reading.load(config.storage, directory)
        return cls(directory, config, trials, state, recorded_overrides(directory))

    @property
    def hyperparameters(self) -> list[str]:
        """Names of what was searched."""
        return list(hyperparameters(self.config.search_space))

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that any trial has, in the order of the table."""
        return list(dict.fromkeys(name for trial in self.trials for name in trial.outcome.metrics))

    @property
    def completed(self) -> list[Trial]:
        """The completed trials, in the order asked."""
        return [trial for trial in self.trials if trial.status is TrialStatus.COMPLETED]

    def best(self, count: int | None = None) -> list[Trial]:
        """Return the completed trials, the best first; among equals the earliest."""
        cost = self.config.objective.cost
        return sorted(self.completed, key=lambda trial: cost(trial.outcome.score or 0.0))[:count]

    def pareto_front(self) -> list[Trial]:
        """Return the completed trials to which no other is better in one objective and as good in all, best first."""
        objective = self.config.objective
        reaching = [(trial, objective.reached(trial.outcome)) for trial in self.best()]
        known = [(trial, scores) for trial, scores in reaching if scores is not None]
        front = objective.non_dominated([scores for _, scores in known])
        return [known[index][0] for index in front]

    @property
    def finalists(self) -> list[Finalist]:
        """The trials that were trained again, in the order asked; none unless `finalists.count` says so."""
        wanted = self.state.finalists if self.config.finalists.count else ()
        return sorted(wanted, key=lambda finalist: finalist.number)

    @property
    def path(self) -> Sequence[Step]:
        """The trained steps from the baseline to the chosen values; none without `path.seeds`."""
        steps = [step for step in self.state.path if step.seeds == self.config.path.seeds]
        after = {name: value for step in steps for name, (_, value) in step.changes.items()}
        return steps if self.chosen() and after.items() <= self.best_values().items() else []

    @property
    def comparison(self) -> Comparison | None:
        """The tuned model beside the baseline; None while the chosen values have not been retrained."""
        comparison = self.state.comparison
        if comparison is None or self.chosen() is None or comparison.tuned.values != self.best_values():
            return None
        return comparison

    def chosen(self) -> Trial | None:
        """Return the trial whose values are retrained, by `select` and the finalists; None if none has completed."""
        among = candidates(self.trials, self.finalists)
        chosen = choose(among, objective=self.config.objective, tolerance=self.config.select.tolerance)
        return chosen.trial if chosen else None

    def shortlist(self, count: int) -> list[Trial]:
        """Return so many completed trials of distinct values that are worth another training, the best one first."""
        among = candidates(self.trials, ())
        listed = shortlist(among, objective=self.config.objective, tolerance=self.config.select.tolerance)
        return [candidate.trial for candidate in listed[:count]]

    def best_values(self) -> Values:
        """Return the chosen trial's values, with the fixed ones: a value for every name of the space.

        Raises:
            ValueError: if no trial has completed.
        """
        chosen = self.chosen()
        if chosen is None:
            raise ValueError(f"{self.directory}: expected a completed trial. Received: {self.counts()}.")
        return complete(self.config.search_space, chosen.values)

    def counts(self) -> dict[str, int]:
        """Return the number of trials by status."""
        return dict(Counter(trial.status.value for trial in self.trials))

    def endings(self) -> dict[str, int]:
        """Return the number of trials by how they ended, in words; the pruner's and the user's apart."""
        return dict(Counter(trial.ending for trial in self.trials))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a trial: id, status, score, metrics, hyperparameters, parameters, epochs, seconds, error.

        Where the search has several rounds, `round` follows the score, and then `source`, where it has known points. A
        hyperparameter that is called like another column is in `search_space.NAME`. Every column has the same type
        whatever the trials hold: string, Int64, float64 or boolean.
        """
        entries = hyperparameters(self.config.search_space)
        outcomes = [trial.outcome for trial in self.trials]
        first: dict[str, tuple[type, list[Any]]] = {
            "trial_id": (str, [trial.id for trial in self.trials]),
            "status": (str, [outcome.status.value for outcome in outcomes]),
            "score": (float, [outcome.score for outcome in outcomes]),
            **({"round": (str, [trial.round for trial in self.trials])} if self.has_rounds else {}),
            **({"source": (str, [self.source(trial) for trial in self.trials])} if self.has_known_points else {}),
            **{name: (float, [outcome.metrics.get(name) for outcome in outcomes]) for name in self.metrics},
        }
        last: dict[str, tuple[type, list[Any]]] = {
            "parameters": (int, [outcome.parameters for outcome in outcomes]),
            "epochs": (int, [outcome.epochs for outcome in outcomes]),
            "seconds": (float, [outcome.seconds for outcome in outcomes]),
            "error": (str, [outcome.error for outcome in outcomes]),
        }
        searched = {
            f"search_space.{name}" if name in (*first, *last) else name: (
                kind(entry),
                [trial.values.get(name) for trial in self.trials],
            )
            for name, entry in entries.items()
        }
        columns = {**first, **searched, **last}
        return pd.DataFrame({name: pd.array(values, dtype=_DTYPES[of]) for name, (of, values) in columns.items()})

    def source(self, trial: Trial) -> str | None:
        """Return where the values of a known point come from, and whether they lie outside of the space."""
        if trial.source is None or self.is_within(trial):
            return trial.source
        return f"{trial.source}, outside of the space"

    def is_within(self, trial: Trial) -> bool:
        """Whether the values of a trial lie in the search space, as all that an oracle proposes do."""
        space = self.config.search_space
        return trial.source is None or within(space, complete(space, trial.values))

    @property
    def has_known_points(self) -> bool:
        """Whether any trial is a known point."""
        return any(trial.source is not None for trial in self.trials)

    @property
    def has_rounds(self) -> bool:
        """Whether the search has several rounds."""
        return len(self.config.strategy.rounds) > 1
