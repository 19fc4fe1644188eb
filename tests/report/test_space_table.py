"""The page of a check of the search space, from data alone."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from toonvision.report import space_table
from toonvision.space_check.finding import BuildResult, Count, InfeasibleValue, Plan, Reason, SpaceCheck, Timing

FOUND = SpaceCheck(
    results=(
        BuildResult({"pool_1_size": 3, "pool_2_size": 4}, path="model.blocks.b.layers.p", error="too small"),
        BuildResult({"pool_1_size": 1, "pool_2_size": 4}, parameters=1000, memory=5.25),
        BuildResult({"pool_1_size": 1, "pool_2_size": 1}, parameters=2000, memory=1500.0),
        BuildResult({"pool_1_size": 2, "pool_2_size": 1}, parameters=30000, memory=3000.0),
    ),
    is_all=False,
    reasons=(Reason("model.blocks.b.layers.p", "too small [None 4 4]", 1),),
    values=(InfeasibleValue("pool_2_size", 4, Count(1, 2), Count(0, 2)),),
    timings=(Timing(parameters=2000, memory=1500.0, start=1.0, step=0.25, epoch=10.0, epochs=75),),
    plan=Plan(trials=10, epochs=None, executions=1, workers=1, minutes=None),
)


def shown(check: SpaceCheck, width: int = 120) -> str:
    text = io.StringIO()
    space_table.show_check(check, Console(width=width, file=text))
    return text.getvalue()


def test_the_check_shows_failures_and_values_to_blame() -> None:
    text = shown(FOUND)
    assert "25 % of the space cannot be built: 1 of 4 random combinations." in text
    assert "1 at model.blocks.b.layers.p, for example: too small [None 4 4]" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "pool_2_size=4 1 of 2 (50 %) 0 of 2 (0 %)" in lines


def test_the_check_shows_sizes_and_times() -> None:
    text = shown(FOUND)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "parameters 1,000 2,000 30,000" in lines
    assert "memory (MiB) 5.2 1,500 3,000" in lines
    assert "2,000 1,500 1.0 250 10.00 751.0" in lines
    assert "about 2 h 5 min if no trial stopped early (10 trials, one at a time)" in text


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_off(width: int) -> None:
    long = InfeasibleValue("pooling_of_the_second_block_size", [2, 2], Count(120, 120), Count(100, 188))
    text = shown(replace(FOUND, values=(long,)), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"is_all": True}, "1 of all 4 combinations."),
        ({"results": FOUND.results[1:]}, "Each of 3 random combinations can be built. Up to 100 % of the space"),
        ({"results": FOUND.results[1:], "is_all": True}, "Everything can be built: all 3 combinations."),
        ({"results": FOUND.results[1:2], "is_all": True}, "The only combination can be built."),
        ({"results": FOUND.results[:1], "is_all": True}, "The only combination cannot be built."),
        ({"plan": replace(FOUND.plan, trials=None)}, "The number of trials of the search is not known"),
        ({"plan": replace(FOUND.plan, epochs=70)}, "(10 trials, 70 epochs in all, one at a time)"),
        (
            {"plan": replace(FOUND.plan, epochs=70, free=4)},
            "(10 trials, 70 epochs in all for 6 of them, one at a time)",
        ),
        ({"plan": replace(FOUND.plan, finalists=6)}, "Retraining and 6 trainings"),
        (
            {"plan": replace(FOUND.plan, finalists=6, path=8)},
            "of finalists and at most 8 trainings of the path come in addition.",
        ),
        ({"plan": replace(FOUND.plan, workers=4, executions=2)}, "(10 trials of 2 trainings each, 4 at a time)"),
        ({"plan": replace(FOUND.plan, minutes=30.0)}, "budget.minutes ends it after 30 min."),
    ],
)
def test_the_check_describes_its_sample(changes: dict[str, Any], message: str) -> None:
    assert message in shown(replace(FOUND, **changes)).replace("\n", " ")


def test_a_longer_budget_is_not_mentioned() -> None:
    assert "budget.minutes" not in shown(replace(FOUND, plan=replace(FOUND.plan, minutes=500.0)))
