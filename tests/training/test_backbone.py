"""`block=backbone`: what comes before the network, its weights, and which of its layers learn."""

from __future__ import annotations

import functools
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.configuration import configured
from toonvision.errors import ConfigError
from toonvision.task import Output
from toonvision.training.backbone import backbone, preprocessed, set_trainable
from toonvision.training.model import InfeasibleError, Interface, build_model

APPLICATIONS = [name for name in dir(keras.applications) if name[0].isupper()]
SHAPE = (32, 32, 3)
PIXELS = np.random.default_rng(0).integers(0, 256, (2, *SHAPE)).astype(np.float32)


def small(weights: str | None = None) -> functools.partial[keras.Model]:
    return functools.partial(
        keras.applications.MobileNet, include_top=False, weights=weights, alpha=0.25, pooling="avg"
    )


def model(weights: str | None, *overrides: str) -> keras.Model:
    config = configured(
        *("model=transfer", "training=fine_tuning", "search_space.application=MobileNet", *overrides),
        f"model.blocks.backbone.weights={'null' if weights is None else weights}",
        "+model.blocks.backbone.layers.backbone.network.alpha=0.25",
    )
    return build_model(config.default_trial, Interface(SHAPE, Output(4)))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the weights of a network."""
    keras.utils.set_random_seed(1)
    path = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    small()().save_weights(path)
    return path


@pytest.mark.parametrize("name", APPLICATIONS)
def test_pixels_are_preprocessed_as_keras_does_it_and_so_by_the_saved_model(name: str, tmp_path: Path) -> None:
    application = getattr(keras.applications, name)
    inputs = keras.Input(SHAPE)
    built = keras.Model(inputs, preprocessed(keras.layers.Identity()(inputs), application))
    expected = import_module(application.__module__).preprocess_input(PIXELS.copy())
    built.save(tmp_path / "model.keras")
    for one in (built, keras.models.load_model(tmp_path / "model.keras")):
        np.testing.assert_allclose(one.predict(PIXELS, verbose=0), expected, rtol=1e-5, atol=1e-4)


def test_a_network_has_the_weights_of_a_file(weights: Path) -> None:
    network = small(str(weights))()
    expected = network.predict(keras.applications.mobilenet.preprocess_input(PIXELS.copy()), verbose=0)
    built = backbone(small(str(weights)), 0)
    np.testing.assert_allclose(built.predict(PIXELS, verbose=0), expected, rtol=1e-4, atol=1e-6)
    assert (built.name, built.trainable_variables) == ("backbone", [])


def test_the_last_layers_learn_but_for_batch_normalizations(weights: Path) -> None:
    built = backbone(small(str(weights)), 6)
    # the last six: a convolution, its normalization and activation twice less one, and the pooling
    learning = {variable.path.split("/")[-2] for variable in built.trainable_variables}
    assert learning == {"conv_pw_13"}
    set_trainable(built, None)
    assert len(built.trainable_variables) == len(small()().trainable_variables)
    set_trainable(built, 0)
    assert not built.trainable_variables


def test_only_the_last_layer_of_the_block_model_learns_at_first(weights: Path) -> None:
    built = model(str(weights))
    assert [variable.shape for variable in built.trainable_variables] == [(256, 4), (4,)]
    np.testing.assert_allclose(
        built.get_layer("backbone").predict(PIXELS, verbose=0),
        backbone(small(str(weights))).predict(PIXELS, verbose=0),
        rtol=1e-4,
        atol=1e-6,
    )


def test_a_file_that_is_missing_or_no_file_of_weights_is_an_error(tmp_path: Path) -> None:
    place = "model.blocks.backbone.layers.backbone: expected weights that can be read"
    with pytest.raises(ConfigError, match=f"{place}.*There is no file nowhere.h5"):
        model("nowhere.h5")
    (tmp_path / "broken.weights.h5").write_text("nothing")
    with pytest.raises(ConfigError, match=place):
        model(str(tmp_path / "broken.weights.h5"))


def test_weights_of_another_network_are_infeasible(weights: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"model\.blocks\.backbone\.layers\.backbone: "):
        model(str(weights), "search_space.application=MobileNetV2")


def test_weights_that_cannot_be_downloaded_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise Exception("URL fetch failure on https://example.org: None -- unknown host")

    monkeypatch.setattr(keras.src.utils.file_utils, "get_file", offline)
    with pytest.raises(ConfigError, match=r"URL fetch failure.*Give the path of a file, or null for random weights"):
        model("imagenet")
