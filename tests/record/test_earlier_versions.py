"""The runs of earlier versions, below tests/fixtures: every command that only reads still reads them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import toonvision
from tests.configuration import configured
from toonvision import cli
from toonvision.config.compose import compose
from toonvision.record.results import Results
from toonvision.record.resume import resumed_config
from toonvision.record.warm_start import known_results
from toonvision.search_space.space import hyperparameters
from toonvision.trial.trial import TrialStatus
from toonvision.validation.validate import validate

RUNS = Path(__file__).parents[1] / "fixtures"
# Refuses what only the run's executor and tracker need, as a machine without these packages does.
WITHOUT_PACKAGES = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("distributed", "dask", "mlflow"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from toonvision.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(params=sorted(path.name for path in RUNS.iterdir() if path.is_dir()))
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an earlier version's run in the working directory."""
    shutil.copytree(RUNS / request.param, tmp_path / request.param)
    return Path(request.param)


def records(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.glob("study.*")}


def test_an_earlier_run_is_read(earlier: Path) -> None:
    before = records(earlier)
    results = Results.load(earlier)
    chosen, comparison = results.chosen(), results.comparison
    assert chosen is not None
    assert (chosen.id, len(results.trials), len(results.finalists), len(results.path)) == ("0006", 18, 2, 4)
    assert comparison is not None
    assert (comparison.baseline.scores["wrong"], comparison.tuned.scores["wrong"]) == (323, 257)
    assert sum(trial.status is TrialStatus.PRUNED for trial in results.trials) > 0
    assert records(earlier) == before


def test_report_writes_the_tables_of_an_earlier_run_again(earlier: Path) -> None:
    before, known = records(earlier), pd.read_csv(earlier / "report" / "trials.csv")
    shutil.rmtree(earlier / "report")
    assert cli.main(["report", str(earlier)]) == 0
    pd.testing.assert_frame_equal(pd.read_csv(earlier / "report" / "trials.csv"), known)
    assert (earlier / "report" / "index.html").is_file()
    assert json.loads((earlier / "summary.json").read_text())["chosen_trial"]["trial_id"] == "0006"
    assert records(earlier) == before


def test_compare_shows_an_earlier_run(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", str(earlier), str(earlier)]) == 0
    assert capsys.readouterr().out.count("250.5") == 2


def test_narrow_writes_the_space_of_an_earlier_run_again(earlier: Path) -> None:
    narrowed = earlier / "search_space" / "narrowed.yaml"
    narrowed.unlink()
    assert cli.main(["narrow", str(earlier)]) == 0
    assert list(yaml.safe_load(narrowed.read_text())) == list(Results.load(earlier).config.search_space)


def test_an_earlier_run_is_a_warm_start(earlier: Path) -> None:
    results = Results.load(earlier)
    config = configured("dataset=digits", "model=mlp").model_copy(update={"warm_start": str(earlier)})
    known, count = known_results(results, config, results.state.fingerprint)
    counts = results.counts()
    assert (len(known), count) == (counts["COMPLETED"] + counts["PRUNED"] + counts.get("INFEASIBLE", 0), 18)


@pytest.mark.parametrize("option", ["best", "narrowed"])
def test_an_earlier_run_is_a_source_of_configurations(earlier: Path, option: str) -> None:
    source = f"hydra.searchpath=[file://{earlier}]"
    config = validate(compose([source, "dataset=digits", "model=mlp", f"search_space={option}"]))
    assert bool(hyperparameters(config.search_space)) == (option == "narrowed")


def test_the_configuration_of_an_earlier_run_can_be_resumed(earlier: Path) -> None:
    cfg, changes = resumed_config(earlier, ["tuner.max_trials=7", "executor=inline"])
    assert validate(cfg).tuner.arguments["max_trials"] == 7
    assert "tuner.max_trials: 6 -> 7" in map(str, changes)


@pytest.mark.engine
def test_a_run_is_reported_where_its_executor_and_tracker_are_not_installed(earlier: Path) -> None:
    shutil.rmtree(earlier / "report")
    command = [sys.executable, "-c", WITHOUT_PACKAGES, "report", str(earlier)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (earlier / "report" / "trials.csv").is_file()


def test_a_run_whose_record_is_gone_is_refused_and_stays_without(
    earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (earlier / "study.db").unlink()
    assert cli.main(["report", str(earlier)]) == 2
    assert "without a record" in capsys.readouterr().err
    assert records(earlier) == {}


def test_unknown_keys_are_ignored_and_missing_ones_are_off(earlier: Path) -> None:
    path = earlier / ".hydra" / "config.yaml"
    tree = yaml.safe_load(path.read_text())
    for key in ("finalists", "path", "budget", "retries", "warm_start", "tracker", "constraints"):
        del tree[key]
    path.write_text(yaml.safe_dump(tree | {"new_key": {"a": 1}}, sort_keys=False))
    results = toonvision.Results.load(earlier)
    assert (results.finalists, results.path) == ([], [])
    assert cli.main(["report", str(earlier)]) == 0
