"""Bounds of the arguments of known targets, so that a wrong one is reported before anything slow is imported.

The functions themselves check them again where they may be called from Python; an argument that is not listed here is
checked by its target alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from toonvision.config.folders import file_problem, folder_problem, path_problem
from toonvision.config.graph import EACH
from toonvision.errors import Problem, did_you_mean
from toonvision.trial.bounds import Count, CountOrZero, Distance, OptionalCount, Seed, expecting


def _whole(low: int, high: int) -> Any:
    return Annotated[Annotated[int, Field(ge=low, le=high)], expecting(f"a whole number from {low} to {high}")]


_Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Rate = Annotated[Annotated[float, Field(ge=0, allow_inf_nan=False)], expecting("a finite number of at least 0")]
_Share = Annotated[Annotated[float, Field(gt=0, lt=1)], expecting("a number between 0 and 1")]
_Population = Annotated[Annotated[int, Field(ge=2)] | None, expecting("a whole number of at least 2, or null")]
_Factor = Annotated[Annotated[int, Field(ge=2)], expecting("a whole number of at least 2")]


_MOST = 100_000  # more workers, cores, minutes or GiB are a typing error
_UpToMost = Annotated[int, Field(ge=1, le=_MOST)]
_Limited = _whole(1, _MOST)
_WIDEST = 1_000_000  # a wider layer fits into no memory
_Width = _whole(1, _WIDEST)
_Portion = Annotated[Annotated[float, Field(ge=0, le=1)], expecting("a number from 0 to 1")]
_Text = Annotated[str | None, expecting("a text, or null")]
_Workers = Annotated[_UpToMost | Literal["auto"], expecting(f"'auto' or a whole number from 1 to {_MOST}")]
_Gpus = Annotated[
    Annotated[float, Field(ge=0, le=1)] | Annotated[float, Field(ge=1, multiple_of=1)] | None,
    expecting("null, a share between 0 and 1, or a whole number of GPUs"),
]
# Null for any seed, as KerasTuner and Optuna take it.
_Seed = Annotated[Seed | None, expecting("a whole number from 1 to 2147483647")]


def _one_of(*names: str) -> Any:
    return Annotated[Literal[names], expecting(f"one of {', '.join(names)}")]


_Resource = Annotated[Annotated[int, Field(ge=1)] | Literal["auto"], expecting("a whole number of at least 1, or auto")]

_FirstRung = Annotated[
    Annotated[int, Field(ge=1)] | Literal["auto"] | None, expecting("a whole number of at least 1, auto, or null")
]


_OptionalCountOrZero = Annotated[Annotated[int, Field(ge=0)] | None, expecting("a whole number of at least 0, or null")]
_Pooling = Annotated[Literal["avg", "max"] | None, expecting("avg, max, or null")]


def _size(smallest: int) -> Any:
    side = Annotated[int, Field(ge=smallest, le=16384)]
    size = Annotated[list[side], Field(min_length=2, max_length=2)]
    return Annotated[size, expecting(f"[height, width], two whole numbers from {smallest} to 16384")]


_Quote = Annotated[Annotated[str, Field(min_length=1, max_length=1)] | None, expecting("one character, or null")]


def _kinds(*names: str) -> Any:
    listed = f"{', '.join(names[:-1])} or {names[-1]}"
    kind: Any = Literal[names]
    return Annotated[dict[str | int, kind] | None, expecting(f"{listed} for each column")]


_VECTORIZATION = {"max_tokens": _whole(3, 1_000_000), "sequence_length": _whole(1, 100_000)}
_TargetKind = Annotated[Literal["classes", "numbers"] | None, expecting("classes, numbers, or null")]
_SPLIT = {"validation_ratio": _Share, "test_ratio": _Share, "seed": CountOrZero}
_TABLE = {
    "scaling": _one_of("standardize", "robust", "none"),
    "target_kind": _TargetKind,
    "on_missing_target": _one_of("raise", "skip"),
    "header": Annotated[bool, expecting("true or false")],
    "separator": _Text,
    "time": _Text,
}
_Horizon = Annotated[
    Annotated[int, Field(ge=1)] | Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)],
    expecting("a whole number of at least 1, or several"),
]
_SERIES = {"window": Count, "horizon": _Horizon, "validation_ratio": _Share, "test_ratio": _Share}
_HYPERBAND = {"seed": _Seed, "max_consecutive_failed_trials": Count}
_TUNER = {"max_trials": OptionalCount, **_HYPERBAND}
_SAMPLER = {"n_startup_trials": CountOrZero, "seed": _Seed}
# By target, or by package with a dot for all that lie in it: the type of each argument that is bounded.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "keras.optimizers.": {"learning_rate": _Rate},
    "keras.applications.": {"weights": _Text, "pooling": _Pooling},
    "keras.layers.MixUp": {"alpha": Annotated[_Above, expecting("a number above 0")]},
    "keras.layers.RandomFlip": {"mode": _one_of("horizontal", "vertical", "horizontal_and_vertical")},
    "keras.layers.": dict.fromkeys(("filters", "input_dim", "output_dim", "units"), _Width) | {"rate": _Portion},
    "toonvision.executor.": {
        "address": _Text,
        "cluster": _one_of("slurm", "local"),
        "workers": _Workers,
        "trials_per_worker": _Limited,
        "cpus_per_trial": _Limited,
        "timeout": _Limited,
        "memory": _Limited,
        "gpus_per_trial": _Gpus,
    },
    "keras_tuner.oracles.RandomSearchOracle": _TUNER,
    "toonvision.oracle.bayesian.BayesianOptimizationOracle": {
        **_TUNER,
        "num_initial_points": OptionalCount,
        "alpha": Annotated[_Above, expecting("a number above 0")],
        "beta": Distance,
    },
    "toonvision.oracle.grid_search.GridSearchOracle": _TUNER,
    "toonvision.oracle.hyperband.HyperbandOracle": {
        **_HYPERBAND,
        "max_epochs": Count,
        "factor": _Factor,
        "hyperband_iterations": Count,
    },
    "toonvision.oracle.promotion.PromotionOracle": {
        **_TUNER,
        "max_epochs": Count,
        "min_epochs": OptionalCount,
        "factor": _Factor,
    },
    "toonvision.oracle.sampler.SamplerOracle": _TUNER,
    "optuna.samplers.TPESampler": _SAMPLER,
    "optuna.samplers.GPSampler": _SAMPLER,
    "optuna.samplers.CmaEsSampler": {**_SAMPLER, "popsize": _Population},
    "optuna.samplers.NSGAIISampler": {"population_size": _Factor, "seed": _Seed},
    "optuna.samplers.QMCSampler": {"qmc_type": _one_of("sobol", "halton"), "seed": _Seed},
    "optuna.pruners.HyperbandPruner": {
        "min_resource": Count,
        "max_resource": _Resource,
        "reduction_factor": _Factor,
    },
    "optuna.pruners.MedianPruner": {"n_startup_trials": CountOrZero, "n_warmup_steps": CountOrZero},
    "optuna.pruners.SuccessiveHalvingPruner": {"min_resource": _FirstRung, "reduction_factor": _Factor},
    "optuna.pruners.WilcoxonPruner": {"p_threshold": _Share, "n_startup_steps": CountOrZero},
    "toonvision.dataset.arrays.load": _SPLIT,
    "toonvision.dataset.bike_hires.load": {**_SPLIT, "days": Count},
    "toonvision.dataset.breast_cancer.load": _SPLIT,
    "toonvision.dataset.cogs.load": {"image_size": _size(16), "seed": CountOrZero},
    "toonvision.dataset.diabetes.load": _SPLIT,
    "toonvision.dataset.digit_pairs.load": {**_SPLIT, "pairs": Count},
    "toonvision.dataset.digit_sums.load": {**_SPLIT, "pairs": Count},
    "toonvision.dataset.digits.load": {**_SPLIT, "image_size": _size(1)},
    "toonvision.dataset.eights.load": _SPLIT,
    "toonvision.dataset.image_directory.load": {
        **_SPLIT,
        "image_size": _size(1),
        "group_pattern": _Text,
        "resize": _one_of("stretch", "pad", "crop"),
        "on_bad_image": _one_of("raise", "skip"),
    },
    "toonvision.dataset.text_directory.load": {**_SPLIT, **_VECTORIZATION, "on_bad_text": _one_of("raise", "skip")},
    "toonvision.dataset.support_tickets.load": {**_SPLIT, **_VECTORIZATION, "tickets": Count},
    "toonvision.dataset.image_table.load": {
        **_SPLIT,
        "image_size": _size(1),
        "resize": _one_of("stretch", "pad", "crop"),
        "folder": _Text,
        "split": _Text,
        "group": _Text,
        "separator": _Text,
        "target_kind": _TargetKind,
        "on_missing_target": _one_of("raise", "skip"),
        "on_bad_image": _one_of("raise", "skip"),
    },
    "toonvision.dataset.hourly_load.load": {**_SERIES, "hours": Count, "seed": CountOrZero},
    "toonvision.dataset.keras_dataset.load": {
        "name": _one_of("cifar10", "fashion_mnist", "mnist"),
        "validation_ratio": _Share,
        "train_size": OptionalCount,
        "seed": CountOrZero,
    },
    "toonvision.dataset.series.load": {
        **_SERIES,
        **_TABLE,
        "kinds": _kinds("numeric", "categorical", "date"),
        "stride": Count,
        "series": _Text,
        "calendar": Annotated[list[Literal["day", "week", "year"]], expecting("a list of periods: day, week, year")],
    },
    "toonvision.task.multiclass.Multiclass": {"one_hot": Annotated[bool, expecting("true or false")]},
    "toonvision.training.backbone.backbone": {"trainable_layers": _OptionalCountOrZero},
    "toonvision.dataset.table_file.load": {
        **_SPLIT,
        **_VECTORIZATION,
        **_TABLE,
        "kinds": _kinds("numeric", "categorical", "date", "text"),
        "quote": _Quote,
        "group": _Text,
    },
    "toonvision.task.binary.Binary": {"threshold_by": _one_of("accuracy", "balanced_accuracy", "f1")},
}
_PATHS = {
    "toonvision.dataset.arrays.load": path_problem,
    "toonvision.dataset.image_directory.load": folder_problem,
    "toonvision.dataset.image_table.load": file_problem,
    "toonvision.dataset.series.load": file_problem,
    "toonvision.dataset.table_file.load": file_problem,
    "toonvision.dataset.text_directory.load": folder_problem,
}


def argument_problems(target: str, arguments: Mapping[str, object], path: str) -> Iterator[Problem]:
    """Yield the arguments of a known target that are out of bounds.

    Args:
        target: an import path.
        arguments: resolved and plain; nodes among them are not looked at.
        path: of the node in the configuration.
    """
    known = _known(target)
    for key in ARGUMENTS.get(known, {}):
        for place, value in _given(arguments, key):
            try:
                _adapter(known, key).validate_python(value, strict=True)
            except ValidationError as error:
                expected = error.errors(include_url=False)[0].get("ctx", {}).get("expected", "")
                hint = did_you_mean(value, _options(ARGUMENTS[known][key]))
                yield Problem(f"{path}.{place}", str(expected), repr(value), hint)
    yield from _ratio_problems(arguments, path)
    if target in _PATHS and isinstance(given := arguments.get("path"), str):
        yield from filter(None, [_PATHS[target](given, f"{path}.path")])


def argument_schemas(target: str) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each argument of a target that is bounded."""
    known = _known(target)
    return {key: _adapter(known, key).json_schema() for key in ARGUMENTS.get(known, {})}


