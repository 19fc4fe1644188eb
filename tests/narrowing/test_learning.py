"""Which rounds have values that depend on earlier scores."""

from __future__ import annotations

from tests.configuration import configured
from toonvision.narrowing.learning import learning_rounds


def test_a_round_learns_by_its_sampler_or_because_it_is_a_later_one() -> None:
    assert not learning_rounds(configured("tuner=qmc").strategy.rounds)
    assert list(learning_rounds(configured("tuner=tpe").strategy.rounds)) == ["search"]
    rounds = configured("strategy=coarse_to_fine", "tuner=random_search").strategy.rounds
    assert list(learning_rounds(rounds)) == ["refine"]
