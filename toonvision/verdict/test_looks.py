"""The looks at the test set, one line each, in files that are only appended to: one of the run, one of the test set.

A look is an evaluation of models on the test set: the comparison at the end of a search, another one after a resume, or
`toonvision train`. A comparison that is interrupted and goes on is one look. Models that are evaluated together (all
seeds of both roles) are one look, because nothing is decided between them. A look is recorded before the evaluation, so
an interrupted evaluation counts. Reports show stored results and take no look.

A second look is allowed. But once the first scores can guide a change, the second scores are no longer those of unseen
data, and the report says so. The file of the test set, in the cache of datasets, counts the looks of all runs on this
machine: twenty runs that look once each are twenty looks.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
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
        number: of this look among those of all runs at this test set, from 1; None if they are not counted.
    """

    when: str
    why: str
    fingerprint: str
    examples: int
    subjects: tuple[Subject, ...]
    number: int | None = None


def note_look(
    directory: Path, *, why: str, fingerprint: str, examples: int, subjects: Sequence[Subject], all_looks: Path
) -> Look:
    """Append a look to the files of the run and of the test set, before the models see it.

    Args:
        directory: the run directory.
        why: the command or the purpose.
        fingerprint: fingerprint of the dataset.
        examples: number of test examples.
        subjects: the models.
        all_looks: the file of the test set; where it cannot be written, as in a cache that others filled, the looks of
            other runs are not counted.

    Raises:
        OSError: if the line of the run cannot be written to disk.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        all_looks.parent.mkdir(parents=True, exist_ok=True)
        _append(all_looks, {"when": when, "run": str(directory.absolute())})
        number = all_looks.read_bytes().count(b"\n")
    except OSError:
        number = None
    look = Look(when, why, fingerprint, examples, tuple(subjects), number)
    _append(directory / LEDGER, asdict(look))
    return look


def _append(path: Path, content: Mapping[str, object]) -> None:
    line = json.dumps(content).encode() + b"\n"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        line = b"\n" + line  # the last line is incomplete, for example after a power failure
    with path.open("ab", buffering=0) as file:  # one write, which the system appends as a whole
        file.write(line)
        os.fsync(file.fileno())


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
    if last.number and last.number > len(before) + 1:
        return f"{_of_this_run(before, last)} {_of_all_runs(last.number)}"
    return _of_this_run(before, last)


def _of_all_runs(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return (
        f"Over all runs on this machine it was the {number}{ending} look at this test set: the best of several runs by "
        "its test errors looks better than it is."
    )


def _of_this_run(before: Sequence[Look], last: Look) -> str:
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
