"""The models of texts in `conf/model/`, beside the same ones written in Keras, and each in a trial."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.configuration import configured
from tests.conftest import SEARCH, Train
from toonvision.search_space.space import complete
from toonvision.task import Output
from toonvision.training.model import Interface, build_model
from toonvision.trial.trial import TrialStatus

DATA = "dataset=support_tickets"


def built(model: str, length: int = 6, *overrides: str) -> keras.Model:
    """Build the baseline of a model for texts of this length."""
    config = configured(DATA, f"model={model}", "dataset.max_tokens=50", *overrides)
    resolved = config.resolve(complete(config.search_space, config.baseline))
    return build_model(resolved, Interface((length,), Output(4), id_inputs=("",)))


def ids(length: int = 6) -> np.ndarray:
    return np.random.default_rng(0).integers(1, 50, (5, length), dtype=np.int32)


def in_keras(model: str) -> keras.Model:
    inputs = keras.Input((6,), dtype="int32")
    x = keras.layers.Embedding(50, 16, mask_zero=model == "text_rnn")(inputs)
    if model == "text_cnn":
        x = keras.layers.Conv1D(32, 3, activation="relu", padding="same")(x)
        x = keras.layers.GlobalMaxPooling1D()(x)
    else:
        x = keras.layers.Bidirectional(keras.layers.GRU(16))(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(4, activation="softmax")(x))


@pytest.mark.parametrize("name", ["text_cnn", "text_rnn"])
def test_a_baseline_is_the_model_that_is_written_in_keras(name: str) -> None:
    model, expected = built(name), in_keras(name)
    assert model.input.dtype == "int32"
    expected.set_weights(model.get_weights())
    x = ids()
    x[:2, 3:] = 0
    np.testing.assert_allclose(model.predict(x, verbose=0), expected.predict(x, verbose=0), rtol=1e-4, atol=1e-6)


def test_the_recurrent_model_skips_padding() -> None:
    short, long = built("text_rnn", 6), built("text_rnn", 9)
    long.set_weights(short.get_weights())
    padded = np.pad(ids(), ((0, 0), (0, 3)))
    np.testing.assert_allclose(long.predict(padded, verbose=0), short.predict(ids(), verbose=0), rtol=1e-4, atol=1e-6)


def test_texts_and_numbers_are_inputs_of_one_model() -> None:
    config = configured(
        *(DATA, "model=text_cnn", "+model.blocks.embedding.inputs=[input.ticket]"),
        *("+block@model.blocks.numbers=dense", "model.blocks.numbers.units=8"),
        *("+model.blocks.numbers.inputs=[input.columns]", "+model.blocks.dense.inputs=[convolution,numbers]"),
        "+model.blocks.dense.merge._target_=keras.layers.Concatenate",
    )
    shapes = {"ticket": (6,), "columns": (3,)}
    resolved = config.resolve(complete(config.search_space, config.baseline))
    model = build_model(resolved, Interface(shapes, Output(4), id_inputs=("ticket",)))
    assert {one.name: one.dtype for one in model.inputs} == {"ticket": "int32", "columns": "float32"}
    x = {"ticket": ids(), "columns": np.ones((5, 3), dtype=np.float32)}
    assert model.predict(x, verbose=0).shape == (5, 4)


def test_the_embedding_follows_a_vocabulary_that_is_searched() -> None:
    config = configured(
        *(DATA, "model=text_cnn", "+search_space.max_tokens={hp: Choice, values: [100, 300]}"),
        *("+baseline.max_tokens=300", "dataset.max_tokens=${search_space.max_tokens}"),
    )
    trial = config.resolve(complete(config.search_space, {**config.baseline, "max_tokens": 100}))
    assert trial.dataset.arguments["max_tokens"] == 100
    model = build_model(trial, Interface((6,), Output(4), id_inputs=("",)))
    assert model.get_layer(index=1).input_dim == 100


@pytest.mark.training
@pytest.mark.parametrize(
    ("name", "pinned"),
    [("text_cnn", ["filters=16"]), ("text_rnn", ["cell=LSTM", "recurrent_units=8"])],
)
def test_a_trial_of_each_model_completes(name: str, pinned: list[str], train: Train) -> None:
    pins = [f"search_space.{value}" for value in ("embedding_dim=8", *pinned)]
    short = ("dataset.tickets=120", "tuner.max_trials=1", "training.epochs=1", "training.retrain={epochs:1,seeds:1}")
    (trial,) = train(*short, quick=(DATA, f"model={name}", *SEARCH, *pins)).trials
    assert trial.outcome.status is TrialStatus.COMPLETED
