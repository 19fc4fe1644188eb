"""The path from the baseline to the chosen values."""

from __future__ import annotations

from dataclasses import replace

from toonvision.config.schema import AblationPath
from toonvision.record.results import Results
from toonvision.report.path import earned, meaning, path_json
from toonvision.trial.objective import Objective
from toonvision.trial.trial import TrialStatus


def test_a_step_after_a_failed_one_is_compared_with_the_last_score(run: Results) -> None:
    baseline, first, failed, after, *_ = earned(run)
    assert (baseline.in_words, first.in_words) == ("", "-0.0400 unclear")
    assert failed.step.outcome.status is TrialStatus.INFEASIBLE
    assert failed.score is None
    assert after.before == first.step
    assert after.in_words == "-0.0800 better, from step 1"


def test_the_path_of_the_summary_has_every_step(run: Results) -> None:
    rows = path_json(run)
    assert [row["step"] for row in rows] == [step.number for step in run.path]
    assert rows[3]["difference_to"] == 1
    assert rows[2]["error"]


def test_the_meaning_of_the_path_has_the_probability_of_chance(run: Results) -> None:
    assert meaning(run).endswith("This happens by chance once in 10 times.")


def test_a_step_is_better_if_all_its_seeds_are_better(run: Results) -> None:
    verdicts = {row.step.number: row.verdict for row in earned(run)}
    assert (verdicts[1], verdicts[3]) == ("unclear", "better")
    reverse = Objective(name="val_loss", direction="max")
    higher = replace(run, config=run.config.model_copy(update={"objective": reverse}))
    assert earned(higher)[3].verdict == "worse"


def test_one_seed_shows_no_spread(run: Results) -> None:
    single = run.config.model_copy(update={"path": AblationPath(seeds=1)})
    steps = tuple(replace(step, seeds=1) for step in run.path)
    once = replace(run, config=single, state=replace(run.state, path=steps))
    assert "With one seed, the spread is unknown" in meaning(once)
    assert {row.verdict for row in earned(once) if row.before} == {"unclear"}
