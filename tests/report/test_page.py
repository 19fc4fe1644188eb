"""The content of the page: the verdict, the data of tables and plots, and escaped names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.report.judged_run import images, judged_run
from tests.synthetic_run import completed_run, synthetic_run
from toonvision.dataset import load_dataset
from toonvision.record.results import Results
from toonvision.report import page
from toonvision.report.page.column import trial_table
from toonvision.report.page.path_figure import path_figure
from toonvision.report.page.prediction_view import SHOWN
from toonvision.report.path import earned
from toonvision.trial.trial import TrialStatus
from toonvision.verdict import predictions as stored_predictions


def data(path: Path) -> dict[str, Any]:
    """Return what the page's scripts are given."""
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text())
    assert block
    return dict(json.loads(block[1]))


def test_the_verdict_comes_first_and_all_trials_are_in_the_data(run: Results, written: Path) -> None:
    text = written.read_text()
    first = text.index("The tuned model makes fewer errors than the baseline, 12 against 27 of 197")
    assert first < text.index('id="trials"') < text.index('id="parallel"')
    table = {column["name"]: column["values"] for column in data(written)["columns"]}
    assert table["trial_id"] == [trial.id for trial in run.trials]
    assert table["status"] == [trial.status.value for trial in run.trials]
    assert {TrialStatus.FAILED, TrialStatus.PRUNED, TrialStatus.INFEASIBLE, TrialStatus.RUNNING} < set(table["status"])


def test_the_same_run_makes_the_same_page(tmp_path: Path) -> None:
    ended = judged_run(tmp_path / "run", "dataset=digits", trials=9)  # of which none runs on
    assert page.write(ended, tmp_path).read_bytes() == page.write(ended, tmp_path).read_bytes()


