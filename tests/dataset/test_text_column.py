"""Texts as ids of words: those of Keras's layer, in a deterministic order."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

from toonvision.dataset.text_column import Text, Vectorization, count_words
from toonvision.errors import ConfigError

LETTERS = list("abcAB'-.,!  \t\n\x0b\x0c\r\x1c\x85\xa0éÉßΣ一\u2003_`~|^\\[]\"")


def fit(texts: list[str], max_tokens: int = 100, sequence_length: int = 4) -> Text:
    return Text.fit("message", pd.Series(texts), Vectorization(max_tokens, sequence_length))


@pytest.mark.parametrize(("max_tokens", "length"), [(10, 7), (10_000, 5), (3, 1)])
def test_words_and_ids_are_those_of_keras(max_tokens: int, length: int) -> None:
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(LETTERS, rng.integers(0, 40))) for _ in range(600)]
    layer = keras.layers.TextVectorization(max_tokens=max_tokens, output_sequence_length=length)
    layer.adapt(np.array(texts[:400]))
    learned = fit(texts[:400], max_tokens, length)
    assert list(learned.words) == layer.get_vocabulary()[2:]
    ids = learned.encode(pd.Series(texts))
    assert ids.dtype == np.int32
    np.testing.assert_array_equal(ids, layer(np.array(texts)))


def test_the_most_frequent_words_come_first_in_any_order_of_the_rows() -> None:
    texts = ["the cat", "the dog", "a CAT!", "the bird"]
    assert fit(texts).words == fit(texts[::-1]).words == ("the", "cat", "dog", "bird", "a")
    assert fit(texts, max_tokens=4).words == ("the", "cat")


def test_a_missing_text_has_no_word_and_an_unknown_word_the_id_one() -> None:
    learned = fit(["the cat", "the dog"])
    ids = learned.encode(pd.Series([None, "", "?!", "the horse", "the dog the cat the"], dtype=object))
    assert ids.tolist() == [[0] * 4, [0] * 4, [0] * 4, [2, 1, 0, 0], [2, 3, 2, 4]]


def test_words_are_counted() -> None:
    assert count_words(pd.Series(["one, two - three", None, "..."])).tolist() == [3, 0, 0]


def test_rows_without_a_word_are_refused() -> None:
    with pytest.raises(ValueError, match="no word in 2 train rows"):
        fit(["", "..."])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_tokens": 2}, r"dataset\.max_tokens: expected a whole number from 3 to 1000000\. Received: 2\."),
        ({"max_tokens": 10.0}, r"dataset\.max_tokens"),
        ({"sequence_length": 0}, r"dataset\.sequence_length: expected a whole number from 1 to 100000\. Received: 0\."),
        ({"sequence_length": True}, r"dataset\.sequence_length"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Vectorization(**settings)
