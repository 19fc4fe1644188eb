"""All speed figures, beside named opponents, into `benchmarks/results.md`.

Command: python -m benchmarks.bench [long] [SECTION ...]
The short version takes some twenty minutes on two usual cores, the long one a day. Sections of the file that are
not measured stay as they are.
"""

from __future__ import annotations

import datetime
import importlib.util
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import same_trials, time_to_target
from benchmarks.sides import INLINE, PLAIN, PROCESSES, Task, label, machine, run

RESULTS = Path(__file__).with_name("results.md")


def same(long: bool) -> list[str]:
    """Return the tables of the same trials at two sizes."""
    small = same_trials.measure(Task(trials=20 if long else 6), 5 if long else 1)
    large = same_trials.measure(
        Task(height=600, width=200, trials=10 if long else 2, epochs=15 if long else 3), 3 if long else 1
    )
    return ["150x50:", "", *small, "", "600x200:", "", *large]


def target(long: bool) -> list[str]:
    """Return the tables of the times to the loss that random search ends with."""
    trials, seeds = (100, 5) if long else (10, 1)
    sides = time_to_target.SIDES if long else time_to_target.SHORT
    digits = time_to_target.measure(Task("digits", 16, 16, trials), seeds, sides)
    lines = [f"Digits at 16x16, {trials} trials:", "", *digits]
    if long:
        lines += ["", "Cogs at 150x50, 100 trials:", "", *time_to_target.measure(Task(trials=trials), seeds, sides)]
    return lines


def parent(long: bool) -> list[str]:
    """Return what a trial costs the parent, beside the library alone."""
    counts = {"random_search": 10_000 if long else 500, "tpe": 1000 if long else 500, "bayesian": 100 if long else 20}
    if importlib.util.find_spec("torch"):  # which Optuna's GPSampler needs
        counts["gp"] = 500 if long else 50
    lines = [
        _output(sys.executable, "-m", "benchmarks.parent_cost", str(count), tuner, "executor=inline", "pruner=none")
        for tuner, count in counts.items()
    ]
    return ["```text", *"".join(lines).splitlines(), "```"]


def memory(long: bool) -> list[str]:
    """Return the parent's memory over many trials."""
    command = ("benchmarks/executors.py", "100" if long else "20", "--", "training.epochs=1")
    return ["```text", *_output(sys.executable, *command).splitlines(), "```"]


def scaling(long: bool) -> list[str]:
    """Return the seconds of one and of two workers of each engine, and the share of the time in which they wait."""
    trials, epochs = (40, 15) if long else (8, 4)
    slurm = "slurm" if shutil.which("sbatch") else "slurm,executor.cluster=local"
    names = ("processes", "dask", "ray", slurm) if long else ("processes", "dask", "ray")
    engines = [f"{name},executor.workers={n}" for name in names for n in (1, 2)]
    words = ("dataset=cogs", "tuner=random_search", "pruner=none", "first=[]", f"training.epochs={epochs}")
    printed = _output(sys.executable, "benchmarks/executors.py", str(trials), "inline", *engines, "--", *words)
    return [
        f"{trials} random trials of {epochs} epochs on cogs at 150x50:",
        "",
        "```text",
        *printed.splitlines(),
        "```",
    ]


def start(long: bool) -> list[str]:
    """Return the seconds of commands that train nothing, and those until the first epoch of each side has ended."""
    toonvision = (sys.executable, "-m", "toonvision")
    commands = {
        "`import tensorflow`": (sys.executable, "-c", "import tensorflow"),
        "`toonvision --help`": (*toonvision, "--help"),
        "`toonvision --cfg job`": (*toonvision, "--cfg", "job"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(9 if long else 3):
        for name, command in commands.items():
            started = time.monotonic()
            _output(*command)
            seconds[name].append(time.monotonic() - started)
    one = Task(trials=1, epochs=1)
    for side in (PLAIN, INLINE, PROCESSES):
        found = [run(side, one).trials[0].seconds for _ in range(5 if long else 1)]
        seconds[f"one trial of one epoch, {label(side)}"] = found
    lines = ["| what | median s |", "| --- | --- |"]
    return [*lines, *(f"| {name} | {statistics.median(found):.1f} |" for name, found in seconds.items())]


def main_job(long: bool) -> list[str]:
    """Return the seconds of the main job; of its smallest version in the short one."""
    words = [] if long else ["experiment=smoke"]
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        _output(sys.executable, "-m", "toonvision", *words, f"hydra.run.dir={folder}/run")
        return [f"`toonvision {' '.join(words)}`: {time.monotonic() - started:.0f} s."]


def gpu(long: bool) -> list[str]:
    """Return trials an hour that share a GPU, where there is one."""
    if shutil.which("nvidia-smi") is None:
        return ["This machine has no GPU."]
    lines = ["| workers | trials an hour |", "| --- | --- |"]
    for workers in (1, 2, 4, 8, 16) if long else (1, 2):
        words = ("benchmarks/executors.py", "32", f"processes,executor.workers={workers}", "--", "dataset=cogs")
        started = time.monotonic()
        _output(sys.executable, *words)
        lines.append(f"| {workers} | {32 * 3600 / (time.monotonic() - started):.0f} |")
    return lines


SECTIONS: dict[str, Callable[[bool], list[str]]] = {
    "The same trials": same,
    "Time to the loss of random search": target,
    "The main job": main_job,
    "What a trial costs the parent": parent,
    "From one worker to two": scaling,
    "Memory": memory,
    "Start": start,
    "GPU": gpu,
}


def _output(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}: {ended.stderr[-2000:]}")
    return ended.stdout


def _sections() -> dict[str, str]:
    """Return the sections of the file by title."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in text.split("\n## ")[1:]}


def main(long: bool, names: list[str]) -> None:
    """Measure the sections, and write each into the file when it is done."""
    if unknown := set(names) - {function.__name__ for function in SECTIONS.values()}:
        raise SystemExit(f"expected sections of {[each.__name__ for each in SECTIONS.values()]}. Received: {unknown}")
    for title, section in SECTIONS.items():
        if names and section.__name__ not in names:
            continue
        print(title, file=sys.stderr, flush=True)
        where = f"{'Long' if long else 'Short'} version, {datetime.date.today()}, {machine()}."
        lines = section(long)  # minutes or hours, in which the file may be edited
        found = _sections() | {title: "\n".join([where, "", *lines])}
        ordered = [name for name in (*SECTIONS, *found) if name in found]
        parts = [f"## {name}\n\n{found[name]}\n" for name in dict.fromkeys(ordered)]
        head = "# Speed\n\n`make bench` measures this file, a section after the other.\n"
        RESULTS.write_text("\n".join([head, *parts]), encoding="utf-8")


if __name__ == "__main__":
    main("long" in sys.argv[1:], [word for word in sys.argv[1:] if word != "long"])
