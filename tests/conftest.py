"""What all tests share: one TensorFlow thread a worker of xdist, a cache of datasets, and quick runs."""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # two workers share two cores
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import gc
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from absl import logging as absl_logging

import toonvision
from tests.configuration import in_this_process
from tests.parsed_once import parsed_once

if TYPE_CHECKING:  # the process that hands out the tests reads this file, too, and runs none
    from toonvision.record.results import Results

# Draws the cogs once for all tests and workers; tests of a cache itself set their own.
os.environ.setdefault("TOONVISION_CACHE", str(Path(tempfile.gettempdir(), f"toonvision-tests-{os.getuid()}")))

# Hydra's logging closes the handlers of others, and absl's its stream, which would be pytest's capture.
absl_logging.get_absl_handler().python_handler.stream = sys.__stderr__

# Composing and validating make many objects and few cycles.
gc.set_threshold(50_000, 20, 50)

# A shell lets what it starts in the background ignore Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same trials whatever came of those before, no finalists, and no page, which takes as long as a training.
SEARCH = ("tuner=random_search", "pruner=none", "first=[]", "finalists.count=0", "report.formats.page=null")
QUICK = (
    "dataset=digits",
    *SEARCH,
    "tuner.max_trials=2",
    "training.epochs=1",
    "training.retrain={epochs:1,seeds:1}",
)

Train = Callable[..., "Results"]


def pytest_collection_finish() -> None:
    """Leave out of every later garbage collection what the tests have imported: walking Keras's objects takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _each_text_is_parsed_once() -> Iterator[None]:
    with parsed_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _outside_of_the_project(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Runs that several tests share point at themselves by outputs/latest, too."""
    os.chdir(tmp_path_factory.mktemp("shared"))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "of-the-user"))  # where trusted directories are recorded


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Run the main job with real trials, on digits and quickly unless overridden; the comparison is simulated."""

    from tests import simulation

    def train_quickly(*overrides: str, quick: Sequence[str] = QUICK) -> Results:
        cfg = toonvision.compose(in_this_process(*quick, *overrides))
        return toonvision.run(cfg, tmp_path / "run", trainer=simulation.real_trials())

    return train_quickly


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished quick run with nothing simulated, to be read only."""
    return toonvision.run(toonvision.compose(in_this_process(*QUICK)), tmp_path_factory.mktemp("trained"))


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[[str], str]:
    """Write an experiment into the working directory, and return the override that chooses it."""

    def write(text: str) -> str:
        (tmp_path / "conf" / "experiment").mkdir(parents=True)
        (tmp_path / "conf" / "experiment" / "mine.yaml").write_text(text)
        return "experiment=mine"

    return write
