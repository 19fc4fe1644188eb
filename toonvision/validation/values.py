"""Check values against each other; each value by itself is checked by `toonvision.config.schema`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toonvision.config.folders import folder_problem
from toonvision.config.graph import graph_problems
from toonvision.config.node import Node
from toonvision.config.schema import MULTICLASS, RunConfig, TrialConfig
from toonvision.config.training_schema import Training
from toonvision.config.tree import select
from toonvision.errors import Problem, did_you_mean
from toonvision.narrowing.options import option_problems as narrowing_problems
from toonvision.search_space.space import hyperparameters
from toonvision.trial.objective import PARAMETERS

_DIRECTIONS = {  # of the metrics that the package names
    **dict.fromkeys(("loss", "mae", "rmse"), "min"),
    **dict.fromkeys(("accuracy", "auc", "average_precision", "f1", "macro_f1"), "max"),
}
_FOR_ONE_OBJECTIVE = ("optuna.samplers.CmaEsSampler",)


def run_problems(config: RunConfig) -> Iterator[Problem]:
    """Yield what does not fit together in the configuration of a run."""
    rounds = config.strategy.rounds
    others = {f"strategy.rounds.{name}": tuner for name, tuner in rounds.items() if tuner != config.tuner}
    if len(others) == len(rounds):
        yield Problem(
            "strategy.rounds", "one of the rounds to be ${tuner}", "rounds to which the tuner does not belong"
        )
    for path, tuner in {"tuner": config.tuner, **others}.items():
        yield from _tuner_problems(path, tuner, config)
    yield from _narrowing_problems(config)
    if config.warm_start is not None:
        yield from filter(None, [folder_problem(config.warm_start, "warm_start")])


def trial_problems(config: TrialConfig) -> Iterator[Problem]:
    """Yield what does not fit together in the configuration of a trial: blocks, metrics that nothing measures."""
    yield from graph_problems(config.model.blocks or {}, "model.blocks")
    yield from _compile_problems(config)
    yield from _fine_tuning_problems(config.training)
    yield from _mixing_problems(config)
    for name in config.training.metrics:
        if name == "loss" or name.startswith("val_"):
            yield Problem(f"training.metrics.{name}", "another name: Keras has metrics of this one itself", repr(name))
    better = _DIRECTIONS.get(config.objective.name.removeprefix("val_"), config.objective.direction)
    if better != config.objective.direction:
        expected = f"{better} for {config.objective.name}"
        yield Problem("objective.direction", expected, repr(config.objective.direction))
    if config.training.loss is None:
        return  # the metrics are those with which the function compiles the model
    measured = ["loss", *config.training.metrics]
    validated = measured + [f"val_{name}" for name in measured]
    if config.objective.name not in validated:
        yield _not_among("objective.name", validated, config.objective.name)
    others = [name for name in (*validated, PARAMETERS) if name != config.objective.name]
    for name in config.objective.also:
        if name not in others:
            yield _not_among("objective.also", others, name)
    retrain = config.training.retrain
    for path, callbacks, available in (
        ("training.callbacks", config.training.callbacks, validated),
        # A wrong name of the objective is reported once, not also where a callback monitors it.
        ("training.retrain.validation_callbacks", retrain.validation_callbacks, [*validated, config.objective.name]),
        ("training.retrain.callbacks", retrain.callbacks, measured),
    ):
        for name, callback in (callbacks or {}).items():
            monitor = callback.arguments.get("monitor") if callback else None
            if monitor is not None and monitor not in available:
                yield _not_among(f"{path}.{name}.monitor", available, monitor)


def _compile_problems(config: TrialConfig) -> Iterator[Problem]:
    """Yield what a model lacks that its configuration or its function has to compile."""
    training = config.training
    for key, node in (("optimizer", training.optimizer), ("loss", training.loss)):
        if node is None and config.model.blocks is not None:
            yield Problem(f"training.{key}", "a mapping, because only a function compiles its model", "None")
    if training.loss is None and training.optimizer is not None and config.model.blocks is None:
        expected = "a mapping, or null in training.optimizer and training.loss"
        yield Problem("training.loss", expected, "None")


def _mixing_problems(config: TrialConfig) -> Iterator[Problem]:
    """Yield layers that would mix the indices of classes; where a task of one's own has them, the training says so."""
    if config.task.target == MULTICLASS.target and config.task.arguments.get("one_hot") is not True:
        for name, layer in (config.training.augmentation or {}).items():
            if layer and layer.target in ("keras.layers.MixUp", "keras.layers.CutMix"):
                expected = "a layer that leaves the index of a class as it is, or task=multiclass_one_hot"
                yield Problem(f"training.augmentation.{name}", expected, repr(layer.target))


def _fine_tuning_problems(training: Training) -> Iterator[Problem]:
    """Yield why a second phase cannot begin."""
    if training.fine_tuning is None:
        return
    if training.loss is None:
        expected = "a mapping, because the second phase (training.fine_tuning) compiles the model again"
        yield Problem("training.loss", expected, "None")
    after, final = training.fine_tuning.after, training.retrain.epochs
    epochs = min(training.epochs, training.retrain.max_epochs if final == "validated" else final)
    if after >= epochs:
        hint = "Without a second phase: training.fine_tuning=null"
        yield Problem("training.fine_tuning.after", f"fewer epochs than the {epochs} of a training", repr(after), hint)


def _tuner_problems(path: str, tuner: Node, config: RunConfig) -> Iterator[Problem]:
    nodes = tuner.arguments.get("sampler")
    if nodes is not None and not (isinstance(nodes, Mapping) and "_target_" in nodes):
        yield Problem(f"{path}.sampler", "a mapping with the key _target_", repr(nodes))
    sampler = select(tuner.arguments, "sampler._target_")
    if sampler in _FOR_ONE_OBJECTIVE and config.objective.also:
        expected = f"no further objectives with {sampler}, which searches for one"
        yield Problem("objective.also", expected, repr(config.objective.also), "For several: tuner=nsga2")


def _narrowing_problems(config: RunConfig) -> Iterator[Problem]:
    path, narrowing = "strategy.narrowing", config.strategy.narrowing
    if len(config.strategy.rounds) < 2:
        if narrowing is not None:
            expected = "null with one round, before which nothing is narrowed"
            yield Problem(path, expected, repr(narrowing.model_dump()))
        return
    if narrowing is None:
        yield Problem(path, "a mapping", "None")
        return
    yield from narrowing_problems(narrowing, list(hyperparameters(config.search_space)), path)


def _not_among(path: str, known: Sequence[str], received: object) -> Problem:
    return Problem(path, f"one of {', '.join(known)}", repr(received), did_you_mean(received, known))