def _known(target: str) -> str:
    """Return the target, or the package by which its arguments are listed."""
    packages = (package for package in ARGUMENTS if package.endswith(".") and target.startswith(package))
    return target if target in ARGUMENTS else next(packages, target)


def _given(arguments: Mapping[str, object], key: str) -> Iterator[tuple[str, object]]:
    """Yield the value of an argument with its place, or those of a repeated block; nothing for a node."""
    value = arguments.get(key)
    if isinstance(value, Mapping) and value.keys() & {EACH, "_target_"}:
        values = value.get(EACH)  # null where the repetition does not exist
        for index, one in enumerate(values if isinstance(values, list) else ()):
            if one is not None:
                yield f"{key}.{EACH}[{index}]", one
    elif key in arguments:
        yield key, value


def _options(kind: Any) -> Sequence[str]:
    """Return the allowed texts of an argument that `_one_of` bounds."""
    options = get_args(kind)[0] if get_args(kind) else None
    return get_args(options) if get_origin(options) is Literal else ()


def _ratio_problems(arguments: Mapping[str, object], path: str) -> Iterator[Problem]:
    ratios = [arguments.get("validation_ratio"), arguments.get("test_ratio")]
    numbers = [ratio for ratio in ratios if isinstance(ratio, float) and 0 < ratio < 1]
    if len(numbers) == 2 and sum(numbers) >= 1:
        place = f"{path}.validation_ratio and {path}.test_ratio"
        yield Problem(place, "a sum below 1, so that training examples remain", f"{numbers[0]} + {numbers[1]}")


@functools.cache
def _adapter(target: str, key: str) -> TypeAdapter[Any]:
    return TypeAdapter(ARGUMENTS[target][key])
