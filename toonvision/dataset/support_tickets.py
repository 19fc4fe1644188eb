"""Tickets of a shop's customers, short texts that are made from a seed: which department is each for?

Many tickets name two departments, one of them with a negation ("not about the invoice"): the order of words tells which
is meant. Some words have typing errors, so that nobody can tell every ticket.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, split_indices
from toonvision.dataset.table_file import dataset_of_columns
from toonvision.dataset.text_column import Vectorization
from toonvision.errors import ConfigError, Problem

_LEAST = 100
_TYPING_ERRORS = 0.05  # share of the words
_TWO_DEPARTMENTS = 0.6  # share of the tickets

_THINGS = {
    "account": "my account|my password|the login|my profile|the sign-in code|my e-mail address|two-factor login",
    "billing": "the invoice|my last bill|a refund|the payment|the charge on my card|the receipt|a double charge",
    "delivery": "my parcel|the delivery|the shipment|the courier|my package|the tracking number|a late order",
    "product": "the broken screen|the battery|a missing part|the manual|the charger|the noise it makes|a faulty device",
}
_GREETINGS = "|hello,|hi there,|dear team,|good morning,|please help,|hey,"
_WISHES = "|thank you.|please answer soon.|it is urgent.|many thanks!|this is the second time I write.|what can I do?"
_ONE = (
    "I have a question about {a}.|there is a problem with {a}.|I write because of {a}.|can you look at {a}?|it is {a}."
)
_BOTH = (
    "this is not about {b} but about {a}.|my question is about {a}, not about {b}.|{b} is fine now, {a} is not.|"
    "{a} is the problem, {b} is not.|nothing is wrong with {b}, but there is with {a}.|forget {b}, I mean {a}.|"
    "I asked about {a} and you wrote about {b}.|you wrote about {b} but I asked about {a}."
)


def load(
    *,
    tickets: int = 1200,
    max_tokens: int = 300,
    sequence_length: int = 24,
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    seed: int = 7,
) -> Dataset:
    """Make the tickets, as many for each department.

    Args:
        tickets: number of texts, at least 100.
        max_tokens: the size of the vocabulary, with the ids 0 of padding and 1 of unknown words.
        sequence_length: the words of a text that are kept.
        validation_ratio: share of the tickets of each department held out for validation.
        test_ratio: share of the tickets of each department held out for the test.
        seed: of the texts and of the split.

    Returns:
        int32 ids, shape `(n, sequence_length)`, of the column `ticket`.

    Raises:
        ConfigError: if a setting is invalid.
    """
    if not isinstance(tickets, int) or isinstance(tickets, bool) or tickets < _LEAST:
        raise ConfigError(Problem("dataset.tickets", f"a whole number of at least {_LEAST}", repr(tickets)))
    ratios, vectorization = Ratios(validation_ratio, test_ratio), Vectorization(max_tokens, sequence_length)
    rng = np.random.default_rng(seed)
    departments = tuple(_THINGS)
    labels = np.arange(tickets, dtype=np.int64) % len(departments)
    texts = [_ticket(departments[label], rng) for label in labels]
    return dataset_of_columns(
        "support_tickets",
        pd.DataFrame({"ticket": texts}),
        labels,
        split_indices(labels, ratios, seed=seed),
        class_names=departments,
        kinds={"ticket": "text"},
        vectorization=vectorization,
        content=f"{tickets} {seed}",
    )


def _ticket(department: str, rng: np.random.Generator) -> str:
    other = rng.choice([name for name in _THINGS if name != department])
    sentence = _drawn(_BOTH if rng.random() < _TWO_DEPARTMENTS else _ONE, rng)
    said = sentence.format(a=_drawn(_THINGS[department], rng), b=_drawn(_THINGS[other], rng))
    words = f"{_drawn(_GREETINGS, rng)} {said} {_drawn(_WISHES, rng)}".split()
    return " ".join(_mistyped(word, rng) if rng.random() < _TYPING_ERRORS else word for word in words)


def _drawn(options: str, rng: np.random.Generator) -> str:
    return str(rng.choice(options.split("|")))


def _mistyped(word: str, rng: np.random.Generator) -> str:
    """Return a word with two letters exchanged or one left out."""
    position = int(rng.integers(len(word)))
    pair = word[position : position + 2]
    changed = pair[::-1] if rng.random() < 0.5 else pair[1:]
    return word[:position] + changed + word[position + 2 :]
