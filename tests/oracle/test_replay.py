"""Rebuilding an oracle from a record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.oracle.driven import SMALL, oracle_of, search
from toonvision.errors import SearchError
from toonvision.oracle import replay
from toonvision.trial.trial import TrialStatus
from toonvision.validation import targets

SAMPLERS = ["asha", "tpe", "cmaes", "nsga2", "qmc"]


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("tuner", SAMPLERS)
def test_a_replayed_oracle_continues_as_one_that_was_not_interrupted(tuner: str, slots: int) -> None:
    whole = search(oracle_of(tuner), slots)
    assert {TrialStatus.COMPLETED, TrialStatus.INFEASIBLE, TrialStatus.FAILED} == {trial.status for trial in whole}
    for stop in (3, 22):  # while values are random, and after the sampler has learned
        stopped = search(oracle_of(tuner), slots, stop=stop)
        assert search(oracle_of(tuner), slots, known=stopped) == whole


def test_a_replay_of_gp_takes_the_recorded_values_instead_of_fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "NEEDED", {})  # only a fit needs torch
    known = search(oracle_of("qmc"), 3, stop=20)  # values that gp would not propose
    oracle = oracle_of("gp")
    monkeypatch.setattr(oracle.sampler, "sample_relative", None)
    proposals = replay(oracle, known)
    assert [proposals[trial.number].values for trial in known] == [trial.values for trial in known]
    assert len(oracle.study.get_trials()) == len(known)


def test_gp_continues_without_repeating_recalled_values() -> None:
    pytest.importorskip("torch", reason="tuner=gp needs torch: pip install 'toonvision[gp]'")
    whole = search(oracle_of("gp", max_trials=10), 2)
    for stop in (3, 8):
        resumed = search(oracle_of("gp", max_trials=10), 2, known=whole[:stop])
        values = [str(sorted(trial.values.items())) for trial in resumed]
        assert len(set(values)) == len(values)
        assert sum(trial.status is not TrialStatus.INFEASIBLE for trial in resumed) == 10
        assert [trial.values for trial in resumed[:stop]] == [trial.values for trial in whole[:stop]]


def test_a_record_with_other_values_is_an_error() -> None:
    known = search(oracle_of("random_search", SMALL), 1, stop=3)
    changed = [known[0], replace(known[1], values={**known[1].values, "a": 1 - known[1].values["a"]})]
    with pytest.raises(SearchError, match=r"to propose the values of trial 0001 again"):
        replay(oracle_of("random_search", SMALL), changed)
