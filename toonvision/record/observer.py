"""Who wants to see a run as it goes on: the terminal, a tracker, several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from toonvision.trial.trial import Outcome, Trial

if TYPE_CHECKING:
    from toonvision.narrowing.evidence import Narrowing
    from toonvision.record.conclusion import Step
    from toonvision.record.results import Results


class Observer:
    """Is told of what happens in a run. Whoever inherits from it overrides what it wants to be told."""

    def opened(self, results: Results) -> None:
        """The record is there, and the search is about to begin or to go on."""

    def learned(self, count: int, of: int) -> None:
        """So many of the trials of an earlier run are known results of this search."""

    def known(self, trial: Trial) -> None:
        """A trial of the record had ended before the run was resumed."""

    def begin(self, trial: Trial, planned: int | None) -> None:
        """A trial has been recorded and is about to start; `planned` trials are to be run in all, where known."""

    def round(
        self, name: str, narrowed: Sequence[str], *, known: int, of: int, narrowing: Narrowing | None = None
    ) -> None:
        """A later round begins with these entries of the space narrowed; so many of the results so far lie in it.

        `narrowing` has the evidence for the cuts. It is None if the record has the narrowed space already, because the
        run is resumed. The record does not hold the round yet, so that what an observer fails to write is made again.
        """

    def epoch(self, trial: Trial, metrics: dict[str, float]) -> None:
        """A running trial, finalist or step of the path has ended an epoch; `metrics` holds `epoch`, too."""

    def retry(self, trial: Trial, outcome: Outcome) -> None:
        """A trial, a finalist or a step of the path has failed, and is to run again."""

    def end(self, trial: Trial) -> None:
        """A trial has ended."""

    def finalists(self, count: int, seeds: int) -> None:
        """So many of the best trials are about to be trained again, each with so many fresh seeds."""

    def finalist(self, trial: Trial, outcome: Outcome) -> None:
        """A finalist's fresh trainings have ended; the trial is as the search has left it."""

    def path(self, count: int, seeds: int) -> None:
        """So many steps from the baseline to the chosen values are about to be trained, each with so many seeds.

        From here on a trial is a step, with the number of that.
        """

    def step(self, step: Step) -> None:
        """A step's trainings have ended."""

    def retraining(self, role: str, epochs: int, metrics: dict[str, float]) -> None:
        """The baseline or the tuned model, trained for at most so many epochs, has ended one."""

    def concluded(self, results: Results) -> None:
        """The run has ended in whatever way, and its reports are written."""


class Observers(Observer):
    """Several observers as one: each is told of everything, one after the other.

    Args:
        observers: in the order in which they are told.
    """

    def __init__(self, *observers: Observer) -> None:
        self.observers = observers
        for event in (name for name in vars(Observer) if not name.startswith("_")):
            setattr(self, event, partial(self._tell, event))

    def _tell(self, event: str, *what: object, **more: object) -> None:
        for observer in self.observers:
            getattr(observer, event)(*what, **more)
