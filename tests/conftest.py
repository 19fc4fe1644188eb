"""What all tests share: one TensorFlow thread a worker of xdist, a cache of datasets, and quick runs."""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # two workers share two cores

import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from absl import logging as absl_logging

import toonvision
from toonvision.record.results import Results

# Draws the cogs once for all tests and workers; tests of a cache itself set their own.
os.environ.setdefault("TOONVISION_CACHE", str(Path(tempfile.gettempdir(), f"toonvision-tests-{os.getuid()}")))

# Hydra's logging closes the handlers of others, and absl's its stream, which would be pytest's capture.
absl_logging.get_absl_handler().python_handler.stream = sys.__stderr__

# A shell lets what it starts in the background ignore Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same trials whatever came of those before, and no page, which takes as long as a training.
SEARCH = ("tuner=random_search", "pruner=none", "report.formats.page=null")
QUICK = (
    "dataset=digits",
    *SEARCH,
    "tuner.max_trials=2",
    "training.epochs=1",
    "training.retrain={epochs:1,seeds:1}",
)

Run = Callable[..., Results]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test, during which the other worker does the rest."""
    items.sort(key=lambda item: "killed_again_and_again" not in item.name)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the main job in this process, on digits and quickly unless overridden."""

    def run_quickly(*overrides: str, quick: Sequence[str] = QUICK) -> Results:
        return toonvision.run(toonvision.compose([*quick, *overrides]), tmp_path / "run")

    return run_quickly


@pytest.fixture
def unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the comparison where the search is what is tested: two trainings more than that needs."""
    from tests.light_trial import compare_light  # imports Keras
    from toonvision import job

    monkeypatch.setattr(job, "KERAS", replace(job.KERAS, compare=compare_light))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished quick run, to be read only."""
    return toonvision.run(toonvision.compose(QUICK), tmp_path_factory.mktemp("finished"))


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[[str], str]:
    """Write an experiment into the working directory, and return the override that chooses it."""

    def write(text: str) -> str:
        (tmp_path / "conf" / "experiment").mkdir(parents=True)
        (tmp_path / "conf" / "experiment" / "mine.yaml").write_text(text)
        return "experiment=mine"

    return write
