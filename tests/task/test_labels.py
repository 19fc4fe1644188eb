"""A dataset that does not fit the task: the error says which task would."""

from __future__ import annotations

import pytest

from tests.configuration import configured
from toonvision.dataset import load_dataset
from toonvision.errors import ConfigError, DatasetError
from toonvision.task.labels import check_labels

TABLES = {
    "multiclass": ("digits", "breast_cancer", "eights"),
    "binary": ("eights", "breast_cancer"),
    "multilabel": ("digit_pairs",),
    "regression": ("diabetes",),
}
FITTING = {
    "digits": "task=multiclass fits.",
    "breast_cancer": "task=multiclass or task=binary fits.",
    "digit_pairs": "task=multilabel fits.",
    "diabetes": "task=regression fits.",
}


def checked(task: str, dataset: str, *overrides: str) -> None:
    trial = configured(f"task={task}", f"dataset={dataset}", "model=mlp", *overrides).default_trial
    check_labels(trial, load_dataset(trial.dataset))


@pytest.mark.parametrize(("task", "dataset"), [(task, name) for task, names in TABLES.items() for name in names])
def test_a_dataset_of_the_task_is_accepted(task: str, dataset: str) -> None:
    checked(task, dataset)


@pytest.mark.parametrize(
    ("task", "dataset"),
    [(t, d) for t in TABLES for d in FITTING if f"task={t} " not in FITTING[d].replace(" fits", " ")],
)
def test_a_dataset_of_another_task_is_refused_with_the_task_that_fits(task: str, dataset: str) -> None:
    with pytest.raises(DatasetError, match=rf"^dataset: expected .*, for task={task}\. .*\. {FITTING[dataset]}$"):
        checked(task, dataset)


def test_classes_have_weights_only_where_there_are_classes() -> None:
    checked("binary", "eights", "training.class_weight=balanced")
    with pytest.raises(ConfigError, match=r"^training\.class_weight: expected null, because task=regression has no "):
        checked("regression", "diabetes", "training.class_weight=balanced")
