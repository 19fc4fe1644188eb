"""What the trials say about each hyperparameter: the tests of narrowing, without a cut."""

from __future__ import annotations

import math

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.peeling import narrow_space
from toonvision.record.results import Results

_MIN_TRIALS = 20  # informative ones; with fewer, fewer than five are good and nothing is tested
_MAX_TRIALS = 100  # of a longer search, trials at even distances; 100 take up to 0.25 s, 300 up to 0.7 s


def gather_evidence(results: Results) -> Narrowing | None:
    """Return the evidence of at most 100 trials on each hyperparameter; None with too few trials."""
    trials = results.trials[:: math.ceil(len(results.trials) / _MAX_TRIALS) or 1]
    if len(trials) < _MIN_TRIALS:
        return None
    config = results.config
    refused = NarrowingOptions(refuse=results.hyperparameters)  # no cut, thus one pass over the hyperparameters
    evidence = narrow_space(config.search_space, trials, config.objective, refused, config.strategy.rounds)
    return evidence if evidence.count.total >= _MIN_TRIALS else None
