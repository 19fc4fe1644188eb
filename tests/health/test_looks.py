"""How often the test set was looked at."""

from __future__ import annotations

from pathlib import Path

from tests.health.made_results import made_results
from toonvision.health import Card, Status
from toonvision.health.looks import looks
from toonvision.verdict.test_looks import Subject, note_look, read_looks


def card_of(directory: Path, *units: int, others: int = 0) -> Card | None:
    """Return the card of a run that looked once with each of these values, after so many looks of other runs."""
    ledger = directory / "all.jsonl"
    ledger.write_text("{}\n" * others)
    for value in units:
        subject = Subject("tuned", {"units": value}, (1,))
        note_look(directory, why="a test", fingerprint="abc", examples=9, subjects=[subject], all_looks=ledger)
    assert len(read_looks(directory)) == len(units)
    return looks(made_results([], directory=directory))


def test_one_look_passes(tmp_path: Path) -> None:
    card = card_of(tmp_path, 8)
    assert card
    assert card.status is Status.PASSED
    assert card.finding.startswith("The test set was looked at once, ")


def test_looks_with_the_same_values_pass(tmp_path: Path) -> None:
    card = card_of(tmp_path, 8, 8)
    assert card
    assert card.status is Status.PASSED


def test_a_look_with_other_values_is_a_warning(tmp_path: Path) -> None:
    card = card_of(tmp_path, 8, 16)
    assert card
    assert card.status is Status.WARNING
    assert "new test set" in card.action


def test_the_fifth_look_of_all_runs_is_a_warning(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    cards = [card_of(few, 8, others=3), card_of(many, 8, others=4)]
    assert [card and card.status for card in cards] == [Status.PASSED, Status.WARNING]
    assert cards[1]
    assert "it was the 5th look at this test set" in cards[1].finding


def test_a_run_that_has_not_looked_has_no_card(tmp_path: Path) -> None:
    assert looks(made_results([], directory=tmp_path)) is None
