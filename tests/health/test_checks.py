"""All health checks of a run."""

from __future__ import annotations

from pathlib import Path

from tests.health.made_results import completed, made_results
from tests.synthetic_run import completed_run
from toonvision.health import Status, health_cards


def test_a_run_without_trials_has_no_cards(tmp_path: Path) -> None:
    assert health_cards(made_results([], directory=tmp_path)) == []


def test_the_cards_of_a_run_come_in_a_fixed_order(tmp_path: Path) -> None:
    cards = health_cards(completed_run(tmp_path / "run", trials=60))
    assert [card.name for card in cards] == [
        "Length of the final trainings",
        "Dead trainings",
        "Last improvement",
        "Hyperparameter effects",
        "Ends of the ranges",
        "Infeasible trials",
        "Failed trials",
        "Pruned trials",
    ]


def test_a_warning_has_an_action_and_a_pass_has_none(tmp_path: Path) -> None:
    cards = health_cards(made_results([completed(n, float(n)) for n in range(20)], directory=tmp_path))
    assert {card.status for card in cards} == {Status.PASS, Status.WARNING}
    assert all(bool(card.action) == (card.status is Status.WARNING) for card in cards)
