"""The columns of the trial table, with their axes."""

from __future__ import annotations

from pathlib import Path

from tests.synthetic_run import synthetic_run
from toonvision.record.results import Results
from toonvision.report.page.column import trial_table


def test_missing_values_are_below_all_others(run: Results) -> None:
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


def test_a_conditional_choice_keeps_the_labels_of_its_values(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "experiment=deep_cnn")
    (kernel,) = [column for column in trial_table(results).hyperparameters if column.name == "conv_4_kernel_size"]
    assert kernel.categories == ("3", "5")
    assert set(kernel.values) == {"3", "5", None}
