"""The tables of trials: for any values and texts in the record, a written table reads back equal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tests.synthetic_run import completed_run
from toonvision.record.results import Results
from toonvision.report import trials_csv, trials_json, trials_parquet
from toonvision.report.cell import without_formulas
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

NAMES = ["plain", "a, b", 'the "best"', "1e5", "NA", "é 統一 🤖"]
SPACE = {
    "filters": {"hp": "Int", "min_value": 0, "max_value": 2**60},
    "rate": {"hp": "Float", "min_value": 0.0, "max_value": 1.0},
    "flip": {"hp": "Boolean"},
    "optimizer": {"hp": "Choice", "values": NAMES, "when": {"flip": [True]}},
    "kernel_size": {"hp": "Choice", "values": [3, 5]},
    "seconds": {"hp": "Fixed", "value": 0.5},
    "activation": "relu",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.fixed_dictionaries(
    {"flip": st.booleans()},
    optional={
        "filters": st.integers(0, 2**60),
        "rate": st.floats(0, 1),
        "optimizer": st.sampled_from(NAMES),
        "kernel_size": st.sampled_from([3, 5]),
        "seconds": st.just(0.5),
    },
)
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(TrialStatus),
    score=st.none() | FLOATS,
    scores=st.tuples(FLOATS, FLOATS),
    metrics=st.dictionaries(st.sampled_from(["loss", "val_loss"]), st.floats()),
    epochs=st.integers(0, 1000),
    parameters=st.none() | st.integers(0, 2**60),
    seconds=st.floats(0, 1e6),
    error=st.none() | TEXTS,
    reason=st.none() | st.sampled_from(Reason),
)
TRIALS = st.lists(st.tuples(VALUES, OUTCOMES), max_size=5).map(
    lambda drawn: [Trial(number, *fields) for number, fields in enumerate(drawn)]
)
# Texts that are difficult for table formats. Random generation seldom produces each of them alone.
DIFFICULT_TRIALS = [
    Trial(number, {"flip": True, "optimizer": NAMES[1]}, Outcome(TrialStatus.FAILED, score=0.1 + 0.2, error=error))
    for number, error in enumerate(["a\rb", "a\r\nb", "a\nb", "a,b", 'a"b', "\t", " "])
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Results:
    results = completed_run(tmp_path_factory.mktemp("empty") / "run", trials=0)
    return replace(results, config=results.config.model_copy(update={"search_space": SPACE}))


def for_any_trials(test: Callable[..., None]) -> Callable[..., None]:
    fixtures = [HealthCheck.function_scoped_fixture]
    drawn = given(trials=TRIALS)(example(trials=DIFFICULT_TRIALS)(test))
    return settings(max_examples=60, deadline=None, suppress_health_check=fixtures, database=None)(drawn)


def is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


@for_any_trials
def test_the_frame_equals_the_record_and_its_dtypes_are_those_of_the_space(empty: Results, trials: list[Trial]) -> None:
    frame = replace(empty, trials=trials).to_frame()
    types = {"filters": "Int64", "rate": "float64", "flip": "boolean", "optimizer": "string", "kernel_size": "Int64"}
    types |= {"trial_id": "string", "score": "float64", "parameters": "Int64", "epochs": "Int64", "error": "string"}
    assert {name: str(frame.dtypes[name]) for name in types} == types
    for row, trial in zip(frame.to_dict("records"), trials, strict=True):
        outcome = trial.outcome
        expected = {"trial_id": trial.id, "status": outcome.status.value, "score": outcome.score, **outcome.metrics}
        expected |= {name: trial.values.get(name) for name in ("filters", "rate", "flip", "optimizer", "kernel_size")}
        expected |= {"search_space.seconds": trial.values.get("seconds"), "seconds": outcome.seconds}
        expected |= {"parameters": outcome.parameters, "epochs": outcome.epochs, "error": outcome.error}
        for name, value in expected.items():
            assert is_missing(row[name]) if is_missing(value) else row[name] == value, name
            assert is_missing(value) or type(row[name]) is type(value)


@for_any_trials
def test_the_parquet_file_reads_back_equal(empty: Results, tmp_path: Path, trials: list[Trial]) -> None:
    results = replace(empty, trials=trials)
    assert_frame_equal(pd.read_parquet(trials_parquet.write(results, tmp_path)), results.to_frame(), check_exact=True)


@for_any_trials
def test_the_csv_file_reads_back_equal(empty: Results, tmp_path: Path, trials: list[Trial]) -> None:
    results = replace(empty, trials=trials)
    expected = results.to_frame()
    read = pd.read_csv(
        trials_csv.write(results, tmp_path),
        dtype=dict(expected.dtypes),
        keep_default_na=False,
        na_values=[""],
    )
    expected["error"] = expected["error"].str.replace("\r\n", "\n").str.replace("\r", "\n")
    assert_frame_equal(read, without_formulas(expected), check_exact=True)


@for_any_trials
def test_the_json_file_reads_back_equal(empty: Results, tmp_path: Path, trials: list[Trial]) -> None:
    results = replace(empty, trials=trials)
    rows = json.loads(trials_json.write(results, tmp_path).read_text())
    for row, expected, trial in zip(rows, results.to_frame().to_dict("records"), trials, strict=True):
        assert tuple(row["scores"]) == trial.outcome.scores
        for name, value in expected.items():
            infinite = isinstance(value, float) and math.isinf(value)
            assert row[name] == (None if is_missing(value) or infinite else value)
