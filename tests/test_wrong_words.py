"""Wrong words of the command line, and wrong files of options: one message with its place, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.cli import main
from toonvision.config.trust import TRUSTED_VARIABLE

WORD = "expected an override, as group=option or key=value, with its quotes and brackets closed. Received: "
TUNERS = (
    "tuner: expected one of bayesian, cmaes, gp, grid_search, hyperband, nsga2, qmc, random_search, tpe. Received: "
)
MERGED = "expected a mapping with entries: it is merged into the one that is there. Received: {}."
# One line a case: the words, and how the message begins.
WORDS = [
    (["dataset='x"], WORD),
    (["seed=[1"], WORD),
    (["seed={a"], WORD),
    (["seed='1"], WORD),
    (["a=b=c=$"], WORD),
    (["seed="], "seed: expected a whole number"),
    ([""], f"{WORD}''."),
    (["  "], f"{WORD}'  '."),
    (["-m", "seed=1,"], f"{WORD}'seed=1,'."),
    (["-m", "seed=,"], WORD),
    (["tuner=null"], f"{TUNERS}null."),
    (["tuner=3"], f"{TUNERS}3."),
    (["tuner=true"], f"{TUNERS}True."),
    (["tuner=tpee"], f"{TUNERS}'tpee'. Did you mean 'tpe'?"),
    (["--cfg", "job", "tuner=null"], f"{TUNERS}null."),
    (["check", "tuner=3"], f"{TUNERS}3."),
    (["train", "tuner=3"], f"{TUNERS}3."),
    (["strategy.rounds={}"], f"strategy.rounds: {MERGED}"),
    (["search_space={}"], f"search_space: {MERGED}"),
    (["model.blocks={}"], f"model.blocks: {MERGED}"),
    (["hydra.run.dir=file"], "hydra.run.dir: expected a directory. Received: 'file': file is a file."),
    (["hydra.run.dir=file/below"], "hydra.run.dir: expected a directory. Received: 'file/below': file is a file."),
    (["-m", "seed=1,2", "hydra.sweep.dir=file"], "hydra.sweep.dir: expected a directory. Received: 'file'"),
    (["executor=processes", "executor.workers=1000000000"], "executor.workers: expected 'auto' or a whole number"),
    (["pruner=tpe"], "pruner: expected one of hyperband, median, none, successive_halving, wilcoxon. Received: 'tpe'."),
    (["search_space.conv_1_filters.max_value=17"], "search_space.conv_1_filters: expected a step that reaches max"),
    (["search_space.conv_1_filters.step=100"], "search_space.conv_1_filters: expected a step that reaches max_value"),
]
# One line a case: what a file of options holds, and the message after its path.
FILES = [
    (b"a: [1", ":1:6: expected YAML in UTF-8. Received: "),
    (b"seed: 1\nseed: 2\n", ":2:1: expected YAML in UTF-8. Received: found duplicate key seed."),
    (b"a:\n\t- 1\n", ":2:1: expected YAML in UTF-8. Received: found character '\\t'"),
    (b"a: \x00\n", ": expected YAML in UTF-8. Received: the character 0 at position 3."),
    ("ä: 1".encode("latin-1"), ": expected YAML in UTF-8. Received: the byte 0xe4 at position 0."),
    (b"\xff\xfea", ": expected YAML in UTF-8. Received: the byte 0xff at position 0."),
    (b"a: !!python/name:os.system\n", ":1:4: expected YAML in UTF-8. Received: could not determine a constructor"),
]


@pytest.mark.parametrize(("words", "message"), WORDS)
def test_a_wrong_word_is_explained(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"toonvision: {message}")


@pytest.mark.parametrize(("content", "message"), FILES)
def test_a_wrong_file_is_named(content: bytes, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path.cwd() / "conf" / "experiment" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert main(["experiment=mine"]) == 2
    assert capsys.readouterr().err.startswith(f"toonvision: {file}{message}")


def test_a_file_of_a_trusted_project_that_contains_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, str(Path.cwd()))
    Path("conf/experiment").mkdir(parents=True)
    Path("conf/experiment/mine.yaml").write_text("a: &a [*a]\n")
    assert main(["experiment=mine"]) == 2
    assert "of which no part contains itself. Received: a cycle of anchors." in capsys.readouterr().err
