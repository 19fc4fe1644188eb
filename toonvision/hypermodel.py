"""A configuration as a `keras_tuner.HyperModel`, for use with any tuner of KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import keras_tuner
import numpy as np
from omegaconf import DictConfig

from toonvision.config.schema import RunConfig
from toonvision.dataset import Dataset, Split, load_dataset
from toonvision.search_space.space import declare
from toonvision.task.labels import check_labels
from toonvision.training.feed import Feed
from toonvision.training.model import build_model, check_constraints, interface
from toonvision.validation.validate import validate


class HyperModel(keras_tuner.HyperModel):
    """Builds the configured model for the values that a tuner proposes.

        tuner = keras_tuner.RandomSearch(toonvision.HyperModel(cfg), objective="val_loss", max_trials=5)

    Args:
        cfg: a configuration as `toonvision.compose` returns it.

    Attributes:
        config: the validated configuration.
        dataset: the dataset of the default values, which gives the input shape and the classes.

    Raises:
        ConfigError: if the configuration is wrong.
        DatasetError: if the labels of the dataset are not those of the task.
    """

    def __init__(self, cfg: DictConfig | Mapping[str, Any]) -> None:
        super().__init__()
        self.config: RunConfig = validate(cfg)
        self.dataset: Dataset = load_dataset(self.config.default_trial.dataset)
        check_labels(self.config.default_trial, self.dataset)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Declare the space on `hp`, and build and compile the model of its values.

        Raises:
            InfeasibleError: if the model cannot be built, or has more parameters than the constraints allow.
        """
        trial = self.config.resolve(declare(self.config.search_space, hp))
        model = build_model(trial, interface(trial, self.dataset))
        check_constraints(model, trial.constraints)
        return model

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        """Fit with the configured augmentation and batch size, which may be a hyperparameter.

        Args:
            hp: with the values of the trial.
            model: built.
            *args: of `Model.fit`. Examples and labels in arrays, here or as `x` and `y`, are augmented.
            **kwargs: of `Model.fit`; a `batch_size` replaces the configured one.
        """
        training = self.config.resolve(declare(self.config.search_space, hp)).training
        settings = {"batch_size": training.batch_size, **kwargs}
        examples = dict(zip(("x", "y"), args, strict=False)) | {key: kwargs[key] for key in ("x", "y") if key in kwargs}
        in_arrays = len(examples) == 2 and all(isinstance(array, np.ndarray) for array in examples.values())
        if training.augmentation and in_arrays and len(args) <= 2:
            training = training.model_copy(update={"batch_size": settings["batch_size"]})
            feed = Feed.of(training, Split(**examples))
            assert feed
            settings = {key: value for key, value in settings.items() if key not in examples}
            args, order = feed.from_epoch(settings.get("initial_epoch", 0))
            settings |= order
        return model.fit(*args, **settings)
