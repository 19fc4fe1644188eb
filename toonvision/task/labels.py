"""Whether the labels of a dataset are those of the task."""

from __future__ import annotations

from toonvision.config.schema import TrialConfig
from toonvision.dataset import Dataset
from toonvision.errors import ConfigError, DatasetError, Problem
from toonvision.task.binary import Binary
from toonvision.task.multiclass import Multiclass
from toonvision.task.multilabel import Multilabel
from toonvision.task.regression import Regression
from toonvision.task.task import Task, load_task

_TASKS: tuple[Task, ...] = (Multiclass(), Binary(), Multilabel(), Regression())  # any of which may fit


def check_labels(config: TrialConfig, dataset: Dataset) -> None:
    """Refuse a dataset whose labels are not those of the task.

    Raises:
        DatasetError: that says which task would fit.
        ConfigError: if classes are to have weights, and there are none.
    """
    task, labels, names = load_task(config.task), dataset.train.y, dataset.class_names
    if not task.fits(labels, names):
        fitting = [other.name for other in _TASKS if other.fits(labels, names)]
        hint = f"task={' or task='.join(fitting)} fits." if fitting else ""
        received = f"labels of type {labels.dtype} and shape {labels.shape}, with {len(names)} names"
        raise DatasetError(Problem("dataset", f"{task.expected()}, for task={task.name}", received, hint))
    if config.training.class_weight and labels.ndim > 1:
        expected = f"null, because task={task.name} has no classes"
        raise ConfigError(Problem("training.class_weight", expected, repr(config.training.class_weight)))
