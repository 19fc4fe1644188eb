"""How long the reports of a run take: from the record of many synthetic trials, each format by itself.

Command: python -m benchmarks.reports [TRIALS] [OVERRIDE ...]
Prints the seconds of reading the record, of each format of `report.formats`, and of `toonvision report` as a whole. The
goal: under five seconds a format, reading included, of 1,000 trials.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.synthetic_run import completed_run
from toonvision.config.node import instantiate
from toonvision.record.results import Results

EPOCHS = 15  # of each trial, as by default


def main(trials: int, overrides: list[str]) -> None:
    """Make the run, and print how long its reports take."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder, "run")
        completed_run(directory, *overrides, trials=trials, epochs=EPOCHS)
        started = time.perf_counter()
        results = Results.load(directory)
        load = time.perf_counter() - started
        print(f"{'reading the record':<24} {load:6.2f} s, {trials:,} trials")
        for name, node in results.config.report.formats.items():
            if node is None:
                continue
            started = time.perf_counter()
            path = instantiate(node, f"report.formats.{name}", results=results, directory=Path(folder))
            seconds = time.perf_counter() - started
            print(f"{name:<24} {seconds:6.2f} s, with reading {load + seconds:6.2f} s, {size(path):,} bytes")
        started = time.perf_counter()
        command = [sys.executable, "-m", "toonvision", "report", str(directory)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"{'toonvision report':<24} {time.perf_counter() - started:6.2f} s")


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
