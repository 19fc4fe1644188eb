"""Jobs of a sweep at once, in processes of joblib and submitit."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from omegaconf import DictConfig, OmegaConf

from tests.command_line import SHORT, SPACE
from toonvision.cli import jobs, main, parallel
from toonvision.cli.parallel import Beside, beside
from toonvision.errors import ConfigError

ROOT = Path(__file__).parents[2]
SWEEP = Path("mine")
PLUGINS = "hydra_plugins.hydra_{}_launcher.{}_launcher.{}"
BEGIN = ("-m", *SPACE, *SHORT, "tuner=random_search", f"hydra.sweep.dir={SWEEP}")


def of_launcher(node: dict[str, object], count: int, max_batch_size: int | None = None) -> Beside | None:
    main_config = {"hydra": {"launcher": node, "sweeper": {"max_batch_size": max_batch_size}}}
    cfg = OmegaConf.create(main_config)
    assert isinstance(cfg, DictConfig)
    return beside(cfg, SWEEP, count)


@pytest.mark.parametrize(
    ("plugin", "settings", "max_batch_size", "expected"),
    [
        (("joblib", "joblib", "JoblibLauncher"), {"n_jobs": 3}, None, 3),
        (("joblib", "joblib", "JoblibLauncher"), {"n_jobs": 30}, None, 5),
        (("joblib", "joblib", "JoblibLauncher"), {"n_jobs": -1}, None, 4),
        (("joblib", "joblib", "JoblibLauncher"), {"n_jobs": -2}, None, 3),
        (("joblib", "joblib", "JoblibLauncher"), {"n_jobs": 3}, 2, 2),
        (("submitit", "submitit", "LocalLauncher"), {}, None, 5),
        (("submitit", "submitit", "LocalLauncher"), {}, 2, 2),
        (("submitit", "submitit", "SlurmLauncher"), {}, None, 1),
    ],
)
def test_the_jobs_that_share_a_machine_are_counted(
    plugin: tuple[str, str, str],
    settings: dict[str, object],
    max_batch_size: int | None,
    expected: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "cpu_count", lambda: 4)
    found = of_launcher({"_target_": PLUGINS.format(*plugin), **settings}, 5, max_batch_size)
    assert found is not None
    assert len(found.shares) == expected


def test_jobs_one_after_the_other_run_in_the_process_of_the_command() -> None:
    assert of_launcher({"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"}, 5) is None
    assert of_launcher({"_target_": PLUGINS.format("joblib", "joblib", "JoblibLauncher"), "n_jobs": 1}, 5) is None


def test_joblib_without_a_process_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"hydra\.launcher\.n_jobs: expected a number of jobs"):
        of_launcher({"_target_": PLUGINS.format("joblib", "joblib", "JoblibLauncher"), "n_jobs": 0}, 5)


def test_what_hydra_calls_is_picklable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    node = {"_target_": PLUGINS.format("joblib", "joblib", "JoblibLauncher"), "n_jobs": 2}
    job = jobs._Job(jobs._search_job, SWEEP, of_launcher(node, 2))
    copy = pickle.loads(pickle.dumps(job))
    assert copy == job
    assert copy.beside.surroundings.environment["KERAS_BACKEND"] == "jax"
    assert str(ROOT) in copy.beside.surroundings.path


def test_a_sweep_that_another_process_works_on_starts_no_job(capsys: pytest.CaptureFixture[str]) -> None:
    SWEEP.mkdir()
    with FileLock(SWEEP / ".lock"):
        assert main([*BEGIN, "seed=1,2", "hydra/launcher=joblib"]) == 2
    assert "expected a run that no other process works on" in capsys.readouterr().err
    assert [path.name for path in SWEEP.iterdir()] == [".lock"]


@pytest.mark.engine
@pytest.mark.training
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_job_that_fails_does_not_end_the_one_beside_it(
    launcher: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
    number = ("hydra.launcher.n_jobs=2",) if launcher == "joblib" else ()
    words = (*BEGIN, "constraints.max_parameters=1,null", f"hydra/launcher={launcher}", *number)
    assert main(words) == 1
    shown = capfd.readouterr()
    assert "2 jobs, 2 at once." in shown.out
    assert shown.out.count("Leaderboard") == 1
    assert shown.err.startswith("toonvision: job 0: ")
    statuses = [json.loads((SWEEP / f"{n}" / "summary.json").read_text())["status"] for n in range(2)]
    assert statuses == ["FAILED", "COMPLETED"]
    outputs = [(SWEEP / f"{n}" / "output.txt").read_text() for n in range(2)]
    assert "toonvision: " in outputs[0]
    assert "\ntrial 0001 " in outputs[1]
    assert "\ntrial 0001 " not in shown.out
    assert main(["resume", str(SWEEP)]) == 1
    assert "1 of 2 jobs have ended; 1 go on or start." in capfd.readouterr().out


@pytest.mark.engine
@pytest.mark.training
def test_ctrl_c_ends_all_jobs_and_says_how_to_go_on(tmp_path: Path) -> None:
    """A terminal sends it to the processes of the jobs, too."""
    endless = "tuner.max_trials=10000"
    joblib = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    command = [sys.executable, "-m", "toonvision", *BEGIN, endless, "seed=1,2,3", *joblib]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        while not all((SWEEP / f"{n}" / "trials" / "0001").exists() for n in range(2)):
            assert running.poll() is None
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGINT)
        _, errors = running.communicate()
    assert running.returncode == 130
    assert errors.splitlines()[-1] == f"toonvision: interrupted. To go on: toonvision resume {SWEEP}"
    statuses = [json.loads((SWEEP / f"{n}" / "summary.json").read_text())["status"] for n in range(2)]
    assert statuses == ["INTERRUPTED"] * 2
    assert not (SWEEP / "2" / "summary.json").exists()
