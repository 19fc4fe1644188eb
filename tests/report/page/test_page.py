"""The content of the page: the verdict, the data of tables and plots, and escaped names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.judged_run import images, judged_run
from tests.report.page.page_data import data
from tests.synthetic_run import synthetic_run
from toonvision.record.results import Results
from toonvision.report import page
from toonvision.trial.trial import Reason, TrialStatus
from toonvision.verdict.test_looks import note_look


def test_the_verdict_comes_first_and_all_trials_are_in_the_data(run: Results, written: Path) -> None:
    text = written.read_text()
    first = text.index("The tuned model makes fewer errors than the baseline, 12 against 27 of 197")
    assert first < text.index('id="trials"') < text.index('id="parallel"')
    table = {column["name"]: column["values"] for column in data(written)["columns"]}
    assert table["trial_id"] == [trial.id for trial in run.trials]
    assert table["status"] == [trial.status.value for trial in run.trials]
    assert {TrialStatus.FAILED, TrialStatus.PRUNED, TrialStatus.INFEASIBLE, TrialStatus.RUNNING} < set(table["status"])


def test_the_warnings_come_before_the_results_and_the_passed_checks_are_folded(tmp_path: Path) -> None:
    results, looks = judged_run(tmp_path / "run", "dataset=digits", trials=11), tmp_path / "looks.jsonl"
    looks.write_text("{}\n" * 9)
    note_look(results.directory, why="a test", fingerprint="a", examples=1, subjects=[], all_looks=looks)
    text = page.write(results, tmp_path).read_text()
    warning = text.index("<h2><span>Warning</span> Looks at the test set</h2>")
    passed, dead = text.index("health checks passed</summary>"), text.index("<dt>Dead trainings</dt>")
    assert warning < passed < dead < text.index('class="plain verdict"')


@pytest.mark.parametrize("overrides", [(), ("experiment=deep_cnn",), ("objective=val_loss_and_parameters",)])
@pytest.mark.parametrize("trials", [0, 1, 3, 20])
def test_an_unfinished_run_has_a_page(tmp_path: Path, trials: int, overrides: tuple[str, ...]) -> None:
    path = page.write(synthetic_run(tmp_path / "run", *overrides, trials=trials), tmp_path)
    text = path.read_text()
    assert "The models have not been compared." in text
    assert ("No trial has completed yet." in text) == (trials == 0)
    assert ("This needs at least 2 completed trials" in text) == (trials < 2)
    assert len(data(path)["colors"]) == trials


def test_a_maximized_objective_ranks_the_highest_score_first(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "objective=val_accuracy", trials=20)
    colors = data(page.write(results, tmp_path))["colors"]
    best = max((t for t in results.trials if t.outcome.score is not None), key=lambda t: t.outcome.score or 0.0)
    assert colors.index(max(colors)) == best.number


def test_the_page_says_that_the_baseline_won_also_without_finalists(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "finalists.count=0", trials=3)
    won = [replace(trial, source="baseline") for trial in results.trials]
    sentence = "The values of the baseline won: no trial of the search was better on the validation examples."
    assert sentence in page.write(replace(results, trials=won), tmp_path).read_text()
    assert sentence not in page.write(results, tmp_path).read_text()


def test_trials_without_a_score_are_counted(tmp_path: Path) -> None:
    endings = (TrialStatus.COMPLETED, TrialStatus.COMPLETED, TrialStatus.INFEASIBLE, TrialStatus.PRUNED)
    results = synthetic_run(tmp_path / "run", trials=7, endings=endings)
    text = page.write(results, tmp_path).read_text()
    assert "Without a score: 2 infeasible." in text
    assert "estimate, from the 4 completed trials" in text
    assert "A pruned trial has the best score" in text


def test_a_trial_that_the_user_has_stopped_is_counted_as_that(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", trials=2, endings=[TrialStatus.PRUNED])
    outcome = replace(results.trials[1].outcome, reason=Reason.STOPPED_BY_USER)
    stopped = replace(results, trials=[results.trials[0], replace(results.trials[1], outcome=outcome)])
    counts = re.findall(r"<span><b>(\d+)</b> ([a-z ]+)</span>", page.write(stopped, tmp_path).read_text())
    assert counts == [("1", "pruned"), ("1", "stopped by the user")]


def test_names_are_escaped_in_the_file(tmp_path: Path) -> None:
    path = images(tmp_path / "images")
    text = page.write(
        judged_run(tmp_path / "run", "dataset=image_directory", f"dataset.path={path}", trials=11), tmp_path
    ).read_text()
    assert "&lt;script&gt;alert(1)&lt;" in text
    assert "<script>alert" not in text
    assert "onerror=alert" not in re.sub(r'<script type="application/json".*?</script>', "", text)
