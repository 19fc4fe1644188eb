"""The whole job on every task, kind of data and kind of model: from the search to a resume and what narrows it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

import toonvision
from tests.configuration import in_this_process
from toonvision.api import narrow_run
from toonvision.config.compose import compose
from toonvision.config.schema import NarrowingOptions
from toonvision.dataset import load_dataset
from toonvision.record.results import Results
from toonvision.report import terminal
from toonvision.task import NamesByThreshold, load_task
from toonvision.verdict import measured
from toonvision.verdict import predictions as stored_predictions

pytestmark = pytest.mark.training

# Each with another pair of an engine and a storage, too.
EXPERIMENTS = {
    "imbalanced": ("binary", ("training.class_weight=balanced", "storage=journal")),
    "multilabel": ("multilabel", ("dataset.pairs=200", "objective=val_f1", "executor=processes")),
    "regression": ("regression", ("executor=processes", "storage=journal")),
    "two_inputs": ("regression", ("dataset.pairs=200",)),
    "table": ("regression", ()),
    "series": ("regression", ("dataset.hours=500", "dataset.window=12", "executor=processes")),
    # Of classes, the kinds of models that are no chain of blocks.
    "function": ("multiclass", ("executor=processes",)),
    "text": ("multiclass", ("dataset.tickets=200",)),
    "residual": ("multiclass", ("storage=journal", "augmentation=cutmix", "task=multiclass_one_hot")),
}
SHORT = (
    *("training.epochs=2", "tuner=random_search", "tuner.max_trials=2", "finalists.count=0", "pruner=none"),
    *("training.retrain.seeds=1", "training.retrain.max_epochs=2"),
)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_run_is_searched_judged_reported_and_resumed(tmp_path: Path, experiment: str) -> None:
    name, more = EXPERIMENTS[experiment]
    run = tmp_path / "run"
    results = toonvision.run(compose(in_this_process(f"experiment={experiment}", *more, *SHORT)), run)
    comparison = results.comparison
    assert comparison is not None
    task, data = load_task(results.config.task), load_dataset(results.config.default_trial.dataset)
    assert (comparison.verdict.task, comparison.verdict.kinds) == (name, task.kinds)
    stored = stored_predictions.load(run)
    assert stored is not None
    np.testing.assert_array_equal(stored.labels, data.test.y)
    model = keras.models.load_model(run / "models" / "tuned.keras")  # gives what plain Keras gives
    said = model.predict(data.test.x, verbose=0)
    expected = stored_predictions.columns(said, len(data.class_names))
    np.testing.assert_allclose(stored.outputs["tuned"], expected, rtol=1e-4, atol=1e-6)
    found = measured(task, data.test.y, said, comparison.verdict.tuned.threshold)
    assert {n: found[n] for n in comparison.tuned.scores if n != "loss"} == pytest.approx(
        comparison.tuned.scores, rel=1e-4
    )
    assert comparison.tuned.duration is not None
    assert (comparison.tuned.duration.threshold is not None) == isinstance(task, NamesByThreshold)
    summary = json.loads((run / "summary.json").read_text())
    assert summary["tuned"][task.kinds[0].name] == comparison.tuned.scores[task.kinds[0].name]
    kept = run / "models" / "tuned.preprocessing.json"
    assert kept.is_file() == (data.preprocessing is not None)
    assert data.preprocessing is None or json.loads(kept.read_text()) == data.preprocessing
    assert '<h2 id="predictions-title">' in (run / "report" / "index.html").read_text()
    shown = io.StringIO()
    terminal.show(results, Console(file=shown, width=160))
    assert f"{task.kinds[0].noun} than the baseline" in shown.getvalue() or "as the baseline" in shown.getvalue()
    assert all(name in shown.getvalue() for name in comparison.tuned.headline)
    resumed = toonvision.resume(run, ["tuner.max_trials=3"])
    assert [trial.outcome for trial in resumed.trials[:2]] == [trial.outcome for trial in results.trials]
    assert len(resumed.trials) == 3
    assert Results.load(run).comparison == resumed.comparison
    narrowing = narrow_run(resumed, NarrowingOptions(quantile=0.5))
    best = min(resumed.completed, key=lambda trial: resumed.config.objective.cost(trial.outcome.score or 0.0))
    assert narrowing.bound is not None
    assert dict(narrowing.space) == dict(resumed.config.search_space)  # three trials show nothing
    assert all(best.values[one.name] in one.good for one in narrowing.evidence if one.name in best.values)
