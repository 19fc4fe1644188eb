"""Large data: seconds and memory of the first and the second start, and a dataset beyond the memory of the process.

Command: python -m benchmarks.large_data
Makes 60,000 pictures, a table of a million rows, and batches of 3.9 GB, which are read while the data segment of the
process is limited to 3 GB. Prints a row for each; needs 1 GB on the disk.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from PIL import Image

import toonvision
from toonvision.config.compose import compose

EXAMPLES, SIDE, SIZE = 20_000, 128, 64  # of the batches: 3.9 GB of float32
LIMIT = 3_000_000 * 1024  # bytes of data
SHORT = (
    *("model=mlp", "search_space.n_layers=1", "search_space.units_1=8", "tuner.max_trials=1", "training.epochs=1"),
    *("executor=inline", "first=[]", "pruner=none", "finalists.count=0", "training.retrain={epochs:1,seeds:1}"),
)
# A process of its own that does not import Keras, which this module does.
LOAD = """
import resource, sys, time
started = time.monotonic()
from toonvision.config.compose import compose
from toonvision.dataset import load_dataset
from toonvision.validation.validate import validate
load_dataset(validate(compose(sys.argv[1:])).default_trial.dataset)
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{time.monotonic() - started:.1f} | {most:.0f}")
"""


class Stripes(keras.utils.PyDataset):
    """Pictures of two brightnesses, made when they are asked for."""

    def __init__(self, split: str) -> None:
        super().__init__()
        self.seed, self.examples = len(split), EXAMPLES if split == "train" else 10 * SIZE

    @property
    def num_batches(self) -> int:
        """Of the split."""
        return self.examples // SIZE

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, index])
        y = rng.integers(0, 2, SIZE)
        x = np.empty((SIZE, SIDE, SIDE, 3), np.float32)
        x[:] = 0.2 * y[:, None, None, None]
        x[:, 0] = rng.random((SIZE, SIDE, 3), np.float32)
        return x, y


def main() -> None:
    """Make the data, and start a process for each row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"TOONVISION_CACHE": str(folder / "cache"), "TOONVISION_TRUSTED": "benchmarks.large_data"}
        _make_pictures(folder / "pictures")
        _make_table(folder / "rows.csv")
        pictures = ("dataset=image_directory", f"dataset.path={folder / 'pictures'}", "dataset.image_size=[32,32]")
        table = ("dataset=table", f"dataset.path={folder / 'rows.csv'}", "dataset.target=sold", "model=mlp")
        batches = ("dataset=function", "dataset.build._target_=benchmarks.large_data.Stripes", *SHORT)
        print("| data | seconds | MiB at most |\n| --- | --- | --- |", flush=True)
        for what, kind, overrides in (
            ("60,000 pictures, first start", "load", pictures),
            ("60,000 pictures, second start", "load", pictures),
            ("a million rows", "load", table),
            ("3.9 GB in batches, the main job, with a limit of 3 GB", "run", batches),
        ):
            program = ["-c", LOAD] if kind == "load" else ["-m", "benchmarks.large_data", str(folder / "run")]
            command = [sys.executable, *program, *overrides]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            print(f"| {what} | {ended.stdout.splitlines()[-1] if not ended.returncode else ended.stderr} |", flush=True)


def run(directory: str, overrides: Sequence[str]) -> None:
    """Run the main job with limited memory; print the seconds and the most memory."""
    started = time.monotonic()
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    toonvision.run(compose(list(overrides)), Path(directory))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.monotonic() - started:.1f} | {most:.0f}")


def _make_pictures(folder: Path) -> None:
    for split, count in (("train", 5000), ("test", 1000)):
        for label in range(10):
            rng, below = np.random.default_rng(label), folder / split / f"class_{label}"
            below.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(below / f"{number:05d}.png", compress_level=1)


def _make_table(file: Path) -> None:
    rng, rows = np.random.default_rng(0), 1_000_000
    columns = {f"number_{index}": rng.normal(size=rows).round(4) for index in range(10)}
    columns |= {f"kind_{index}": rng.choice(list("abcdefgh"), rows) for index in range(5)}
    pd.DataFrame({**columns, "sold": rng.choice(["yes", "no"], rows)}).to_csv(file, index=False)


if __name__ == "__main__":
    if sys.argv[1:]:
        run(sys.argv[1], sys.argv[2:])
    else:
        main()
