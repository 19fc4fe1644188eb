"""The strategies that are compared: overrides of the main job, by name, in four comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PRUNED = "tuner._target_=benchmarks.strategies.earlier.PrunedOracle"
_WORST = "tuner._target_=benchmarks.strategies.earlier.WorstOracle"
_IGNORING = "tuner._target_=benchmarks.strategies.earlier.IgnoringOracle"
_START_UP = "tuner._target_=benchmarks.strategies.earlier.StartUpOracle"
_RUNNING = "tuner._target_=benchmarks.strategies.earlier.RunningOracle"
_ASKING = "tuner._target_=benchmarks.strategies.earlier.AskingOracle"
_TPE, _RANDOM = "tuner=tpe", "tuner=random_search"
_NONE, _HALVING = "pruner=none", "pruner=successive_halving"
_FIRST, _FIFTH, _THIRD = (f"pruner.min_resource={resource}" for resource in ("1", "{fifth}", "{third}"))
_FIVE = "+pruner.bootstrap_count=5"
_START = ("pruner._target_=benchmarks.strategies.earlier.StartUpHalvingPruner", "+pruner.n_startup_trials=5")
_PERCENTILE = ("pruner=median", "pruner._target_=optuna.pruners.PercentilePruner")
_ONE_EPOCH = (
    *(_RANDOM, "tuner._target_=benchmarks.strategies.one_epoch.OneEpochOracle", "~tuner.max_trials", _NONE),
    *("+tuner.candidates={most}", "+tuner.finalists={rest}", "+tuner.max_epochs={epochs}"),
)
_PROMOTION = ("tuner=asha", "tuner.max_epochs={epochs}", _NONE)


@dataclass(frozen=True)
class Comparison:
    """Strategies that are compared with each other.

    Attributes:
        title: of the comparison.
        whole: whole trainings whose epochs each search may spend.
        most: trials of a search.
        strategies: the overrides of each, by its name; `{fifth}` and `{third}` are shares of the epochs of a training.
        reference: the strategy with which all others are compared.
        parallel: those that are replayed with two workers, too.
        infeasible: the share of the configurations, the largest models, that cannot be built.
    """

    title: str
    whole: int
    most: int
    strategies: Mapping[str, tuple[str, ...]]
    reference: str
    parallel: tuple[str, ...] = ()
    infeasible: float = 0.0

    def overrides(self, strategy: str, epochs: int) -> list[str]:
        """Return the overrides of a strategy on a task whose trainings have so many epochs."""
        fields = {
            **{"epochs": epochs, "fifth": epochs // 5, "third": epochs // 3, "most": self.most},
            "rest": (self.whole * epochs - self.most) // (epochs - 1),
        }
        chosen = [override.format(**fields) for override in self.strategies[strategy]]
        limited = not any("hyperband_iterations" in override or "~tuner" in override for override in chosen)
        return [*chosen[:1], *([f"tuner.max_trials={self.most}"] if limited else []), *chosen[1:]]


COMPARISONS = {
    "default": Comparison(
        "Epochs of 20 whole trainings, at most 60 trials",
        whole=20,
        most=60,
        strategies={
            "random search": (_RANDOM, _NONE),
            "random search, halving from epoch 1": (_RANDOM, _HALVING, _FIRST),
            "random search, halving from a fifth": (_RANDOM, _HALVING, _FIFTH),
            "TPE": (_TPE, _NONE),
            "TPE, groups": (_TPE, _NONE, "tuner.sampler.group=true"),
            "TPE, univariate": (_TPE, _NONE, "tuner.sampler.multivariate=false"),
            "TPE, 10 random trials first": (_TPE, _NONE, "tuner.sampler.n_startup_trials=10"),
            "TPE, halving from epoch 1": (_TPE, _HALVING, _FIRST),
            "TPE, halving from a fifth": (_TPE, _HALVING, _FIFTH),
            "TPE, halving from a third": (_TPE, _HALVING, _THIRD),
            "TPE, PRUNED, halving from epoch 1": (_TPE, _PRUNED, _HALVING, _FIRST),
            "TPE, PRUNED, halving from a fifth": (_TPE, _PRUNED, _HALVING, _FIFTH),
            "TPE without pruned trials, halving from a fifth": (_TPE, _IGNORING, _HALVING, _FIFTH),
            "TPE, halving from epoch 1, 5 held back": (_TPE, _HALVING, _FIRST, _FIVE),
            "TPE, halving from a fifth, 5 held back": (_TPE, _HALVING, _FIFTH, _FIVE),
            "TPE, halving from a third, 5 held back": (_TPE, _HALVING, _THIRD, _FIVE),
            "TPE, halving from epoch 1, 5 whole ones first": (_TPE, _HALVING, _FIRST, *_START),
            "TPE, halving from a fifth, 5 whole ones first": (_TPE, _HALVING, _FIFTH, *_START),
            "TPE, halving from a third, 5 whole ones first": (_TPE, _HALVING, _THIRD, *_START),
            "TPE, median pruner": (_TPE, "pruner=median"),
            "TPE, percentile pruner, 25": (_TPE, *_PERCENTILE, "+pruner.percentile=25.0"),
            "TPE, percentile pruner, 75": (_TPE, *_PERCENTILE, "+pruner.percentile=75.0"),
            "TPE, Hyperband's pruner": (_TPE, "pruner=hyperband"),
            "KerasTuner's Hyperband": ("tuner=hyperband", "tuner.hyperband_iterations=20", _NONE),
            "all for one epoch, the best continue": _ONE_EPOCH,
        },
        reference="TPE, halving from epoch 1",
        parallel=(
            *("random search", "TPE", "TPE, halving from epoch 1", "TPE, halving from a fifth"),
            *("TPE, halving from a third", "TPE, median pruner"),
            *("KerasTuner's Hyperband", "all for one epoch, the best continue"),
        ),
    ),
    "promotion": Comparison(
        "Epochs of 20 whole trainings, at most 60 new values: trials that are stopped, and trials that pause",
        whole=20,
        most=60,
        strategies={
            "TPE": (_TPE, _NONE),
            "TPE, halving from epoch 1": (_TPE, _HALVING, _FIRST),
            "TPE, halving from a fifth": (_TPE, _HALVING, _FIFTH),
            "TPE, promotion from epoch 1": (*_PROMOTION, "tuner.min_epochs=1"),
            "TPE, promotion from a fifth": _PROMOTION,
            "KerasTuner's Hyperband": ("tuner=hyperband", "tuner.hyperband_iterations=20", _NONE),
        },
        reference="TPE, halving from a fifth",
        parallel=(
            *("TPE", "TPE, halving from epoch 1", "TPE, halving from a fifth"),
            *("TPE, promotion from epoch 1", "TPE, promotion from a fifth", "KerasTuner's Hyperband"),
        ),
    ),
    "tried": Comparison(
        "Epochs of 20 whole trainings, at most 60 trials: a walk from values that have been tried, and asking again",
        whole=20,
        most=60,
        strategies={
            "TPE": (_TPE, _NONE),
            "TPE, asked again": (_TPE, _ASKING, _NONE),
            "TPE, halving from a fifth": (_TPE, _HALVING, _FIFTH),
            "TPE, halving from a fifth, asked again": (_TPE, _ASKING, _HALVING, _FIFTH),
        },
        reference="TPE, halving from a fifth, asked again",
    ),
    "rounds": Comparison(
        "60 trials, no pruner",
        whole=60,
        most=60,
        strategies={
            "random search": (_RANDOM, _NONE),
            "TPE": (_TPE, _NONE),
            "random 40, then TPE 20": (_TPE, _NONE, "tuner.sampler.n_startup_trials=40"),
            "random 40, narrowed, then TPE 20": (
                *("tuner=tpe", "strategy=coarse_to_fine", _NONE),
                *("strategy.rounds.explore.max_trials=40", "tuner.max_trials=20"),
            ),
        },
        reference="TPE",
    ),
    "infeasible": Comparison(
        "Epochs of 20 whole trainings, and four of five configurations cannot be built",
        whole=20,
        most=60,
        strategies={
            "random search": (_RANDOM, _NONE),
            "TPE, the worst score": (_TPE, _WORST, _NONE),
            "TPE, the worst score after the start-up": (_TPE, _START_UP, _NONE),
            "TPE, a constraint": (_TPE, _NONE),
            "TPE, as if they were running": (_TPE, _RUNNING, _NONE),
        },
        reference="TPE, the worst score",
        infeasible=0.8,
    ),
    "bayesian": Comparison(
        "Epochs of 20 whole trainings: KerasTuner's Bayesian, whose proposals take seconds",
        whole=20,
        most=60,
        strategies={
            "random search": (_RANDOM, _NONE),
            "TPE": (_TPE, _NONE),
            "KerasTuner's Bayesian": ("tuner=bayesian", _NONE),
        },
        reference="TPE",
    ),
}
