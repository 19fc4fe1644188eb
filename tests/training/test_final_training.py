"""The number of epochs of a final training: chosen on the validation examples, or fixed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.configuration import configured
from toonvision.dataset import load_dataset
from toonvision.errors import SearchError
from toonvision.training import final_training
from toonvision.training.final_training import FinalModel, choose_duration, train_final, with_equal_steps
from toonvision.verdict.comparison import Duration

SEEDS = (1, 2, 3)
NAN = float("nan")
TABLE = ("dataset=breast_cancer", "model=mlp", "search_space=mlp_baseline")


def final(*overrides: str) -> FinalModel:
    config = configured(*TABLE, *overrides).default_trial
    return FinalModel("trained", config, load_dataset(config.dataset), lambda *_: None)


@pytest.fixture
def histories(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, list[float]]]:
    """Metrics that take the place of trainings, in their order."""
    given: list[dict[str, list[float]]] = []
    rest: Iterator[dict[str, list[float]]] = (given[index] for index in range(100))

    def fit(*arguments: Any, **keywords: Any) -> dict[str, list[float]]:
        return next(rest)

    monkeypatch.setattr(final_training, "fit", fit)
    return given


@pytest.mark.parametrize(
    ("epochs", "sizes", "batch_size", "expected"),
    [
        (10, (640, 800), 64, 8),  # 10 and 13 steps an epoch
        (10, (641, 800), 64, 8),  # 11 and 13
        (10, (60, 64), 64, 10),  # one step each
        (2.5, (64, 64), 64, 2),
        (3.5, (64, 64), 64, 4),
        (1, (10, 100), 1, 1),  # a tenth of an epoch
    ],
)
def test_epochs_are_scaled_to_equal_steps(
    epochs: float, sizes: tuple[int, int], batch_size: int, expected: int
) -> None:
    assert with_equal_steps(epochs, sizes, batch_size) == expected


@pytest.mark.training
def test_the_median_of_the_best_epochs_is_the_duration(histories: list[dict[str, list[float]]]) -> None:
    histories += [{"val_loss": [0.5, 0.4, 0.3, 0.2, 0.3]}, {"val_loss": [0.1, 0.2]}, {"val_loss": [0.2, NAN, 0.1]}]
    model = final("training.batch_size=1000")  # one step an epoch, so that nothing is scaled
    assert choose_duration(model, SEEDS) == Duration(3, 100, (4, 1, 3))


@pytest.mark.training
def test_the_objective_decides_which_epoch_is_best(histories: list[dict[str, list[float]]]) -> None:
    histories += [{"val_loss": [0.1, 0.2], "val_accuracy": [0.5, 0.9]}]
    model = final("training.batch_size=1000", "objective=val_accuracy")
    assert choose_duration(model, SEEDS[:1]).best_epochs == (2,)


@pytest.mark.training
@pytest.mark.parametrize(("best", "at_limit"), [(97, False), (98, True), (100, True)])
def test_a_median_close_to_the_limit_is_reported(
    best: int, at_limit: bool, histories: list[dict[str, list[float]]]
) -> None:
    histories += [{"val_loss": [abs(best - epoch) + 1.0 for epoch in range(1, 101)]}]
    assert choose_duration(final(), SEEDS[:1]).at_limit is at_limit


@pytest.mark.training
def test_an_objective_that_is_never_finite_raises_a_search_error(histories: list[dict[str, list[float]]]) -> None:
    histories += [{"val_loss": [NAN, NAN]}]
    with pytest.raises(SearchError, match="The trained model has diverged: its val_loss is never a finite number"):
        choose_duration(final(), SEEDS)


@pytest.mark.training
def test_with_a_number_of_epochs_nothing_is_trained_to_choose_one(histories: list[dict[str, list[float]]]) -> None:
    assert choose_duration(final("training.retrain.epochs=7"), SEEDS) == Duration(7, 7)


@pytest.mark.training
@pytest.mark.parametrize(
    ("losses", "at_limit"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], True),
        ([0.9, 0.2, 0.7, 0.6, 0.5, 0.4], False),
        ([0.9, 0.8, 0.7, 0.6, 0.5], False),  # stopped before
    ],
)
def test_a_fixed_number_of_epochs_is_too_low_where_the_loss_still_falls(
    losses: list[float], at_limit: bool, histories: list[dict[str, list[float]]]
) -> None:
    histories += [{"loss": losses}]
    _, _, duration = train_final(final(), Duration(6, 6))
    assert duration == Duration(6, 6, at_limit=at_limit)
