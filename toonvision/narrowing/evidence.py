"""What narrowing finds, as data: for each hyperparameter what its trials say, what was cut, and what is left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.entry import Entry, share
from toonvision.narrowing.rank_statistic import Count

ALPHA = 0.05  # the chance that a step cuts anything at all if no hyperparameter matters
LEVELS = 20  # a range of more tried values is cut only between twentieths of its trials


@dataclass(frozen=True, slots=True)
class Cut:
    """Values of one hyperparameter whose trials are worse than the others, and which are cut off or could be.

    Attributes:
        name: of the hyperparameter.
        where: in words, say `above 0.4`.
        entry: what the cut leaves of the hyperparameter's entry.
        removed: the trials that have these values.
        rest: the others in which the hyperparameter was active and that lie in the space as cut so far.
        worse: by how many standard deviations the ranks of the removed ones are worse.
        p: the chance of a cut as clear, of any hyperparameter's, if none of them mattered.
    """

    name: str
    where: str
    entry: Entry
    removed: Count
    rest: Count
    worse: float
    p: float

    @property
    def is_supported(self) -> bool:
        """Whether chance alone would seldom look like this."""
        return self.p <= ALPHA


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a range at which the trials are the best, so that there may be better ones beyond it.

    Attributes:
        where: `lower` or `upper`.
        value: the outermost.
        count: the trials in that part of the range.
        p: as that of a cut.
    """

    where: str
    value: Any
    count: Count
    p: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the trials say of one hyperparameter.

    Attributes:
        name: of the hyperparameter.
        before: its entry in the space that was searched.
        after: its entry in the new space; None if it never exists there.
        good: its values in the good trials in which it was active, in order.
        rest: its values in the others in which it was active.
        importance: how much it tells good trials from the rest, of all hyperparameters together 1; None if unknown.
        cuts: that were made, in this order.
        open: the clearest cut that was not made; None if every one would lose the best trial, or too many good ones.
        edge: where the range should be widened; None if nothing speaks for that.
    """

    name: str
    before: Entry
    after: Entry | None
    good: tuple[Any, ...]
    rest: tuple[Any, ...]
    importance: float | None
    cuts: tuple[Cut, ...]
    open: Cut | None
    edge: Edge | None

    @property
    def is_changed(self) -> bool:
        """Whether it has other values in the new space, or none."""
        return bool(self.cuts) or self.after is None

    @property
    def share(self) -> float:
        """The share of its values that stays."""
        return share(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The next search space, and why.

    Attributes:
        space: the new one, with the fixed values of the old.
        evidence: of every hyperparameter, in the order of the space.
        options: with which it was made.
        count: the trials that speak, and how many of them are good.
        bound: the score of the worst good trial; None if there is none.
    """

    space: Mapping[str, Any]
    evidence: tuple[Evidence, ...]
    options: NarrowingOptions
    count: Count
    bound: float | None

    @property
    def share(self) -> float:
        """The share of the space that stays, as if every hyperparameter always existed."""
        return math.prod(evidence.share for evidence in self.evidence)
