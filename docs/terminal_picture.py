"""Draw the terminal of a run in the middle of its search: python docs/terminal_picture.py RUN, of a finished run."""

from __future__ import annotations

import io
import itertools
import sys
from pathlib import Path

from rich.console import Console

from toonvision.record.observer import EpochEnded, RunOpened, TrialEnded, TrialStarted
from toonvision.record.results import Results
from toonvision.report.run_progress import RunProgress
from toonvision.report.screen import screen
from toonvision.trial.history import HistoryReader
from toonvision.trial.trial import HISTORY, trial_directory

WIDTH, HEIGHT = 104, 26  # characters
RUNNING = 2  # trials at once
EPOCHS = 2  # of each of them
PICTURE = Path(__file__).with_name("terminal.svg")
# Rich's own format without the fonts, which a browser would fetch from another site.
FORMAT = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>{lines}</defs>
<rect fill="#0c0f14" x="1" y="1" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g></svg>
"""


def draw(run: Path) -> str:
    """Return the screen as it was when a third of the trials of a run had not begun, as an SVG."""
    results = Results.load(run)
    now = [0.0]  # seconds
    progress = RunProgress(results.config.objective, clock=lambda: now[0])
    progress.notify(RunOpened(Results(run, results.config, (), results.state, results.overrides)))
    count = 2 * len(results.trials) // 3
    begun = results.trials[: count + RUNNING]
    planned = int(results.config.tuner.arguments["max_trials"])
    for trial in begun:
        progress.notify(TrialStarted(trial, planned))
        if trial.number < count:
            progress.notify(TrialEnded(trial))
            now[0] = trial.elapsed or 0.0
    for trial in begun[count:]:
        rows = HistoryReader(trial_directory(run, trial.number) / HISTORY).new_epochs()
        for metrics in itertools.islice(rows, EPOCHS):
            progress.notify(EpochEnded(trial, metrics, results.config.default_trial.training.epochs, 1))
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
    console.print(screen(progress, console.size))
    return console.export_svg(title="", code_format=FORMAT, unique_id="terminal")


if __name__ == "__main__":
    PICTURE.write_text(draw(Path(sys.argv[1])), encoding="utf-8")
