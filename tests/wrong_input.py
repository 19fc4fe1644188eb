"""Wrong input, run as `toonvision` runs: one process for each group, in which each case has a new working directory.

To add a case, add a line to `wrong_input.txt`, to FILES, or to RUNS.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.parsed_once import parsed_once

TABLE = Path(__file__).with_suffix(".txt")
RUN = Path(__file__).parent / "fixtures" / "run_0_1"
HEAVY = ("tensorflow", "keras", "keras_tuner", "jax", "torch")
YAML = "mine.yaml ... expected YAML in UTF-8. ... Received: "
# What the file of an experiment holds, and the message.
FILES = [
    (b"a: [1", f"{YAML}expected ',' or ']', but got '<stream end>'."),
    (b"seed: 1\nseed: 2\n", f"{YAML}found duplicate key seed."),
    (b"a:\n\t- 1\n", f"{YAML}found character '\\t' that cannot start any token."),
    (b"a: \x00\n", "mine.yaml: expected YAML in UTF-8. Received: the character 0 at position 3."),
    (b"\xe4: 1", "mine.yaml: expected YAML in UTF-8. Received: the byte 0xe4 at position 0."),
    (b"\xff\xfea", "mine.yaml: expected YAML in UTF-8. Received: the byte 0xff at position 0."),
    (b"a: !!python/name:os.system\n", f"{YAML}could not determine a constructor for the tag"),
    (b"a: &a [*a]\n", "mine.yaml: expected at most 100000 values, ... where no part contains itself. Received: more."),
    (b"- 1\n", "experiment: ... The YAML of an experiment opens with '# @package _global_'."),
    (b"3\n", "mine.yaml: expected a mapping. Received: "),
    (b"# @package _global_\ndefaults: 3\n", "Invalid defaults list in 'experiment/mine', defaults must be a list"),
    (b"# @package _global_\ndefaults:\n  - override /tuner: tpee\n", "tuner: ... Did you mean 'tpe'?"),
    (b"# @package _global_\ndefaults:\n  - /tuner: tpe\n", "tuner appears more than once in the final defaults list"),
    (b"epochs: 3\n", "experiment: ... The YAML of an experiment opens with '# @package _global_'."),
    (b"# @package _global_\ntraining: {epocs: 3}\n", "training.epocs: ... Did you mean 'epochs'?"),
    (b"# @package _global_\ntuner: {_target_: os.system}\n", "tuner._target_: ... Received: 'os.system'."),
    (b"# @package _global_\nseed: a\n", "seed: expected a whole number from 1 to 2147483647. Received: 'a'."),
]
CONFIG, RECORD, OVERRIDES = ".hydra/config.yaml", "study.db", ".hydra/overrides.yaml"
NO_DATABASE = "run: expected a record that toonvision has written. Received: "
NO_RECORD = "expected the directory of a run. Received: 'run', without a record."
NO_YAML = "run/.hydra/config.yaml: expected YAML in UTF-8. Received: "
WARM = "warm_start=run  dataset=breast_cancer  model=mlp"
# The words; a file of the run, its content (None: it is deleted), the message and the exit code.
RUNS = [
    ("report  run", RECORD, b"no database", NO_DATABASE, 1),
    ("narrow  run", RECORD, b"no database", NO_DATABASE, 1),
    ("compare  run  run", RECORD, b"no database", NO_DATABASE, 1),
    ("resume  run", RECORD, b"no database", NO_DATABASE, 1),
    (WARM, RECORD, b"no database", NO_DATABASE, 1),
    ("report  run", RECORD, b"", NO_DATABASE, 1),
    ("report  run", RECORD, None, NO_RECORD, 2),
    ("narrow  run", RECORD, None, NO_RECORD, 2),
    ("compare  run  run", RECORD, None, NO_RECORD, 2),
    ("resume  run", RECORD, None, NO_RECORD, 2),
    ("report  run", CONFIG, None, "expected the directory of a run. Received: 'run', without run/.hydra", 2),
    ("report  run", CONFIG, b"a: [1", NO_YAML, 1),
    ("narrow  run", CONFIG, b"a: [1", NO_YAML, 1),
    ("compare  run  run", CONFIG, b"a: [1", NO_YAML, 1),
    ("resume  run", CONFIG, b"a: [1", NO_YAML, 1),
    (WARM, CONFIG, b"a: [1", NO_YAML, 1),
    ("report  run", CONFIG, b"\xff\xfe", NO_YAML, 1),
    ("report  run", CONFIG, b"a: \x00", NO_YAML, 1),
    ("report  run", CONFIG, b"seed: 1\nseed: 2\n", NO_YAML, 1),
    ("report  run", CONFIG, b"", "run/.hydra/config.yaml: expected a configuration that toonvision has written.", 1),
    ("report  run", CONFIG, b"seed: 3", "run/.hydra/config.yaml: expected a configuration that toonvision has", 1),
    ("report  run", CONFIG, b"- 1", "run/.hydra/config.yaml: expected a mapping. Received: ListConfig.", 1),
    ("report  run", OVERRIDES, b"{", "run/.hydra/overrides.yaml: expected YAML in UTF-8. Received: ", 1),
    ("report  run", OVERRIDES, b"3", "run/.hydra/overrides.yaml: expected YAML in UTF-8. Received: ", 1),
    ("resume  run  tuner=hyperband", "file", b"", "tuner._target_: 'toonvision.oracle.sampler.SamplerOracle' -> ", 2),
    ("resume  run  training.epochs=9", "file", b"", "training.epochs: 4 -> 9", 2),
    ("resume  run  tuner.max_trials=1", "file", b"", "tuner.max_trials: expected at least 6, the run's trials.", 2),
    ("resume  run  tuner.max_trial=9", "file", b"", "tuner.max_trial: ... Did you mean 'max_trials'?", 2),
    ("narrow  run  --quantile  2", "file", b"", "quantile: expected a share between 0 and 1. Received: 2.0.", 2),
    ("narrow  run  --quantile  0", "file", b"", "quantile: expected a share between 0 and 1. Received: 0.0.", 2),
    ("narrow  run  --accept  unit_1", "file", b"", "accept: ... Did you mean 'units_1'?", 2),
    ("narrow  run  --refuse  unit_1", "file", b"", "refuse: ... Did you mean 'units_1'?", 2),
    ("narrow  run  --threshold  nan", "file", b"", "threshold: expected a finite number. Received: nan.", 2),
    ("hydra.run.dir=run  dataset=digits", "file", b"", "hydra.run.dir: expected a directory without a run in it.", 2),
]


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong input.

    Attributes:
        words: of the command line.
        message: parts of the one message, in their order.
        file: that is written before, or deleted; one in the folder `run` lies in a finished run.
        content: of the file.
        code: expected exit code.
    """

    words: tuple[str, ...]
    message: tuple[str, ...]
    file: str = "file"
    content: bytes | None = b""
    code: int = 2


