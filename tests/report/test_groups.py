"""Runs that differ by their seed only are one group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.recorded_run import recorded_run
from toonvision.record.results import Results
from toonvision.report.groups import deciding_scores, groups
from toonvision.trial.trial import Outcome, Trial, TrialStatus

# The scores of the seeds 1, 2 and 3.
SCORES = {"tpe": (0.1, 0.2, 0.3), "qmc": (0.2, 0.1, 0.6), "gp": (None, None, None)}


def scored(directory: Path, score: float | None, *overrides: str) -> Results:
    outcome = Outcome(TrialStatus.FAILED, error="on purpose")
    if score is not None:
        outcome = Outcome(TrialStatus.COMPLETED, score=score, scores=(score,), epochs=2)
    return recorded_run(directory, [Trial(0, {}, outcome)], overrides)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Results]:
    folder = tmp_path_factory.mktemp("runs")
    return [
        scored(folder / f"{name}-{seed}", score, f"budget.trials={place + 1}", f"seed={seed}")
        for place, (name, scores) in enumerate(SCORES.items())
        for seed, score in enumerate(scores, start=1)
    ]


def test_a_group_has_the_mean_and_the_interval_over_its_seeds_and_the_best_one_comes_first(runs: list[Results]) -> None:
    first, second, last = groups(list(reversed(runs)))
    assert [run.config.seed for run in first.runs] == [1, 2, 3]
    assert first.scores == SCORES["tpe"]
    assert first.mean == pytest.approx(0.2)
    # Student's t at 0.975 with 2 degrees of freedom is 4.303, the standard deviation 0.1.
    assert first.interval == pytest.approx((0.2 - 4.303 * 0.1 / 3**0.5, 0.2 + 4.303 * 0.1 / 3**0.5), abs=1e-3)
    assert second.mean == pytest.approx(0.3)
    assert (last.mean, last.interval, last.mean_rank, last.chance) == (None, None, None, None)


def test_ranks_are_means_over_the_seeds_that_all_groups_have(runs: list[Results]) -> None:
    first, second, _ = groups(runs)
    assert [first.mean_rank, second.mean_rank] == pytest.approx([4 / 3, 5 / 3])
    without_a_seed = [run for run in runs if run.directory.name != "qmc-2"]
    first, second, _ = groups(without_a_seed)
    assert (first.mean_rank, second.mean_rank) == (1, 2)


def test_the_chance_of_being_better_is_over_all_pairs_and_ties_count_a_half(runs: list[Results]) -> None:
    """Of nine pairs, 0.1 wins two and ties one, 0.2 wins one and ties one, and 0.3 wins one."""
    assert groups(runs)[0].chance == pytest.approx((2 + 0.5 + 1 + 0.5 + 1) / 9)


def test_a_maximized_score_is_better_if_it_is_greater(runs: list[Results]) -> None:
    objective = runs[0].config.objective.model_copy(update={"direction": "max"})
    turned = [replace(run, config=run.config.model_copy(update={"objective": objective})) for run in runs[:6]]
    assert groups(turned)[0].mean == pytest.approx(0.3)


def test_runs_without_a_score_do_not_keep_the_fresh_scores_from_deciding(runs: list[Results]) -> None:
    assert deciding_scores(runs)[-1] is None
    assert deciding_scores(runs)[0] == 0.1
