"""The entry point: help, exit codes, messages, and what it imports."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from toonvision.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
HEAVY_LIBRARIES = {
    *("IPython", "jinja2", "keras", "keras_tuner", "numpy", "optuna", "pandas", "PIL", "plotly", "pyarrow"),
    *("scipy", "sklearn", "sqlalchemy", "tensorboard", "tensorflow"),
}
TUNERS = "asha, bayesian, cmaes, gp, grid_search, hyperband, nsga2, qmc, random_search, tpe"


def test_a_missing_backend_prints_one_message_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setitem(sys.modules, "jax", None)
    assert main(["backend=jax"]) == 2
    assert "keras" not in sys.modules
    errors = capsys.readouterr().err
    assert errors == "toonvision: backend: expected an installed one. Received: 'jax'. Install it: pip install jax.\n"


def test_a_folder_that_cannot_be_written_is_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["hydra.run.dir=run"]) == 1
    errors = capsys.readouterr().err
    assert errors.endswith("run: expected a path that this user can write. Received: Read-only file system.\n")
    assert errors.startswith("toonvision: ")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("check", "usage: toonvision check [OVERRIDE ...] [Hydra's flags]"),
        ("train", "usage: toonvision train [OVERRIDE ...] [Hydra's flags]"),
        ("resume", "usage: toonvision resume [-h] RUN [OVERRIDE ...]"),
        ("report", "usage: toonvision report [-h] RUN"),
        ("narrow", "usage: toonvision narrow [-h] [--quantile QUANTILE]"),
        ("compare", "usage: toonvision compare [-h] [--output FILE.html] RUN RUN [RUN ...]"),
        ("init", "usage: toonvision init [-h] [--trust | --no-trust] DIR"),
        ("tensorboard", "usage: toonvision tensorboard RUN [TensorBoard's own flags]"),
    ],
)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_prints_its_own_help(
    command: str, usage: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, flag])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(usage)


def test_the_help_lists_every_command_and_the_options_of_config_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"toonvision {command}" in shown for command in COMMANDS)
    assert f"tuner: {TUNERS}" in shown
    assert "toonvision experiment=smoke" in shown


@pytest.mark.engine
def test_a_closed_stdout_pipe_is_not_an_error(tmp_path: Path) -> None:
    commands = [["--help"], ["report", "--help"], ["--cfg", "job"], ["--info", "defaults"]]
    script = (
        "import os, sys\nfrom toonvision.cli import main\n"
        f"for arguments in {commands}:\n"
        "    if not os.fork():\n"
        "        reading, writing = os.pipe()\n"
        "        os.close(reading)\n"
        "        os.dup2(writing, 1)\n"
        "        sys.exit(main(arguments))\n"
        "    print(os.wait()[1], flush=True)\n"
    )
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    run = [sys.executable, "-c", script]
    ended = subprocess.run(run, cwd=tmp_path, env=buffered, capture_output=True, text=True, check=True)
    assert (ended.stdout.split(), ended.stderr) == (["0"] * len(commands), "")


@pytest.mark.engine
def test_help_and_configuration_errors_do_not_import_heavy_libraries(tmp_path: Path) -> None:
    commands = [
        *(["--help"], ["report", "--help"], ["--cfg", "job"], ["tuner=hyperbnd"], ["tuner.max_trials=0", "seed=0"]),
        *(["search_space=toonvision_cnn_baseline"], ["train"], ["-m", "training.epochs=1,0"]),
        *(["check", "tuner=hyperbnd"], ["init", "project", "--no-trust"]),
    ]
    script = (
        "import sys\nfrom toonvision.cli import main\n"
        f"for arguments in {commands}:\n"
        "    try: main(arguments)\n    except SystemExit: pass\n"
        f"    print('imported', arguments, sorted({HEAVY_LIBRARIES} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    imported = [line for line in process.stdout.splitlines() if line.startswith("imported")]
    assert imported == [f"imported {arguments} []" for arguments in commands]
