"""The state of a run: it is read from JSON as it was, and a step of the path is put in words."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from pydantic import TypeAdapter

from tests.made_verdict import made_verdict
from toonvision.record.run_state import Finalist, RunState, RunStatus, Step, changes_in_words
from toonvision.trial.trial import Outcome, Reason, TrialStatus
from toonvision.verdict.comparison import Comparison, ModelScores

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.5, (0.4, 0.6), {"val_loss": 0.5}, 7, 9, 14_620, 3.5)
FAILED = Outcome(TrialStatus.FAILED, error="on purpose", reason=Reason.RAISED)
SCORES: dict[str, int | float] = {"wrong": 3, "accuracy": 0.9}
MODEL = ModelScores(
    {"units": 4, "rate": None},
    {"wrong": 3, "accuracy": 0.9},
    0.2,
    {"accuracy": 0.9},
    100,
    2,
    1.5,
    {"loss": [2.0, None]},
)
STATE = RunState(
    RunStatus.COMPLETED,
    *("cogs", "0ab1", 12.5, None, "budget.trials: 3 trials are run"),
    Comparison(
        30, MODEL, replace(MODEL, scores={**SCORES, "wrong": 1}), made_verdict(30, baseline_wrong=4, tuned_wrong=1)
    ),
    finalists=(Finalist(3, 2, COMPLETED), Finalist(1, 2, FAILED)),
    path=(Step(0, {}, {"units": 4}, 2, COMPLETED), Step(1, {"units": (4, 8)}, {"units": 8}, 2, FAILED)),
)


def through_json(state: RunState) -> RunState:
    return TypeAdapter(RunState).validate_json(json.dumps(asdict(state)))


def step(number: int, **changes: tuple[object, object]) -> Step:
    return Step(number, changes, {}, 1, COMPLETED)


def test_a_finished_run_is_read_from_json_as_it_was() -> None:
    assert through_json(STATE) == STATE


def test_a_run_without_results_is_read_from_json_as_it_was() -> None:
    assert through_json(RunState()) == RunState()
    failed = RunState(RunStatus.FAILED, error="3 trials in a row failed")
    assert through_json(failed) == failed


def test_a_status_and_a_reason_are_read_as_members_of_their_enumerations() -> None:
    read = through_json(STATE)  # a StrEnum equals its text, so that == does not tell them apart
    assert read.status is RunStatus.COMPLETED
    for outcome in (read.finalists[1].outcome, read.path[1].outcome):
        assert outcome.status is TrialStatus.FAILED
        assert outcome.reason is Reason.RAISED


def test_a_state_of_a_version_without_finalists_and_path_is_read() -> None:
    stored = json.loads(json.dumps(asdict(STATE)))
    for later in ("ended_by", "finalists", "path"):
        del stored[later]
    assert TypeAdapter(RunState).validate_python(stored) == replace(STATE, ended_by=None, finalists=(), path=())


def test_the_changes_of_a_step_are_in_words() -> None:
    assert changes_in_words(step(2, units_2=(None, 8), rate=(0.1, 0.30000000000000004), flip=(True, False))) == [
        *("units_2: none -> 8", "rate: 0.1 -> 0.3", "flip: True -> False")
    ]


def test_the_first_step_is_the_baseline() -> None:
    assert changes_in_words(step(0)) == ["the baseline"]
