"""Retraining the chosen values on train + validation, and evaluating both models on the same test examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.configuration import configured
from toonvision.dataset import Split, load_dataset
from toonvision.errors import SearchError
from toonvision.executor.inline import InlineExecutor
from toonvision.job import KERAS
from toonvision.record.observer import Event, FinalEpochEnded, FinalTrainingEnded, FinalTrainingsStarted
from toonvision.record.results import Results
from toonvision.search.comparing import compare
from toonvision.search.runner import Runner
from toonvision.training import final_training
from toonvision.training.fit import Fit, fit
from toonvision.verdict import predictions
from toonvision.verdict.comparison import Duration
from toonvision.verdict.test_looks import read_looks

pytestmark = pytest.mark.training

FRESH = (3042, 3043, 3044)  # seeds that nothing was chosen by
TABLE = ("dataset=breast_cancer", "model=mlp", "training.retrain={epochs:3,seeds:1}")
BEST = {
    "n_layers": 1,
    "units_1": 32,
    "dropout_1_rate": 0.0,
    "activation": "relu",
    "learning_rate": 0.01,
    "optimizer": "Adam",
}
INACTIVE = {"units_2": None, "dropout_2_rate": None}


@pytest.fixture
def runner() -> Iterator[Runner]:
    with InlineExecutor() as executor:
        yield Runner(executor, [], KERAS)


def test_the_saved_models_reproduce_the_scores_of_the_comparison(tmp_path: Path, runner: Runner) -> None:
    config = configured(*TABLE)
    comparison = compare(config, {**BEST, **INACTIVE}, tmp_path, trial="0007", runner=runner)
    test = load_dataset(config.default_trial.dataset).test
    assert comparison.test_examples == len(test)
    for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)):
        model = keras.models.load_model(tmp_path / "models" / f"{role}.keras")
        wrong = int((model.predict(test.x, verbose=0).argmax(axis=1) != test.y).sum())
        assert judged.scores["wrong"] == wrong
        assert judged.scores["accuracy"] == 1 - wrong / len(test)
        assert judged.metrics["accuracy"] == pytest.approx(judged.scores["accuracy"])
        assert judged.loss == pytest.approx(model.evaluate(test.x, test.y, verbose=0)[0], rel=1e-5)
        assert judged.parameters == model.count_params()
        assert judged.epochs == len(judged.history["loss"]) == 3
    assert comparison.tuned.values == {**BEST, **INACTIVE}
    assert comparison.baseline.values["units_1"] == 16


def test_the_predictions_of_both_models_are_written(tmp_path: Path, runner: Runner) -> None:
    config = configured(*TABLE)
    comparison = compare(config, {**BEST, **INACTIVE}, tmp_path, trial="0007", runner=runner)
    dataset = load_dataset(config.default_trial.dataset)
    stored = predictions.load(tmp_path)
    assert stored is not None
    assert (stored.examples, stored.class_names) == (dataset.test.names, dataset.class_names)
    np.testing.assert_array_equal(stored.labels, dataset.test.y)
    for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)):
        model = keras.models.load_model(tmp_path / "models" / f"{role}.keras")
        np.testing.assert_allclose(stored.outputs[role], model.predict(dataset.test.x, verbose=0), rtol=1e-5)
        assert (~stored.is_right(role)).sum() == judged.scores["wrong"]


def test_both_models_train_on_train_and_validation_examples(
    tmp_path: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watch(model: keras.Model, settings: Fit, *, train: Split, **keywords: Any) -> dict[str, list[float]]:
        seen.append((train, keywords["validation"]))
        return fit(model, settings, train=train, **keywords)

    monkeypatch.setattr(final_training, "fit", watch)
    config = configured(*TABLE)
    compare(config, {**BEST, **INACTIVE}, tmp_path, trial="0007", runner=runner)
    dataset = load_dataset(config.default_trial.dataset)
    for train, validation in seen:
        assert validation is None
        np.testing.assert_array_equal(train.x, np.concatenate([dataset.train.x, dataset.validation.x]))


def test_early_stopping_monitors_the_training_loss(tmp_path: Path, runner: Runner) -> None:
    patience = "training.retrain.callbacks.early_stopping.patience=1"
    shorter = ("training=article", "training.retrain={epochs:40,seeds:1}", patience)
    config = configured("dataset=breast_cancer", "model=mlp", *shorter)
    judged = compare(config, {**BEST, **INACTIVE, "learning_rate": 0.1}, tmp_path, trial="0007", runner=runner).tuned
    losses = [loss or 0.0 for loss in judged.history["loss"]]
    assert judged.epochs < 40
    assert losses.index(min(losses)) == len(losses) - 2
    assert judged.duration == Duration(40, 40)


def test_models_with_different_test_ratios_are_evaluated_on_the_common_examples(tmp_path: Path, runner: Runner) -> None:
    overrides = [
        *("dataset.test_ratio=${search_space.test_ratio}", "+baseline.test_ratio=0.1"),
        "+search_space.test_ratio={hp: Choice, values: [0.2, 0.3]}",
    ]
    config = configured(*TABLE, *overrides)
    comparison = compare(config, {**BEST, **INACTIVE, "test_ratio": 0.3}, tmp_path, trial="0007", runner=runner)
    smaller = load_dataset(config.resolve({**BEST, **INACTIVE, "test_ratio": 0.1}).dataset).test
    larger = load_dataset(config.resolve({**BEST, **INACTIVE, "test_ratio": 0.3}).dataset).test
    assert set(smaller.names) < set(larger.names)
    assert comparison.test_examples == len(smaller)


def test_the_test_examples_do_not_change_with_the_validation_ratio() -> None:
    ratios = [f"dataset.validation_ratio={ratio}" for ratio in (0.1, 0.3)]
    names = [load_dataset(configured(*TABLE, ratio).default_trial.dataset).test.names for ratio in ratios]
    assert names[0] == names[1]


def test_a_baseline_that_cannot_be_built_raises_a_search_error(tmp_path: Path, runner: Runner) -> None:
    config = configured("dataset=digits", "dataset.image_size=[8,8]")
    best = {**config.baseline, **{f"pool_{n}_size": 1 for n in (2, 4)}}
    with pytest.raises(SearchError, match=r"The baseline model cannot be built on digits: model\.blocks\.block_2"):
        compare(config, best, tmp_path, trial="0007", runner=runner)


def test_training_with_the_same_seed_again_gives_the_same_losses(
    trained: Results, tmp_path: Path, runner: Runner
) -> None:
    again = compare(trained.config, trained.best_values(), tmp_path, trial="0007", runner=runner)
    first = trained.state.comparison
    assert first is not None
    assert (again.baseline.loss, again.tuned.loss) == (first.baseline.loss, first.tuned.loss)


def test_the_median_model_is_saved_and_the_verdict_has_the_scores_of_all_seeds(tmp_path: Path, runner: Runner) -> None:
    config = configured("dataset=breast_cancer", "model=mlp", "training.retrain={epochs:1,seeds:3}")
    comparison = compare(config, {**BEST, **INACTIVE}, tmp_path, trial="0007", runner=runner)
    for judged, scores in (
        (comparison.baseline, comparison.verdict.baseline),
        (comparison.tuned, comparison.verdict.tuned),
    ):
        assert len(set(scores.measures["loss"].seeds)) == 3
        assert judged.scores["wrong"] == sorted(scores.measures["wrong"].seeds)[1]
        assert scores.cost.parameters == judged.parameters
        assert scores.cost.file_bytes > 4 * judged.parameters
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [
        *("baseline.keras", "predictions.csv", "tuned.keras")
    ]
    (look,) = read_looks(tmp_path)
    assert [(subject.role, subject.trial, subject.seeds) for subject in look.subjects] == [
        *(("baseline", None, FRESH), ("tuned", "0007", FRESH))
    ]


class Listening:
    """Keeps the events of the final trainings."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.started: list[FinalTrainingsStarted] = []
        self.epochs: list[tuple[str, int]] = []
        self.ended: list[tuple[str, int]] = []
        self.looks: list[int] = []

    def notify(self, event: Event) -> None:
        match event:
            case FinalTrainingsStarted():
                self.started.append(event)
                self.looks.append(len(read_looks(self.run)))
            case FinalEpochEnded(role, _, epochs, _):
                self.epochs.append((role, epochs))
            case FinalTrainingEnded(role, seed, _):
                self.ended.append((role, seed))


