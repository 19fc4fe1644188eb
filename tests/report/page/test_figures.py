"""All plots of a page."""

from __future__ import annotations

from pathlib import Path

from tests.report.page.page_data import data
from tests.synthetic_run import synthetic_run
from toonvision.record.results import Results
from toonvision.report import page
from toonvision.report.page.figures import figures
from toonvision.verdict import predictions as stored_predictions


def test_two_objectives_have_a_front(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path / "run", "objective=val_loss_and_parameters", trials=20)
    front = data(page.write(results, tmp_path))["figures"]["pareto"]["data"]
    (best,) = [trace for trace in front if trace["name"] == "on the front"]
    assert set(best["customdata"]) == {trial.id for trial in results.pareto_front()}


def test_every_figure_has_a_name_of_its_own(run: Results) -> None:
    found = figures(run, stored_predictions.load(run.directory))
    names = [figure.name for figure in found]
    assert len(set(names)) == len(names)
    assert {"path", "importance", "history", "curves", "final-curves", "timeline", "confidence-tuned"} <= set(names)
    assert found.pareto is None
    assert all(figure.missing is None for figure in found)
    assert found.hyperparameters.names[0] == found.hyperparameters.slices[0].title


def test_sections_without_content_have_no_figure(tmp_path: Path) -> None:
    found = figures(synthetic_run(tmp_path / "run", trials=1), None)
    assert (found.path, found.final_curves, found.predictions) == (None, None, [])
    assert found.hyperparameters.importance.missing is not None


def test_the_head_has_a_picture_of_what_there_is(run: Results, tmp_path: Path) -> None:
    assert [figure.name for figure in figures(run, None).head] == ["roles", "best"]
    for trials, names in ((0, []), (1, ["best"])):
        begun = figures(synthetic_run(tmp_path / str(trials), trials=trials), None)
        assert [figure.name for figure in begun.head] == names
