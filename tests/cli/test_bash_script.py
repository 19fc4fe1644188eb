"""The completion of the command line, by bash itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toonvision.cli import COMMANDS, main
from toonvision.cli.bash_script import bash_script
from toonvision.cli.commands import SEARCH

BASH = shutil.which("bash") or ""
CALL = """
toonvision() { "$PYTHON" -m toonvision "$@"; }
COMP_LINE=$LINE COMP_POINT=${#LINE}
_toonvision
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script() -> str:
    return bash_script(COMMANDS, SEARCH)


@pytest.mark.engine
@pytest.mark.skipif(not BASH, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("toonvision res", "resume resampling="),
        ("toonvision tuner=r", "random_search"),  # what follows the last =, as bash replaces it
        ("toonvision -m tuner=tpe,r", "tpe,random_search"),
        ("toonvision tuner.max_tr", "tuner.max_trials="),
        ("toonvision search_space@baseline=mlp", "mlp mlp_baseline"),
        ("toonvision resume outputs/", "outputs/2026-01-31/ outputs/latest/"),
        ("toonvision resume outputs/latest tuner.max_tr", "tuner.max_trials="),
        ("toonvision show storage=", "journal sqlite"),
        ("toonvision list re", "report resampling"),
        ("toonvision narrow outputs/latest --q", "--quantile"),
        ("toonvision predict outputs/latest ne", "new.csv"),
        ("toonvision dataset=table dataset.path=ne", "new.csv"),
        ("toonvision completion ", "bash"),
        ("toonvision schema ", ""),
        ("toonvision adopt my_pack", ""),
        ("toonvision ~search_space.opt", "~search_space.optimizer="),
    ],
)
def test_a_line_is_completed(line: str, expected: str, script: str) -> None:
    for folder in ("outputs/2026-01-31", "outputs/latest"):
        Path(folder).mkdir(parents=True)
    for file in ("new.csv", "outputs/notes.txt"):
        Path(file).touch()
    done = subprocess.run(
        [BASH, "--norc", "-c", script + CALL],
        env={"LINE": line, "PYTHON": sys.executable, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == sorted(expected.split())
    assert done.stderr == ""


def test_each_command_has_its_options_and_what_stands_in_its_places(script: str) -> None:
    cases = dict(re.findall(r"^    ([\w*]+)\) (options=.*) first=\d ;;$", script, re.MULTILINE))
    assert list(cases) == [*COMMANDS, "*"]
    assert cases["resume"] == "options=--help places='RUN OVERRIDE'"
    assert "--quantile --threshold" in cases["narrow"]
    assert "--multirun" in cases["*"]
    assert "shell-completion" not in script  # Hydra's own, which is slower


def test_the_command_prints_the_script(capsys: pytest.CaptureFixture[str], script: str) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == script + "\n"
    assert main(["-sc", "install=bash"]) == 2
    assert "expected the command: toonvision completion." in capsys.readouterr().err
