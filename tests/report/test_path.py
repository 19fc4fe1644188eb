"""The path from the baseline to the chosen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.configuration import configured
from toonvision.config.schema import AblationPath
from toonvision.record.results import Results
from toonvision.report.path import earned, meaning, path_json
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, TrialStatus


def test_a_step_after_a_failed_one_is_compared_with_the_last_score(run: Results) -> None:
    baseline, first, failed, after, *_ = earned(run)
    assert (baseline.in_words, first.in_words) == ("", "-7.93 % (-20.9 to +7.16)")
    assert failed.step.outcome.status is TrialStatus.INFEASIBLE
    assert failed.score is None
    assert after.before == first.step
    assert after.in_words == "-17.2 % (-28.9 to -3.67), from step 1"


def test_the_path_of_the_summary_has_every_step(run: Results) -> None:
    rows = path_json(run)
    assert [row["step"] for row in rows] == [step.number for step in run.path]
    assert rows[3]["difference_to"] == 1
    assert rows[2]["error"]


def test_the_meaning_says_how_words_are_given_and_where_the_order_comes_from(run: Results) -> None:
    text = meaning(run)
    assert "chance alone would call any step of a path so in at most 5 % of the paths" in text
    assert "order of the importance of the hyperparameters in this search's trials" in text
    assert ("weak evidence here: trials were pruned" in text) is any(t.status is TrialStatus.PRUNED for t in run.trials)
    learning = run.config.model_copy(update={"strategy": configured("tuner=tpe").strategy})
    assert "the values depend on earlier scores." in meaning(replace(run, config=learning))
    assert "the scores of the chosen values are optimistic" in text
    assert "order of the search space" in meaning(
        replace(run, trials=run.best(1), state=replace(run.state, finalists=()))
    )


def with_scores(run: Results, scores: Sequence[tuple[float, ...]]) -> Results:
    """Return the run with these scores of its first steps, and no other steps."""
    path = [
        replace(step, outcome=Outcome(TrialStatus.COMPLETED, sum(each) / len(each), each))
        for step, each in zip(run.path, scores, strict=False)
    ]
    return replace(run, state=replace(run.state, path=tuple(path)))


def test_only_a_significant_step_gets_a_word(run: Results) -> None:
    scores = [(0.5, 0.51, 0.52), (0.49, 0.5, 0.53), (0.3, 0.31, 0.29), (0.4, 0.41, 0.39)]
    path = earned(with_scores(run, scores))
    assert [row.verdict for row in path] == ["", "", "better", "worse"]
    assert path[1].in_words == "-0.696 % (-6.28 to +5.22)"
    reverse = Objective(name="val_accuracy", direction="max")
    higher = earned(replace(with_scores(run, scores), config=run.config.model_copy(update={"objective": reverse})))
    assert [row.verdict for row in higher] == ["", "", "worse", "better"]
    assert higher[2].in_words.startswith("-0.2067 (-0.2")


def test_one_seed_shows_no_spread(run: Results) -> None:
    single = run.config.model_copy(update={"path": AblationPath(seeds=1)})
    steps = tuple(
        replace(step, seeds=1, outcome=replace(step.outcome, scores=step.outcome.scores[:1])) for step in run.path
    )
    once = replace(run, config=single, state=replace(run.state, path=steps))
    assert "With one seed, the spread is unknown" in meaning(once)
    assert {row.verdict for row in earned(once)} == {""}
    assert "to" not in earned(once)[1].in_words
