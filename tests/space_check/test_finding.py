"""The cost of a search that follows from its plan and a few timed models."""

from __future__ import annotations

from dataclasses import replace

from toonvision.space_check.finding import BuildResult, Count, Plan, Range, SpaceCheck, Timing

TIMINGS = (
    Timing(parameters=1, memory=1.0, start=1.0, step=0.1, epoch=2.0, epochs=5),
    Timing(parameters=2, memory=2.0, start=3.0, step=0.2, epoch=4.0, epochs=10),
)
PLAN = Plan(trials=8, epochs=None, executions=2, workers=4, minutes=None)
CHECK = SpaceCheck(results=(), is_all=False, reasons=(), values=(), timings=TIMINGS, plan=PLAN)


def test_the_time_follows_the_plan() -> None:
    assert CHECK.seconds == 8 * (11 + 43) / 2 * 2 / 4
    assert replace(CHECK, plan=replace(PLAN, epochs=20)).seconds == (8 * 2 + 20 * 3) * 2 / 4
    assert replace(CHECK, plan=replace(PLAN, epochs=20, free=5)).seconds == (5 * 27 + 3 * 2 + 20 * 3) * 2 / 4
    assert replace(CHECK, plan=replace(PLAN, trials=2)).seconds == 2 * (11 + 43) / 2 * 2 / 2
    assert replace(CHECK, plan=replace(PLAN, trials=None)).seconds is None


def test_ranges_are_of_the_models_that_can_be_built() -> None:
    results = (
        BuildResult({"a": 1}, parameters=10, memory=1.0),
        BuildResult({"a": 2}, path="model.here", error="no"),
        BuildResult({"a": 3}, parameters=30, memory=3.0),
    )
    check = replace(CHECK, results=results)
    assert (check.count, check.count.share) == (Count(1, 3), 1 / 3)
    assert (check.parameters, check.memory) == (Range(10, 10, 30), Range(1.0, 1.0, 3.0))
    assert (CHECK.parameters, CHECK.memory, CHECK.count.share) == (None, None, 0.0)
