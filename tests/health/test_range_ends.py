"""Whether the best trials lie at an end of a range."""

from __future__ import annotations

from typing import Any

import pytest

from tests.narrowing.made_trials import narrowed, trials
from toonvision.health import Card, Status
from toonvision.health.range_ends import range_ends

UNITS = {"hp": "Int", "min_value": 8, "max_value": 64, "step": 8}
RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}
ORDERED = {"hp": "Choice", "values": [0.0001, 0.001, 0.01]}


def card_of(name: str, entry: dict[str, Any], sign: int) -> Card:
    """Return the card of a search whose cost rises with the value, or falls for the sign -1."""
    space = {name: entry}
    return range_ends(narrowed(space, trials(space, lambda values: sign * float(values[name]), noise=0.0001)))


@pytest.mark.parametrize(
    ("name", "entry", "sign", "value", "key"),
    [
        ("units", UNITS, -1, "upper end, 64,", "search_space.units.max_value"),
        ("units", UNITS, 1, "lower end, 8,", "search_space.units.min_value"),
        ("rate", RATE, -1, "upper end, 0.8,", "search_space.rate.max_value"),
        ("learning_rate", ORDERED, -1, "upper end, 0.01,", "search_space.learning_rate.values"),
        ("a_name_" * 12, UNITS, -1, "upper end, 64,", f"search_space.{'a_name_' * 12}.max_value"),
    ],
)
def test_an_end_with_the_best_trials_is_a_warning(
    name: str, entry: dict[str, Any], sign: int, value: str, key: str
) -> None:
    card = card_of(name, entry, sign)
    assert card.status is Status.WARNING
    assert card.finding.startswith(f"{name}: ")
    assert value in card.finding
    assert card.action.endswith(f"widen {key}.")


def test_there_is_nothing_below_a_rate_of_zero_or_a_size_of_one() -> None:
    assert card_of("rate", RATE, 1).status is Status.PASSED
    assert card_of("pool", {"hp": "Int", "min_value": 1, "max_value": 4, "step": 1}, 1).status is Status.PASSED


def test_the_best_trials_inside_the_range_pass() -> None:
    space = {"units": UNITS}
    card = range_ends(narrowed(space, trials(space, lambda values: abs(values["units"] - 32))))
    assert card.status is Status.PASSED
    assert card.finding == "No range has its best trials at an end that can move (1 hyperparameters, 100 trials)."
