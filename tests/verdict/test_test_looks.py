"""The ledger of looks at the test set: appended, read, and described."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toonvision.verdict.test_looks import LEDGER, Look, Subject, looks_in_words, note_look, read_looks

BASELINE = Subject("baseline", {"units": 16, "rate": 0.001, "optimizer": "Adam"}, (42, 43))
TUNED = Subject("tuned", {"units": 8, "rate": None, "optimizer": "Adam"}, (42, 43), "0007")


def note(directory: Path, *subjects: Subject) -> Look:
    return note_look(
        directory,
        why="toonvision",
        fingerprint="abc",
        examples=197,
        subjects=subjects,
        all_looks=directory.parent / "cache" / "abc.jsonl",
    )


def test_a_noted_look_is_read(tmp_path: Path) -> None:
    first, second = note(tmp_path, BASELINE, TUNED), note(tmp_path, replace(TUNED, trial="0011"))
    assert read_looks(tmp_path) == [first, second]
    assert first.subjects == (BASELINE, TUNED)
    assert second.subjects[0].trial == "0011"
    assert datetime.now(UTC) - datetime.fromisoformat(first.when) < timedelta(hours=1)


def test_a_look_is_one_line_of_json(tmp_path: Path) -> None:
    note(tmp_path, BASELINE)
    note(tmp_path, TUNED)
    lines = [json.loads(line) for line in (tmp_path / LEDGER).read_text().splitlines()]
    assert [line["subjects"][0]["role"] for line in lines] == ["baseline", "tuned"]
    assert lines[0].keys() == {"when", "why", "fingerprint", "examples", "subjects", "number"}


def test_a_new_look_is_appended(tmp_path: Path) -> None:
    note(tmp_path, BASELINE)
    before = (tmp_path / LEDGER).read_bytes()
    note(tmp_path, TUNED)
    assert (tmp_path / LEDGER).read_bytes().startswith(before)


def test_a_run_without_a_ledger_has_no_looks(tmp_path: Path) -> None:
    assert read_looks(tmp_path) == []


def test_an_incomplete_line_is_ignored(tmp_path: Path) -> None:
    first = note(tmp_path, BASELINE)
    with (tmp_path / LEDGER).open("ab") as file:
        file.write(b'{"when": "2026-01-31T10:15:30+00:00", "why": "toonv')
    assert read_looks(tmp_path) == [first]
    second = note(tmp_path, TUNED)
    assert read_looks(tmp_path) == [first, second]


def test_a_ledger_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / LEDGER).mkdir()
    with pytest.raises(OSError, match=LEDGER):
        note(tmp_path, BASELINE)


def test_the_looks_of_all_runs_are_counted(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    assert [note(tmp_path / run, TUNED).number for run in ("first", "second", "first")] == [1, 2, 3]
    assert [found.number for found in read_looks(tmp_path / "second")] == [2]
    lines = (tmp_path / "cache" / "abc.jsonl").read_text().splitlines()
    assert [Path(json.loads(line)["run"]).name for line in lines] == ["first", "second", "first"]


def test_where_they_cannot_be_counted_the_look_is_noted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    (tmp_path / "run").mkdir()
    assert note(tmp_path / "run", TUNED).number is None
    assert len(read_looks(tmp_path / "run")) == 1


@pytest.mark.parametrize(("number", "ordinal"), [(2, "2nd"), (3, "3rd"), (11, "11th"), (20, "20th"), (101, "101st")])
def test_a_look_after_those_of_other_runs_is_described(number: int, ordinal: str) -> None:
    words = looks_in_words([replace(look(15, TUNED), number=number)])
    assert words == (
        f"The test set was looked at once, 2026-01-31 10:15 UTC. Over all runs on this machine it was the {ordinal} "
        "look at this test set: the best of several runs by its test errors looks better than it is."
    )


def look(minute: int, *subjects: Subject, fingerprint: str = "abc") -> Look:
    return Look(f"2026-01-31T10:{minute}:30+00:00", "toonvision", fingerprint, 197, subjects)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "The test set was not looked at."),
        ([look(15, BASELINE, TUNED)], "The test set was looked at once, 2026-01-31 10:15 UTC."),
        (
            [look(15, BASELINE, TUNED), look(20, BASELINE, TUNED)],
            "The test set was looked at 2 times, 2026-01-31 10:15 UTC and 2026-01-31 10:20 UTC, always with the same "
            "values: nothing was chosen in between.",
        ),
        (
            [look(15, BASELINE, TUNED), look(20, BASELINE, TUNED), look(40, BASELINE, replace(TUNED, trial="0011"))],
            "The test set was looked at 3 times, 2026-01-31 10:15 UTC, 2026-01-31 10:20 UTC and 2026-01-31 10:40 UTC. "
            "The numbers are those of the last look. The first look may have guided later changes, so the numbers may "
            "be better than on unseen data.",
        ),
        (
            [look(15, BASELINE, fingerprint="of other data"), look(20, TUNED)],
            "The test set was looked at once, 2026-01-31 10:20 UTC.",
        ),
    ],
)
def test_the_number_of_looks_is_described(looks: list[Look], expected: str) -> None:
    assert looks_in_words(looks) == expected