def test_the_page_is_written_without_keras(run: Results, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from toonvision.report import page; from toonvision.record.results import Results\n"
        "page.write(Results.load(sys.argv[1]), Path(sys.argv[2]))\n"
        "print(sorted({'keras', 'keras_tuner', 'tensorflow', 'torch'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(run.directory), str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_missing_values_are_below_all_others_on_an_axis(run: Results) -> None:
    by_name = {column.name: column for column in trial_table(run).columns}
    for column in by_name.values():
        if column.axis is None:
            continue
        here = [p for p, value in zip(column.axis.values, column.values, strict=True) if value is not None]
        missing = [p for p, value in zip(column.axis.values, column.values, strict=True) if value is None]
        assert all(position < min(here) for position in missing), column.name
        assert all(column.axis.range[0] <= position <= column.axis.range[1] for position in here + missing)
        assert ("none" in column.axis.ticktext) == bool(missing)
    rates = by_name["learning_rate"]
    assert rates.axis is not None
    assert rates.categories == ("0.0001", "0.001", "0.01")
    assert [rates.categories[int(p)] for p in rates.axis.values] == [str(t.values["learning_rate"]) for t in run.trials]


def test_a_conditional_choice_keeps_its_labels(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "experiment=deep_cnn")
    (kernel,) = [column for column in trial_table(results).hyperparameters if column.name == "conv_4_kernel_size"]
    assert kernel.categories == ("3", "5")
    assert set(kernel.values) == {"3", "5", None}


@pytest.mark.parametrize("overrides", [(), ("experiment=deep_cnn",), ("objective=val_loss_and_parameters",)])
@pytest.mark.parametrize("trials", [0, 1, 3, 20])
def test_an_unfinished_run_has_a_page(tmp_path: Path, trials: int, overrides: tuple[str, ...]) -> None:
    path = page.write(synthetic_run(tmp_path / "run", *overrides, trials=trials), tmp_path)
    text = path.read_text()
    assert "The models have not been compared." in text
    assert ("No trial has completed yet." in text) == (trials == 0)
    assert ("This needs at least 2 completed trials" in text) == (trials < 2)
    assert len(data(path)["colors"]) == trials


def test_two_objectives_have_a_front(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "objective=val_loss_and_parameters")
    front = data(page.write(results, tmp_path))["figures"]["pareto"]["data"]
    (best,) = [trace for trace in front if trace["name"] == "on the front"]
    assert set(best["customdata"]) == {trial.id for trial in results.pareto_front()}


def test_a_maximized_objective_ranks_the_highest_score_first(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "objective=val_accuracy")
    colors = data(page.write(results, tmp_path))["colors"]
    best = max((t for t in results.trials if t.outcome.score is not None), key=lambda t: t.outcome.score or 0.0)
    assert colors.index(max(colors)) == best.number


def test_the_path_has_a_point_for_every_seed(run: Results, written: Path) -> None:
    means, seeds = data(written)["figures"]["path"]["data"]
    scored = [step for step in run.path if step.outcome.status is TrialStatus.COMPLETED]
    assert len(scored) == len(run.path) - 1
    assert means["x"] == [step.outcome.score for step in scored]
    assert seeds["x"] == [score for step in scored for score in step.outcome.scores]
    assert [label.partition(".")[0] for label in means["y"]] == [str(step.number) for step in scored]


def test_a_path_without_a_score_has_no_plot(run: Results) -> None:
    steps = [row for row in earned(run) if row.score is None]
    assert path_figure(steps, "val_loss").missing == "No step of the path has a score."


def test_predictions_are_grouped_and_have_pictures(run: Results, written: Path) -> None:
    read = stored_predictions.load(run.directory)
    assert read is not None
    fixed = int((~read.is_right("baseline") & read.is_right("tuned")).sum())
    broken = int((read.is_right("baseline") & ~read.is_right("tuned")).sum())
    text = written.read_text()
    assert f'Fixed by tuning <span class="count">{fixed}</span>' in text
    assert f'Broken by tuning <span class="count">{broken}</span>' in text
    both = int((~read.is_right("baseline") & ~read.is_right("tuned")).sum())
    assert text.count('src="data:image/webp;base64,') == sum(min(SHOWN, count) for count in (fixed, broken, both))


def test_examples_that_are_not_shown_are_counted(tmp_path: Path) -> None:
    results = judged_run(tmp_path / "run", "dataset=digits", trials=4)
    read = stored_predictions.load(results.directory)
    assert read is not None
    nothing = {role: np.roll(rows, 1, axis=1) for role, rows in read.probabilities.items()}
    stored_predictions.write(replace(read, probabilities=nothing), results.directory)
    text = page.write(results, tmp_path).read_text()
    assert f"The first {SHOWN} are shown;" in text


def test_examples_without_pictures_have_names(tmp_path: Path) -> None:
    text = page.write(judged_run(tmp_path / "run", "experiment=breast_cancer"), tmp_path).read_text()
    assert '<p class="name">tumour-' in text
    assert "<img" not in text.partition("<main>")[2].partition("</main>")[0]


@pytest.mark.parametrize("change", ["moved", "changed"])
def test_missing_or_changed_data_are_reported(tmp_path: Path, change: str) -> None:
    folder = images(tmp_path / "images")
    results = judged_run(tmp_path / "run", "dataset=image_directory", f"dataset.path={folder}")
    load_dataset.__globals__["_load"].cache_clear()
    if change == "moved":
        folder.rename(tmp_path / "elsewhere")
    else:
        (folder / "b" / "<b>00.png").write_bytes((folder / "b" / "<b>01.png").read_bytes())
    text = page.write(results, tmp_path).read_text()
    assert "Without pictures: " in text
    assert "Fixed by tuning" in text


def test_a_run_without_predictions_is_reported(tmp_path: Path) -> None:
    results = completed_run(tmp_path / "run", "dataset=digits")
    assert "This run has no models/predictions.csv" in page.write(results, tmp_path).read_text()


def test_names_are_escaped_in_the_file(tmp_path: Path) -> None:
    path = images(tmp_path / "images")
    text = page.write(
        judged_run(tmp_path / "run", "dataset=image_directory", f"dataset.path={path}"), tmp_path
    ).read_text()
    assert "&lt;script&gt;alert(1)&lt;" in text
    assert "<script>alert" not in text
    assert "onerror=alert" not in re.sub(r'<script type="application/json".*?</script>', "", text)
