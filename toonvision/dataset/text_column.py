"""A column of free texts as ids of words, as `keras.layers.TextVectorization` makes them, without TensorFlow.

The layer's settings are `standardize="lower_and_strip_punctuation"`, `split="whitespace"` and `output_mode="int"`. As
in the layer, only ASCII characters are made lower, are punctuation or are white space.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from toonvision.errors import ConfigError, Problem

MAX_TOKENS = 1_000_000  # a larger vocabulary is a typing error
MAX_LENGTH = 100_000
UNKNOWN = 1  # the id of a word that is not in the vocabulary; 0 is padding
_SPECIAL = 2  # ids before those of the words
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_PUNCTUATION = string.punctuation.encode()


@dataclass(frozen=True, slots=True)
class Vectorization:
    """How texts become ids.

    Attributes:
        max_tokens: the size of the vocabulary, with the ids of padding and of unknown words.
        sequence_length: the words of a text that are kept; shorter texts are padded.

    Raises:
        ConfigError: if a number is out of bounds.
    """

    max_tokens: int = 10_000
    sequence_length: int = 100

    def __post_init__(self) -> None:
        for name, low, high in (("max_tokens", _SPECIAL + 1, MAX_TOKENS), ("sequence_length", 1, MAX_LENGTH)):
            value: object = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ConfigError(Problem(f"dataset.{name}", f"a whole number from {low} to {high}", repr(value)))


DEFAULT = Vectorization()


@dataclass(frozen=True, slots=True)
class Text:
    """A column of texts: the id of each word.

    Attributes:
        name: of the column.
        words: of the train rows, the most frequent first; the first one has the id 2.
        sequence_length: of the ids of a text.
    """

    name: str
    words: tuple[str, ...]
    sequence_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)]
    kind: Literal["text"] = "text"

    @classmethod
    def fit(cls, name: str, column: pd.Series[Any], how: Vectorization) -> Text:
        """Learn from the train rows.

        Raises:
            ValueError: if they have no word.
        """
        counts = Counter(chain.from_iterable(map(_split, _texts(column))))
        if not counts:
            raise ValueError(f"no word in {len(column)} train rows")
        ordered = sorted(counts, key=lambda word: (counts[word], word), reverse=True)  # ties as in Keras
        words = tuple(word.decode() for word in ordered[: how.max_tokens - _SPECIAL])
        return cls(name, words, how.sequence_length)

    def encode(self, column: pd.Series[Any]) -> NDArray[np.int32]:
        """Return the ids, shape `(n, sequence_length)`; a missing text has no word."""
        position = {word.encode(): index for index, word in enumerate(self.words, start=_SPECIAL)}
        ids = np.zeros((len(column), self.sequence_length), dtype=np.int32)
        for row, text in zip(ids, _texts(column), strict=True):
            words = _split(text)[: self.sequence_length]
            row[: len(words)] = [position.get(word, UNKNOWN) for word in words]
        return ids


def count_words(column: pd.Series[Any]) -> NDArray[np.int64]:
    """Return the number of words of each text, shape `(n,)`."""
    return np.array([len(_split(text)) for text in _texts(column)], dtype=np.int64)


def _texts(column: pd.Series[Any]) -> Iterable[str]:
    return map(str, column.astype(object).where(column.notna(), ""))


def _split(text: str) -> list[bytes]:
    return text.encode().translate(_LOWER, _PUNCTUATION).split()
