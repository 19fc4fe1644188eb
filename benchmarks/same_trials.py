"""The same trials by toonvision and by plain KerasTuner: the seconds of the whole process.

Command: python -m benchmarks.same_trials [TRIALS] [REPETITIONS] [HEIGHT WIDTH]
All sides search at random with one seed, on the same arrays, for as many epochs, with the same early stopping,
validation and curves for TensorBoard; each run checks that the values of its trials are those of the other sides.
KerasTuner saves the weights of each trial; toonvision trains the best values again, and neither that nor the comparison
is in the time.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.sides import INLINE, ONEDNN_TOO, PLAIN, PROCESSES, Outcome, Task, label, machine, run

# Where TensorFlow uses oneDNN by itself, telling it so makes no difference.
_BY_ITSELF = "avx512_vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
SIDES = (PLAIN, INLINE, PROCESSES) if _BY_ITSELF else (PLAIN, ONEDNN_TOO, INLINE, PROCESSES)


def measure(task: Task, repetitions: int) -> list[str]:
    """Run the sides in turn, and return a table.

    Raises:
        SystemExit: if the sides have trained other values.
    """
    found: dict[str, list[Outcome]] = {side: [] for side in SIDES}
    for _ in range(repetitions):
        for side in SIDES:
            found[side].append(run(side, task))
            print(f"{task.height}x{task.width} {side}: {found[side][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    names = found[PLAIN][0].trials[0].values
    ordered = {
        side: sorted(str([trial.values[name] for name in names]) for trial in outcomes[0].trials)
        for side, outcomes in found.items()
    }
    if any(values != ordered[PLAIN] for values in ordered.values()):
        raise SystemExit(f"the sides have trained other values: {ordered}")
    lines = ["| side | median s | ratio to plain KerasTuner, of each repetition |", "| --- | --- | --- |"]
    for side, outcomes in found.items():
        ratios = [one.seconds / other.seconds for one, other in zip(outcomes, found[PLAIN], strict=True)]
        median = statistics.median(outcome.seconds for outcome in outcomes)
        lines.append(f"| {label(side)} | {median:.1f} | {', '.join(f'{ratio:.2f}' for ratio in ratios)} |")
    return lines


if __name__ == "__main__":
    trials, repetitions, height, width = (*map(int, sys.argv[1:]), *(20, 3, 150, 50)[len(sys.argv) - 1 :])
    print(machine())
    print("\n".join(measure(Task(trials=trials, height=height, width=width), repetitions)))