class Ending(NamedTuple):
    """What a command has come to: exit code, errors, and the heavy packages that are imported."""

    code: int | str
    errors: str
    heavy: list[str]


def cases() -> dict[str, list[Case]]:
    """Return all cases by their group."""
    found: dict[str, list[Case]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = found[line.strip("[]")] = []
        elif "  =>  " in line:
            words, _, message = line.partition("  =>  ")
            group.append(Case(_split(words), _parts(message)))
    found["overrides"] += [Case((word,), ("expected an override, as group=option",)) for word in ("", "  ")]
    mine = "conf/experiment/mine.yaml"
    found["files"] = [Case(("experiment=mine",), _parts(message), mine, content) for content, message in FILES]
    found["runs"] = [Case(_split(words), _parts(m), f"run/{file}", text, code) for words, file, text, m, code in RUNS]
    return found


def endings(group: str) -> Iterator[Ending]:
    """Run the cases of a group in this process."""
    for case in cases()[group]:
        with tempfile.TemporaryDirectory() as directory, contextlib.chdir(directory):
            os.environ["XDG_CONFIG_HOME"] = directory
            if case.file.startswith("run/"):
                shutil.copytree(RUN, "run")
            file = Path(case.file)
            if case.content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(case.content)
            yield _ending(case.words)


def _ending(words: tuple[str, ...]) -> Ending:
    from toonvision.cli import main

    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        try:
            code: int | str = main(words)
        except BaseException as error:  # noqa: BLE001 - a traceback must not come
            code = repr(error)
    return Ending(code, errors.getvalue(), [m for m in HEAVY if m in sys.modules])


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split("  "))


def _parts(message: str) -> tuple[str, ...]:
    return tuple(message.removeprefix("... ").split(" ... "))


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 50)  # as in conftest.py
    with parsed_once():
        sys.stdout.write(json.dumps(list(endings(sys.argv[1]))))
