"""All health checks of a run."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from tests.health.made_results import compared, completed, ended, made_results
from tests.made_verdict import made_verdict
from tests.synthetic_run import drawn
from toonvision.health import Status, health_cards
from toonvision.trial.trial import TrialStatus


def test_a_run_without_trials_has_no_cards(tmp_path: Path) -> None:
    assert health_cards(made_results([], directory=tmp_path)) == []


def test_the_cards_of_a_run_come_in_a_fixed_order(tmp_path: Path) -> None:
    results, draw = compared(made_verdict(20, baseline_wrong=2, tuned_wrong=1)), random.Random(1)
    space = results.config.search_space
    statuses = [*[TrialStatus.COMPLETED] * 50, *[TrialStatus.PRUNED] * 10]
    searched = [replace(trial, values=drawn(space, draw)) for trial in ended(*statuses)]
    searched[0] = replace(searched[0], values=results.trials[0].values)  # those of the comparison
    cards = health_cards(replace(results, trials=searched, directory=tmp_path))
    assert [card.name for card in cards] == [
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
    assert {card.status for card in cards} == {Status.PASSED, Status.WARNING}
    assert all(bool(card.action) == (card.status is Status.WARNING) for card in cards)
