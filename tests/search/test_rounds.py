"""Rounds: each searches the space that the earlier ones have narrowed, in one record, however often it is stopped."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from tests import simulation
from tests.configuration import composed, configured
from tests.simulation import SPACE, SimulatedTrials, cut_off, resume
from toonvision.config.compose import compose
from toonvision.config.node import Node
from toonvision.config.tree import select
from toonvision.errors import ConfigError
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.report.page.column import trial_table
from toonvision.search import round as search_round
from toonvision.search import rounds as search_rounds
from toonvision.search.pruning import Pruning
from toonvision.search_space.space import Space, complete, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial, TrialStatus
from toonvision.validation.validate import validate

ROUNDS = ("strategy=coarse_to_fine",)
# Six combinations.
SMALL = (
    "search_space.dropout_1_rate=0",
    "search_space.units_1=8",
    "~search_space.learning_rate",
    "+search_space.learning_rate={hp: Choice, values: [0.06, 0.05, 0.04, 0.03, 0.02, 0.01]}",
)


def run(directory: Path, *overrides: str) -> Results:
    return simulation.run(directory, *ROUNDS, *overrides)


def space_of(results: Results, name: str) -> Space:
    """The space with which a round began, as the record has it."""
    config = results.config
    record = Record.reopen(config.storage, results.directory, space=config.search_space, objective=config.objective)
    space: Space = record.spaces[name]
    return space


def in_round(results: Results, name: str) -> list[Trial]:
    return [trial for trial in results.trials if trial.round == name]


def test_a_later_round_searches_the_narrowed_space(tmp_path: Path) -> None:
    results = run(tmp_path / "run", "tuner=random_search")
    assert [trial.id for trial in results.trials] == [f"{number:04d}" for number in range(50)]
    assert [trial.round for trial in results.trials] == ["explore"] * 40 + ["refine"] * 10
    narrowed = space_of(results, "refine")
    assert narrowed != results.config.search_space
    assert all(within(narrowed, complete(narrowed, trial.values)) for trial in results.trials[40:])
    assert not all(within(narrowed, complete(narrowed, trial.values)) for trial in results.trials[:40])
    # What it writes is an option of the config group.
    written = f"hydra.searchpath=[file://{results.directory}]"
    entries = configured(*SPACE, written, "search_space=narrowed").search_space
    assert {name: entries[name] for name in narrowed} == {**narrowed, "n_layers": 1, "activation": "relu"}


def test_every_round_is_in_the_table_of_trials(tmp_path: Path) -> None:
    results = run(tmp_path / "run", "strategy.rounds.explore.max_trials=2", "tuner.max_trials=1")
    table = pd.read_csv(results.directory / "report" / "trials.csv")
    assert list(table.columns)[:4] == ["trial_id", "status", "score", "round"]
    assert list(table["round"]) == ["explore", "explore", "refine"]
    (column,) = [column for column in trial_table(results).columns if column.name == "round"]
    assert (column.kind, column.categories) == ("category", ("explore", "refine"))


def test_a_search_of_one_round_has_no_column_for_it(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", "tuner.max_trials=1")
    assert "round" not in results.to_frame().columns


@pytest.mark.parametrize("tuner", ["bayesian", "tpe", "random_search", "grid_search"])
def test_no_later_round_runs_again_what_is_known(tuner: str, tmp_path: Path) -> None:
    rounds = ("tuner@strategy.rounds.explore=grid_search", "strategy.rounds.explore.max_trials=4", f"tuner={tuner}")
    results = run(tmp_path / "run", *SMALL, *rounds)
    tried = [trial.values["learning_rate"] for trial in results.trials]
    assert len(in_round(results, "explore")) == 4
    assert len(set(tried)) == len(tried) >= 5  # KerasTuner's random search gives up after 20 that are known


@pytest.mark.parametrize(
    "tuner",
    [
        ("tuner=hyperband", "training.epochs=3", "tuner.factor=2"),
        ("tuner=tpe", "tuner.max_trials=4", "tuner.sampler.n_startup_trials=2"),
    ],
    ids=["hyperband", "tpe"],
)
def test_a_resumed_search_is_the_one_that_was_not_interrupted(tuner: tuple[str, ...], tmp_path: Path) -> None:
    overrides = (*ROUNDS, *tuner)  # 40 trials, then those of the tuner
    whole = simulation.run(tmp_path / "whole", *overrides)
    assert len(in_round(whole, "refine")) >= 4
    cut_off(tmp_path / "run", *overrides, after=40)  # between the rounds
    with pytest.raises(SystemExit):
        resume(tmp_path / "run", trials=SimulatedTrials(power=2))  # in the second one
    resumed = resume(tmp_path / "run")
    for before, trial in zip(whole.trials, resumed.trials, strict=True):
        assert (trial.id, trial.round, trial.values) == (before.id, before.round, before.values)
        assert (trial.promotion, trial.outcome.score) == (before.promotion, before.outcome.score)
    assert space_of(resumed, "refine") == space_of(whole, "refine") != whole.config.search_space


def test_a_resumed_search_does_not_narrow_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = space_of(cut_off(tmp_path / "run", *ROUNDS, "tuner.max_trials=6", after=43), "refine")
    monkeypatch.delattr(search_rounds, "narrow_space")
    resumed = resume(tmp_path / "run")
    assert len(in_round(resumed, "refine")) == 6
    assert space_of(resumed, "refine") == before


def test_more_trials_of_the_last_round_may_be_asked_for(tmp_path: Path) -> None:
    first = run(tmp_path / "run", "tuner=random_search", "tuner.max_trials=2")
    more = resume(tmp_path / "run", "tuner.max_trials=4")
    assert more.trials[:42] == first.trials
    assert [trial.round for trial in more.trials[42:]] == ["refine"] * 2


def test_an_earlier_round_may_not_change(tmp_path: Path) -> None:
    run(tmp_path / "run", "strategy.rounds.explore.max_trials=2", "tuner.max_trials=1")
    with pytest.raises(ConfigError, match=r"- strategy\.rounds\.explore\.max_trials: 2 -> 3"):
        resume(tmp_path / "run", "strategy.rounds.explore.max_trials=3")


def test_the_budget_is_over_all_rounds(tmp_path: Path) -> None:
    rounds = ("strategy.rounds.explore.max_trials=3", "tuner=random_search")
    results = run(tmp_path / "run", *rounds, "budget.trials=5")
    assert [trial.round for trial in results.trials] == ["explore"] * 3 + ["refine"] * 2
    assert results.state.ended_by == "budget.trials: 5 trials are run"
    first = run(tmp_path / "first", *rounds, "budget.trials=2")
    assert [trial.round for trial in first.trials] == ["explore"] * 2
    more = resume(tmp_path / "first", "budget.trials=4")
    assert [trial.round for trial in more.trials] == ["explore"] * 3 + ["refine"]


def test_a_pruner_knows_the_trials_of_earlier_rounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Sequence[int]] = []

    class Noting(Pruning):
        def __init__(self, pruner: Node, objective: Objective, *, trials: Sequence[Trial], **settings: int) -> None:
            seen.append([trial.number for trial in trials])
            super().__init__(pruner, objective, trials=trials, **settings)

    monkeypatch.setattr(search_round, "Pruning", Noting)
    run(tmp_path / "run", "strategy.rounds.explore.max_trials=2", "tuner.max_trials=1")
    assert seen == [[], [0, 1]]


def test_all_rounds_are_seen_as_one_search(tmp_path: Path) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    rounds = ("strategy.rounds.explore.max_trials=2", "tuner.max_trials=1")
    simulation.run(tmp_path / "run", *ROUNDS, *rounds, console=console)
    lines = console.export_text().splitlines()
    assert [line.split()[2] for line in lines if line.startswith("trial ")] == ["1/3", "2/3", "3/3"]
    assert "round refine: no significant cut; 2 of 2 results so far lie in the space" in lines


def test_a_later_round_draws_other_places(tmp_path: Path) -> None:
    rates = "~search_space.learning_rate", "+search_space.learning_rate={hp: Float, min_value: 0.0, max_value: 0.1}"
    results = run(tmp_path / "run", *rates, "strategy.rounds.explore.max_trials=3", "tuner=random_search")
    assert results.trials[0].values["learning_rate"] != results.trials[3].values["learning_rate"]
    assert all(trial.status is TrialStatus.COMPLETED for trial in results.trials)


def test_a_round_may_be_added_and_another_explorer_chosen() -> None:
    added = ("tuner@strategy.rounds.explore=qmc", "+tuner@strategy.rounds.polish=tpe", "tuner=hyperband")
    rounds = configured("strategy=coarse_to_fine", *added).strategy.rounds
    targets = [str(select(tuner.arguments, "sampler._target_") or tuner.target) for tuner in rounds.values()]
    samplers = [target.rpartition(".")[2] for target in targets]
    assert list(rounds) == ["explore", "refine", "polish"]
    assert samplers == ["QMCSampler", "HyperbandOracle", "TPESampler"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["tuner@strategy.rounds.explore=tpe", "strategy.rounds.explore.sampler.seed=x", "strategy.rounds.refine=3"],
            "strategy.rounds.refine: expected a mapping with the key _target_. Received: 3.",
        ),
        (
            ["strategy.rounds.refine=${strategy.rounds.explore}"],
            "strategy.rounds: expected one of the rounds to be ${tuner}.",
        ),
        (["strategy.rounds.explore.max_trials=0"], "strategy.rounds.explore.max_trials: expected a whole number of"),
        (["+strategy.rounds.explore.max_trial=1"], "strategy.rounds.explore.max_trial: "),
        (["strategy.narrowing.quantile=2"], "strategy.narrowing.quantile: expected a share between 0 and 1."),
        (["strategy.narrowing.threshold=low"], "strategy.narrowing.threshold: expected a finite number."),
        (["strategy.narrowing.refuse=[conv_1_filter]"], "Did you mean 'conv_1_filters'?"),
        (
            ["strategy.narrowing.accept=conv_1_filters"],
            "strategy.narrowing.accept: expected a list of hyperparameters.",
        ),
        (["+strategy.narrowing.quantil=1"], "strategy.narrowing.quantil: expected one of the keys quantile, "),
        (["strategy.narrowing=null"], "strategy.narrowing: expected a mapping. Received: None."),
        (["objective=val_loss_and_parameters", "tuner@strategy.rounds.explore=cmaes"], "searches for one."),
    ],
)
def test_a_wrong_strategy_is_explained(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        validate(compose(["strategy=coarse_to_fine", *overrides]))
    assert message in str(raised.value)


def test_one_round_has_nothing_to_narrow_before() -> None:
    with pytest.raises(ConfigError, match=r"strategy\.narrowing: expected null with one round"):
        validate(compose(["strategy.narrowing={quantile: 0.5}"]))


def test_a_round_has_a_name() -> None:
    cfg = composed(*SPACE, *ROUNDS)
    cfg.strategy.rounds = {1: cfg.strategy.rounds.explore, "refine": cfg.strategy.rounds.refine}
    with pytest.raises(ConfigError, match=r"expected a string. Received: 1\."):
        validate(cfg)