def test_both_models_train_for_the_epochs_that_the_validation_examples_choose(tmp_path: Path, runner: Runner) -> None:
    config = configured(
        "dataset=breast_cancer", "model=mlp", "training.retrain.max_epochs=4", "training.retrain.seeds=3"
    )
    listening = Listening(tmp_path)
    best = {**BEST, **INACTIVE}
    comparison = compare(config, best, tmp_path, trial="0007", runner=replace(runner, observers=[listening]))
    assert listening.started == [FinalTrainingsStarted("train", 6), FinalTrainingsStarted("train + validation", 6)]
    assert listening.looks == [0, 1]  # the epochs are chosen before the test set is read
    both = [(role, seed) for seed in FRESH for role in ("baseline", "tuned")]
    assert (listening.ended[:6], sorted(listening.ended[6:])) == (both, sorted(both))  # the longest come first
    for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)):
        duration = judged.duration
        assert duration is not None
        assert (len(duration.best_epochs), duration.limit) == (3, 4)
        assert judged.epochs == duration.epochs
        final = 3 * duration.epochs if duration.epochs == 4 else 0
        assert listening.epochs.count((role, 4)) == 3 * 4 + final


class Interrupting:
    """Presses Ctrl-C when so many final trainings have ended."""

    def __init__(self, after: int) -> None:
        self.left = after

    def notify(self, event: Event) -> None:
        if isinstance(event, FinalTrainingEnded):
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt


@pytest.mark.parametrize("after", [3, 6])
def test_what_an_interrupted_comparison_has_trained_is_not_trained_again(
    after: int, tmp_path: Path, runner: Runner
) -> None:
    config = configured(*TABLE[:2], "training.retrain={epochs:validated,max_epochs:2,seeds:2}")
    best = {**BEST, **INACTIVE}
    whole = compare(config, best, tmp_path / "whole", trial="0007", runner=runner)
    with pytest.raises(KeyboardInterrupt):
        compare(config, best, tmp_path, trial="0007", runner=replace(runner, observers=[Interrupting(after)]))
    listening = Listening(tmp_path)
    again = compare(config, best, tmp_path, trial="0007", runner=replace(runner, observers=[listening]))
    assert sum(event.count for event in listening.started) == len(listening.ended) == 8 - after
    assert (again.baseline.loss, again.tuned.loss) == (whole.baseline.loss, whole.tuned.loss)
    assert again.verdict.differences == whole.verdict.differences
    assert not (tmp_path / "final").exists()
    assert len(read_looks(tmp_path)) == 1


def test_a_model_that_cannot_be_saved_is_one_message(
    tmp_path: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(model: keras.Model, path: Path) -> None:
        raise NotImplementedError("\nObject Mine\nmust override `get_config()`.\n")

    monkeypatch.setattr(keras.Model, "save", fail)
    message = r"^The baseline model cannot be saved: Object Mine must override `get_config\(\)`\.$"
    with pytest.raises(SearchError, match=message):
        compare(configured(*TABLE), {**BEST, **INACTIVE}, tmp_path, trial="0007", runner=runner)
