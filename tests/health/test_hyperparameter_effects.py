"""Whether the score depends on any hyperparameter."""

from __future__ import annotations

from tests.article_trials import SPACE, article_trials
from tests.narrowing.made_trials import narrowed
from toonvision.health import Status
from toonvision.health.hyperparameter_effects import hyperparameter_effects


def test_a_supported_cut_passes() -> None:
    card = hyperparameter_effects(narrowed(SPACE, article_trials(0), refuse=list(SPACE)[:-1]))
    assert card
    assert card.status is Status.PASSED
    assert card.finding.startswith("dropout_1_rate explains scores most clearly: trials above 0.")


def test_scores_that_are_noise_are_a_warning() -> None:
    card = hyperparameter_effects(narrowed(SPACE, article_trials(0, noise=1e6), refuse=list(SPACE)[:-1]))
    assert card
    assert card.status is Status.WARNING
    assert card.finding.startswith("No hyperparameter explains the scores of 100 trials; the clearest is ")
    assert "training.executions_per_trial=3" in card.action


def test_few_trials_cannot_show_an_effect() -> None:
    assert hyperparameter_effects(narrowed(SPACE, article_trials(0, count=39), refuse=list(SPACE)[:-1])) is None
