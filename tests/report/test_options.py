"""The options in which runs differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.synthetic_run import synthetic_run
from toonvision.report.options import differing_options


def test_each_option_in_which_runs_differ_has_its_values(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path, trials=0)
    words = (
        ("tuner=tpe", "dataset=cogs", "seed=1", "budget.trials=2"),
        ("tuner=qmc", "dataset=digits", "budget.trials=2", "+note='a, b'"),
        ("budget.trials=9", "budget.trials=2", "~tracker", "a broken [word"),
    )
    found = differing_options([replace(run, overrides=one) for one in words])
    assert found == {
        "tuner": ["tpe", "qmc", None],
        "note": [None, "'a, b'", None],
        "tracker": [None, None, "(removed)"],
    }


def test_the_seed_is_that_of_the_configuration_where_the_command_line_does_not_name_it(tmp_path: Path) -> None:
    first, second = (synthetic_run(tmp_path / word, word, trials=0) for word in ("seed=1", "budget.trials=1"))
    assert differing_options([first, second]) == {"seed": ["1", "42"], "budget.trials": [None, "1"]}
