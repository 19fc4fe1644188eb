"""The result of narrowing as data: the evidence for each hyperparameter, the cuts, and the new space."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.entry import Entry, share
from toonvision.narrowing.rank_statistic import Count

ALPHA = 0.05  # probability that a step makes a cut although no hyperparameter matters
LEVELS = 20  # tried values of a range are grouped if there are more


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut of the values of one hyperparameter whose trials are worse than the others.

    Attributes:
        name: name of the hyperparameter.
        where: the values as text, for example `above 0.4`.
        entry: the entry of the hyperparameter after the cut.
        removed: the trials with these values.
        rest: the other trials in which the hyperparameter is active and that lie in the space as cut so far.
        worse: difference of the ranks of the removed trials in standard deviations.
        p: probability of an equally clear cut of any hyperparameter if none of them matters.
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
        """Whether chance alone rarely gives such a cut."""
        return self.p <= ALPHA


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a range with the best trials, so that better values may lie beyond it.

    Attributes:
        where: `lower` or `upper`.
        value: the outermost value.
        count: the trials in this part of the range.
        p: p-value as of a cut.
    """

    where: str
    value: Any
    count: Count
    p: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence on one hyperparameter.

    Attributes:
        name: name of the hyperparameter.
        before: its entry in the searched space.
        after: its entry in the new space; None if it is never active there.
        good: sorted values in the good trials in which it is active.
        rest: sorted values in the other trials in which it is active.
        importance: how well it separates good trials from the rest; 1 for all hyperparameters together, None if
            unknown.
        cuts: the cuts, in order.
        open: the clearest cut that was not made; None if every cut removes the best trial or too many good ones.
        edge: the end at which the range should be widened; None for no end.
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
        """Whether the entry differs in the new space."""
        return bool(self.cuts) or self.after is None

    @property
    def share(self) -> float:
        """Share of its values that stays."""
        return share(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The next search space with its evidence.

    Attributes:
        space: the new space, with the fixed values of the old one.
        evidence: of every hyperparameter, in the order of the space.
        options: the options of the narrowing.
        count: number of informative trials, and of good ones.
        bound: score of the worst good trial; None without a good trial.
    """

    space: Mapping[str, Any]
    evidence: tuple[Evidence, ...]
    options: NarrowingOptions
    count: Count
    bound: float | None

    @property
    def share(self) -> float:
        """Share of the space that stays, if all hyperparameters were always active."""
        return math.prod(evidence.share for evidence in self.evidence)
