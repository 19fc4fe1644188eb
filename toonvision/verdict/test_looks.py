"""The looks at the test set of a run, one line each, in a file that is only appended to.

A look is an evaluation of models on the test set: the comparison at the end of a search, the same comparison after a
resume that trains the models again, or `toonvision train`. Models that are evaluated together (all seeds of both roles)
are one look, because nothing is decided between them. A look is recorded before the evaluation, so an interrupted
evaluation counts. Reports show stored results and take no look.

A second look is allowed. But once the first scores can guide a change, the second scores are no longer those of unseen
data, and the report says so.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from toonvision.search_space.space import Values

LEDGER = "test_looks.jsonl"


@dataclass(frozen=True, slots=True)
class Subject:
    """The models of one role in a look.

    Attributes:
        role: baseline, tuned or trained.
        values: for every name of the search space.
        seeds: seeds of the trainings, one for each model.
        trial: id of the trial that the values come from; None if they come from no trial.
    """

    role: str
    values: Values
    seeds: tuple[int, ...]
    trial: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the test set.

    Attributes:
        when: start in UTC, ISO 8601, to the second.
        why: the command or the purpose.
        fingerprint: fingerprint of the dataset (see `Dataset`).
        examples: number of test examples evaluated.
        subjects: the models.
    """

    when: str
    why: str
    fingerprint: str
    examples: int
    subjects: tuple[Subject, ...]


def note_look(directory: Path, *, why: str, fingerprint: str, examples: int, subjects: Sequence[Subject]) -> Look:
    """Append a look to the file of a run, before the models see the test set.

    Args:
        directory: the run directory.
        why: the command or the purpose.
        fingerprint: fingerprint of the dataset.
        examples: number of test examples.
        subjects: the models.

    Raises:
        OSError: if the line cannot be written to disk.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    look = Look(when, why, fingerprint, examples, tuple(subjects))
    path = directory / LEDGER
    line = json.dumps(asdict(look)).encode() + b"\n"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        line = b"\n" + line  # the last line is incomplete, for example after a power failure
    with path.open("ab", buffering=0) as file:  # one write, which the system appends as a whole
        file.write(line)
        os.fsync(file.fileno())
    return look


def read_looks(directory: Path) -> list[Look]:
    """Return the looks at the test set of the run in `directory`, in order of time."""
    path = directory / LEDGER
    looks = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        with contextlib.suppress(ValidationError):  # an incomplete line: its evaluation did not begin
            looks.append(TypeAdapter(Look).validate_json(line))
    return looks


def looks_in_words(looks: Sequence[Look]) -> str:
    """Describe how often the test set of the last look was looked at, and what that means for the scores.

    Args:
        looks: the looks of one run, in order of time.
    """
    if not looks:
        return "The test set was not looked at."
    *before, last = (look for look in looks if look.fingerprint == looks[-1].fingerprint)
    if not before:
        return f"The test set was looked at once, {_time(last)}."
    times = f"The test set was looked at {len(before) + 1} times, {_listed([_time(look) for look in (*before, last)])}"
    if all(look.subjects == last.subjects for look in before):
        return f"{times}, always with the same values: nothing was chosen in between."
    return (
        f"{times}. The numbers are those of the last look. The first look may have guided later changes, so the "
        "numbers may be better than on unseen data."
    )


def _time(look: Look) -> str:
    return datetime.fromisoformat(look.when).strftime("%Y-%m-%d %H:%M UTC")


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
