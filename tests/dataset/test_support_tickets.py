"""Tickets of customers: made from a seed, as many for each department."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.dataset.made_table import encoding
from toonvision.dataset.support_tickets import load
from toonvision.dataset.text_column import Text
from toonvision.errors import ConfigError


def test_each_department_has_as_many_tickets() -> None:
    dataset = load()
    assert dataset.class_names == ("account", "billing", "delivery", "product")
    for split, size in ((dataset.train, 180), (dataset.validation, 60), (dataset.test, 60)):
        assert np.bincount(split.y).tolist() == [size] * 4
        assert (split.x.shape, split.x.dtype) == ((4 * size, 24), np.int32)
    (column,) = encoding(dataset).columns
    assert isinstance(column, Text)
    assert {"not", "parcel", "invoice", "battery", "password"} <= set(column.words)


def test_the_seed_makes_the_texts() -> None:
    np.testing.assert_array_equal(load(tickets=200).test.x, load(tickets=200).test.x)
    assert load(tickets=200).fingerprint != load(tickets=200, seed=8).fingerprint


def test_the_words_alone_do_not_tell_the_department() -> None:
    dataset = load()
    bags = [
        np.stack([np.bincount(row, minlength=300) for row in split.x])[:, 2:] for split in (dataset.train, dataset.test)
    ]
    score = LogisticRegression(max_iter=300).fit(bags[0], dataset.train.y).score(bags[1], dataset.test.y)
    assert 0.5 < score < 0.85


@pytest.mark.parametrize("tickets", [99, 200.0, True])
def test_a_wrong_number_of_tickets_is_an_error(tickets: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.tickets: expected a whole number of at least 100"):
        load(tickets=tickets)
