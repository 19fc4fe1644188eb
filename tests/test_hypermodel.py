"""A configuration as a hypermodel for any tuner of KerasTuner."""

from __future__ import annotations

from pathlib import Path

import keras_tuner
import numpy as np
import pytest
from keras_tuner import HyperParameters

import toonvision
from toonvision.training.model import InfeasibleError


@pytest.mark.training
@pytest.mark.filterwarnings("ignore:Skipping variable loading")  # by KerasTuner, which does not build the optimizer
def test_a_tuner_of_the_user_searches_the_hypermodel(tmp_path: Path) -> None:
    cfg = toonvision.compose(
        [
            "dataset=breast_cancer",
            "model=mlp",
            "+search_space.batch_size={hp: Choice, values: [32, 64]}",
            "+baseline.batch_size=32",
            "training.batch_size=${search_space.batch_size}",
        ]
    )
    model = toonvision.HyperModel(cfg)
    tuner = keras_tuner.RandomSearch(model, objective="val_loss", max_trials=3, directory=tmp_path, seed=1)
    train, validation = model.dataset.train, model.dataset.validation
    tuner.search(train.x, train.y, validation_data=(validation.x, validation.y), epochs=1, verbose=0)
    trials = tuner.oracle.get_best_trials(3)
    assert len(trials) == 3
    assert {name for trial in trials for name in trial.hyperparameters.values} <= set(model.config.search_space)
    assert tuner.get_best_models(1)[0].output_shape == (None, 2)


@pytest.mark.training
def test_a_model_that_is_too_large_is_infeasible() -> None:
    overrides = ["dataset=breast_cancer", "model=mlp", "search_space=mlp_baseline"]
    assert toonvision.HyperModel(toonvision.compose(overrides)).build(HyperParameters()).count_params() == 530
    limited = toonvision.HyperModel(toonvision.compose([*overrides, "constraints.max_parameters=529"]))
    with pytest.raises(InfeasibleError, match="expected at most 529"):
        limited.build(HyperParameters())


@pytest.mark.training
@pytest.mark.parametrize(("given", "expected"), [({}, 64), ({"batch_size": 8}, 8)])
def test_a_model_is_fitted_with_the_batch_size_of_the_trial(given: dict[str, int], expected: int) -> None:
    searched = ("+search_space.batch_size={hp: Choice, values: [32, 64]}", "+baseline.batch_size=32")
    batch = "training.batch_size=${search_space.batch_size}"
    hypermodel = toonvision.HyperModel(toonvision.compose(["dataset=breast_cancer", "model=mlp", *searched, batch]))
    hp = HyperParameters()
    hp.Fixed("batch_size", 64)
    model, train = hypermodel.build(hp), hypermodel.dataset.train
    history = hypermodel.fit(hp, model, train.x, train.y, epochs=1, verbose=0, **given)
    assert history.params["steps"] == -(-len(train) // expected)


@pytest.mark.training
@pytest.mark.parametrize("by_name", [False, True])
def test_a_model_is_fitted_on_augmented_examples(by_name: bool) -> None:
    hypermodel = toonvision.HyperModel(toonvision.compose(["experiment=smoke", "training.batch_size=100"]))
    model, train = hypermodel.build(HyperParameters()), hypermodel.dataset.train
    seen = list[np.ndarray]()
    model.fit = lambda x, **_: seen.extend(np.asarray(images) for images, _ in x.take(11))
    given, named = ((), {"x": train.x, "y": train.y}) if by_name else ((train.x, train.y), {})
    hypermodel.fit(HyperParameters(), model, *given, **named, epochs=1, verbose=0)
    images = {image.tobytes() for batch in seen for image in batch}
    plain = {image.tobytes() for image in train.x}
    flipped = {image[:, ::-1].tobytes() for image in train.x}
    assert images <= plain | flipped
    assert images - plain
    assert images & plain
