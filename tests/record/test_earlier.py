"""Comparisons of earlier versions: `tests/record/test_earlier_versions.py` reads a whole run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from tests.verdict.made_models import uncertain, verdict
from toonvision.record.earlier import as_now
from toonvision.task.multiclass import Multiclass
from toonvision.verdict.comparison import Comparison, ModelScores

STORED = Path(__file__).parents[1] / "fixtures" / "run_0_1" / "report" / "comparison.json"


def test_every_number_of_a_stored_comparison_is_kept() -> None:
    stored = json.loads(STORED.read_text())
    read = TypeAdapter(Comparison).validate_python(as_now(stored))
    before, now = stored["verdict"], read.verdict
    assert (now.task, now.kinds) == ("multiclass", Multiclass.kinds)
    assert now.trivial == before["examples"] - max(map(sum, before["baseline"]["confusion"]))
    assert (now.difference.value, list(now.difference.interval or ())) == (
        before["fewer_wrong"],
        before["fewer_wrong_interval"],
    )
    for role, scores in (("baseline", now.baseline), ("tuned", now.tuned)):
        for name, measure in scores.measures.items():
            assert list(measure.seeds) == before[role][name]["seeds"]
        assert scores.cost.parameters == before[role]["cost"]["parameters"]
    assert read.tuned.headline == {name: stored["tuned"][name] for name in ("wrong", "loss", "accuracy")}


def test_a_comparison_of_this_version_stays_as_it_is() -> None:
    model = ModelScores({}, {"wrong": 1}, 0.2, {}, 100, 5, 1.5, {})
    stored = asdict(Comparison(197, model, model, verdict(uncertain(1), uncertain(2))))
    assert as_now(stored) is stored
    assert as_now(None) is None


def test_what_no_version_has_written_is_an_error() -> None:
    with pytest.raises(LookupError):
        as_now({"verdict": {"examples": 3}, "baseline": {}, "tuned": {}})
