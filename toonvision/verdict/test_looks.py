"""The ledger of a run: every look at the test set, one line each, in a file that is only ever appended to.

A look is the evaluation of models on the test set, whoever asks for it: the comparison at the end of a search, the same
after a resume that has trained them again, `toonvision train`. Models that are judged together, all seeds of both
roles, are one look, because nothing can be decided between them. A look is noted before it is taken: one that breaks
off has still been taken. Reports show what was kept of a look, and take none.

A second look is not wrong, but its numbers are no longer those of unseen data once the first ones could guide what was
changed in between; so the report says it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toonvision.search_space.space import Values

LEDGER = "test_looks.jsonl"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was judged in one role.

    Attributes:
        role: baseline, tuned or trained.
        values: for every name of the search space.
        seeds: of the trainings, one for each model.
        trial: id of the trial that the values come from, if they do.
    """

    role: str
    values: Values
    seeds: tuple[int, ...]
    trial: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the test set.

    Attributes:
        when: it began, in UTC, ISO 8601 to the second.
        why: the command, or what asked for it.
        fingerprint: of the dataset (see `Dataset`).
        examples: of the test set, so many as were judged on.
        subjects: the models.
    """

    when: str
    why: str
    fingerprint: str
    examples: int
    subjects: tuple[Subject, ...]

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Look:
        """Return what `dataclasses.asdict` has made plain."""
        subjects = (Subject(**{**subject, "seeds": tuple(subject["seeds"])}) for subject in stored["subjects"])
        return cls(**{**stored, "subjects": tuple(subjects)})


def note_look(directory: Path, *, why: str, fingerprint: str, examples: int, subjects: Sequence[Subject]) -> Look:
    """Append a look to the ledger of the run in `directory`; to be called before the models see the test set.

    Args:
        directory: the run's.
        why: see `Look`, as of the others.
        fingerprint: the dataset's.
        examples: how many there are.
        subjects: what is judged.

    Raises:
        OSError: if the line is not safely on the disk.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    look = Look(when, why, fingerprint, examples, tuple(subjects))
    path = directory / LEDGER
    line = json.dumps(asdict(look)).encode() + b"\n"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        line = b"\n" + line  # after one that was cut off, by a power failure say
    with path.open("ab", buffering=0) as file:  # a single write, which the system puts at the end of the file
        file.write(line)
        os.fsync(file.fileno())
    return look


def read_looks(directory: Path) -> list[Look]:
    """Return every look at the test set that was taken in the run in `directory`, the first one first."""
    path = directory / LEDGER
    looks = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        with contextlib.suppress(json.JSONDecodeError):  # cut off while it was noted, and so before the look
            looks.append(Look.from_dict(json.loads(line)))
    return looks


def looks_in_words(looks: Sequence[Look]) -> str:
    """Say how often the test set of the last look was looked at, and what that means for the numbers.

    Args:
        looks: of one run, the first one first.
    """
    if not looks:
        return "The test set was not looked at."
    *before, last = (look for look in looks if look.fingerprint == looks[-1].fingerprint)
    if not before:
        return f"The test set was looked at once, {_time(last)}."
    said = f"The test set was looked at {len(before) + 1} times, {_listed([_time(look) for look in (*before, last)])}"
    if all(look.subjects == last.subjects for look in before):
        return f"{said}, always with the same values: nothing was chosen in between."
    return (
        f"{said}. The numbers are of the last look: what was changed after the first may have been chosen by it, so "
        "they may be better than on unseen data."
    )


def _time(look: Look) -> str:
    return datetime.fromisoformat(look.when).strftime("%Y-%m-%d %H:%M UTC")


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
