"""The evidence as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.narrowing.made_trials import RATE, narrowed, trials
from toonvision.narrowing.evidence import ALPHA, Cut, Evidence
from toonvision.narrowing.rank_statistic import Count


def test_the_evidence_has_the_numbers_of_each_cut() -> None:
    space = {"rate": RATE, "flip": {"hp": "Boolean"}}
    ended = trials(space, lambda v: v["rate"])
    found = narrowed(space, ended, quantile=0.2)
    rate, flip = found.evidence
    cut = rate.cuts[0]
    assert (found.count.good, found.count.total, len(rate.good), len(rate.rest)) == (20, 100, 20, 80)
    assert cut.removed.total + cut.rest.total == 100
    assert cut.rest.good >= 18
    assert cut.p < 0.01
    assert rate.importance is not None
    assert flip.importance is not None
    assert rate.importance > 0.9
    assert rate.importance + flip.importance == pytest.approx(1.0)
    assert found.share == pytest.approx(rate.share)
    assert found.bound == sorted(trial.outcome.score or 0.0 for trial in ended)[19]


def test_the_share_of_a_space_is_the_product_of_the_shares_of_its_entries() -> None:
    space = {"rate": RATE, "size": {"hp": "Int", "min_value": 1, "max_value": 8}}
    found = narrowed(space, trials(space, lambda v: v["rate"] - 0.1 * v["size"]))
    rate, size = found.evidence
    assert rate.is_changed
    assert size.is_changed
    assert found.share == pytest.approx(rate.share * size.share)
    assert 0 < found.share < min(rate.share, size.share) < 1


def test_an_entry_that_is_never_active_is_changed_without_a_cut() -> None:
    gone = Evidence("x", RATE, None, good=(), rest=(), importance=None, cuts=(), open=None, edge=None)
    assert gone.is_changed
    assert not replace(gone, after=RATE).is_changed
    assert replace(gone, after={**RATE, "max_value": 0.35}).share == pytest.approx(4 / 9)


def test_a_cut_is_supported_up_to_the_level_of_significance() -> None:
    cut = Cut("x", "above 0.4", RATE, removed=Count(0, 9), rest=Count(9, 11), worse=2.0, p=ALPHA)
    assert cut.is_supported
    assert not replace(cut, p=ALPHA + 0.01).is_supported
