"""The second phase of a training: what learns when, and how the phases go over into each other."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.configuration import configured
from toonvision.config.node import Node
from toonvision.config.schema import TrialConfig
from toonvision.dataset import Split, load_dataset
from toonvision.errors import ConfigError
from toonvision.executor.inline import InlineExecutor
from toonvision.job import KERAS
from toonvision.search.final_model import FinalModel
from toonvision.search.final_trainings import FinalTrainings
from toonvision.search.runner import Runner
from toonvision.task import Output
from toonvision.training import fine_tuning
from toonvision.training.fit import Checkpoint, Fit, fit, restore, start_afresh
from toonvision.training.model import Interface, build_model
from toonvision.verdict.comparison import Duration

pytestmark = pytest.mark.training

RNG = np.random.default_rng(0)
TRAIN = Split(RNG.normal(size=(40, 8, 8, 1)).astype(np.float32), np.arange(40) % 3)
TUNED = "{after: 2, trainable_layers: 3, optimizer: {_target_: keras.optimizers.SGD, learning_rate: 0.1}}"
PHASES = ("experiment=function", "model.build._target_=tests.built_models.with_backbone", "training.batch_size=40")


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "tests.built_models")


def configuration(tuned: str = TUNED) -> TrialConfig:
    return configured(*PHASES, f"+training.fine_tuning={tuned}").default_trial


def model() -> keras.Model:
    start_afresh(1, "float32")
    return build_model(configuration(), Interface((8, 8, 1), Output(3)))


def weights(built: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: np.array(variable) for variable in built.weights}


class Notes(keras.callbacks.Callback):
    """Notes, at the end of each epoch, the weights and the class of the optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[dict[str, np.ndarray]] = []
        self.optimizers: list[str] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Note both."""
        self.weights.append(weights(self.model))
        self.optimizers.append(type(self.model.optimizer).__name__)


def changed(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> set[str]:
    return {name.split("/")[-2] for name in before if not np.array_equal(before[name], after[name])}


def test_the_backbone_learns_in_the_second_phase_with_an_optimizer_of_its_own() -> None:
    notes, built = Notes(), model()
    begin = weights(built)
    history = fit(built, Fit(configuration().training, 4, {}, "training"), train=TRAIN, validation=TRAIN, watch=[notes])
    assert len(history["val_loss"]) == len(history["accuracy"]) == 4
    assert notes.optimizers == ["Adam", "Adam", "SGD", "SGD"]
    assert changed(begin, notes.weights[1]) == {"dense"}
    assert changed(notes.weights[1], notes.weights[3]) == {"dense", "second"}  # the normalization stands still


def test_null_lets_all_layers_learn() -> None:
    notes, built = Notes(), model()
    tuned = configuration(TUNED.replace("trainable_layers: 3", "trainable_layers: null")).training
    fit(built, Fit(tuned, 3, {}, "training"), train=TRAIN, validation=TRAIN, watch=[notes])
    assert changed(notes.weights[1], notes.weights[2]) == {"dense", "first", "second", "normalization"}


def test_callbacks_of_the_configuration_are_called_in_the_second_phase() -> None:
    arguments = {"monitor": "loss", "min_delta": 10.0, "patience": 1}  # no loss is better by that: it ends the second
    callbacks = {"stopping": Node("keras.callbacks.EarlyStopping", arguments)}
    how = Fit(configuration().training, 9, callbacks, "training.callbacks")
    assert len(fit(model(), how, train=TRAIN, validation=TRAIN, watch=[])["loss"]) == 2 + 2


def test_a_model_that_diverges_has_no_second_phase() -> None:
    notes, built = Notes(), model()
    built.layers[-1].bias.assign([np.nan] * 3)  # not in the input: oneDNN's relu makes zeros of it
    stop = keras.callbacks.TerminateOnNaN()
    fit(built, Fit(configuration().training, 4, {}, "t"), train=TRAIN, validation=None, watch=[notes, stop])
    assert notes.optimizers == ["Adam"]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_training_from_a_checkpoint_is_the_one_that_was_not_broken_off(at: int, tmp_path: Path) -> None:
    training, path = configuration().training, tmp_path / "checkpoint.weights.h5"
    training = training.model_copy(update={"augmentation": {}})
    whole, first, second = model(), model(), model()
    for layer in (whole, first, second):
        layer.layers[-2].rate = 0.0  # dropout draws other numbers in another process, too
    fit(whole, Fit(training, 4, {}, "t"), train=TRAIN, validation=None, watch=[])
    fit(first, Fit(training, at, {}, "t"), train=TRAIN, validation=None, watch=[Checkpoint(path)])
    restore(second, training, path, epoch=at)
    fit(second, Fit(training, 4, {}, "t", initial_epoch=at), train=TRAIN, validation=None, watch=[])
    for one, other in zip(whole.weights, second.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_model_without_a_layer_of_this_name_is_an_error() -> None:
    other = configuration(TUNED.replace("{after", "{layer: backbnoe, after")).training
    with pytest.raises(ConfigError, match=r"fine_tuning\.layer: expected one of backbone.*mean 'backbone'"):
        fit(model(), Fit(other, 3, {}, "training"), train=TRAIN, validation=None, watch=[])


def test_the_first_phase_of_a_final_training_has_as_many_steps_as_that_of_a_trial(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = configured(
        *PHASES, f"+training.fine_tuning={TUNED.replace('after: 2', 'after: 5')}", "training.batch_size=8"
    )
    trial = config.default_trial
    dataset = load_dataset(trial.dataset)
    steps, total = len(dataset.train) / 8, (len(dataset.train) + len(dataset.validation)) / 8
    assert round(5 * steps / total) == 4
    epochs: list[int] = []
    written = tmp_path / "final" / "trials" / "0001" / "history.csv"
    monkeypatch.setattr(fine_tuning, "compile_model", lambda *_: epochs.append(len(written.read_text().splitlines())))
    with InlineExecutor() as executor:
        trainings = FinalTrainings(
            [FinalModel("tuned", trial, dataset)],
            [3],
            directory=tmp_path,
            runner=Runner(executor, [], KERAS),
            retries=config.retries,
        )
        (trained,) = trainings.train({"tuned": Duration(6, 100, best_epochs=(7,))})["tuned"]
    assert epochs == [1 + 4]  # with the header
    assert trained.epochs == 6
