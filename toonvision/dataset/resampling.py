"""Which examples a training of a trial learns, and on which it is scored; the test examples are never among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toonvision.config.training_schema import Resampling
from toonvision.dataset.batches import Batches
from toonvision.dataset.dataset import Dataset, Indices, Split
from toonvision.dataset.split import strata
from toonvision.errors import ConfigError, Problem

_PATH = "training.resampling"


def resampled(dataset: Dataset, how: Resampling, *, seed: int, number: int, training: int) -> Dataset:
    """Return the dataset with the examples to learn as train, and those of the score as validation.

    What is learned from train examples to make arrays (means, categories) is learned anew from those to learn, so that
    nothing of the others is in it. With other categories, the number of inputs differs between folds. The test
    examples and the preprocessing, which no training of a trial reads, stay as they are.

    Args:
        dataset: with train and validation examples.
        how: holdout, reshuffled or kfold.
        seed: of the trial, and
        number: of the trial, which draw the split if it is reshuffled; folds are the same for all.
        training: of the trial, from 0; with folds, they come one after the other.

    Raises:
        ConfigError: if the examples cannot be split so.
    """
    if how.method == "holdout":
        return dataset
    check_resampling(dataset, how)
    both = dataset.train.joined(dataset.validation)
    if how.method == "kfold":
        train, validation = _fold(both, how, training)
    else:
        train, validation = _drawn(both, len(dataset.validation), np.random.default_rng([how.seed, seed, number]))
    if dataset.refit:
        both = replace(both, x=dataset.refit(train))
    return replace(dataset, train=both.taken(train), validation=both.taken(validation))


def check_resampling(dataset: Dataset, how: Resampling) -> None:
    """Refuse a way that the examples do not allow; a search does so before its first trial.

    Raises:
        ConfigError: if they are in an order of time or are read in batches, or there are fewer groups or examples of a
            class than folds.
    """
    if how.method == "holdout":
        return
    if dataset.is_ordered:
        expected = "holdout, because the examples are in an order of time"
        raise ConfigError(Problem(f"{_PATH}.method", expected, repr(how.method)))
    if isinstance(dataset.train.x, Batches):
        expected = "holdout, because the examples are read in batches"
        raise ConfigError(Problem(f"{_PATH}.method", expected, repr(how.method)))
    labels, groups = (dataset.train.y, dataset.validation.y), {*dataset.train.groups, *dataset.validation.groups}
    if how.method != "kfold" or not (groups or labels[0].ndim == 1):
        return
    most = len(groups) if groups else int(np.unique(np.concatenate(labels), return_counts=True)[1].min())
    if most < how.folds:
        what = "the groups" if groups else "the examples of the rarest class"
        expected = f"at most {most}, {what} in train and validation"
        raise ConfigError(Problem(f"{_PATH}.folds", expected, repr(how.folds)))


def _fold(both: Split, how: Resampling, training: int) -> tuple[Indices, Indices]:
    # only here: it takes a second, which a holdout does without
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    repeat, fold = divmod(training % how.trainings if how.fold is None else how.fold, how.folds)
    parts, options = strata(both.y), {"n_splits": how.folds, "shuffle": True, "random_state": how.seed + repeat}
    if both.groups:
        splitter = StratifiedGroupKFold(**options) if both.y.ndim == 1 else GroupKFold(**options)
    else:
        smallest = np.unique(parts, return_counts=True)[1].min()
        splitter = StratifiedKFold(**options) if smallest >= how.folds else KFold(**options)
    train, validation = list(splitter.split(np.zeros(len(both)), parts, both.groups or None))[fold]
    return train, validation


def _drawn(both: Split, validations: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    if both.groups:  # whole groups, in a random order, until there are enough
        groups, of = np.unique(both.groups, return_inverse=True)
        sizes = np.bincount(of)
        order = rng.permutation(len(groups))
        enough = int(np.searchsorted(np.cumsum(sizes[order]), validations)) + 1
        chosen = order[: min(enough, len(order) - 1)]  # at least one is left to learn
        is_validation = np.isin(of, chosen)
        return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)
    from sklearn.model_selection import train_test_split  # as above

    parts = strata(both.y)
    few = np.bincount(parts)[np.unique(parts)].min() < 2  # scikit-learn cannot stratify one example
    state = int(rng.integers(2**31))
    everyone = np.arange(len(both))
    train, validation = train_test_split(
        everyone, test_size=validations, random_state=state, stratify=None if few else parts
    )
    return np.sort(train), np.sort(validation)
