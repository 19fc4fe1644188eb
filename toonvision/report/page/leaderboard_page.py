"""Writing the page of a leaderboard: for each dataset and objective a table of groups of runs, and anytime curves."""

from __future__ import annotations

import itertools
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.report.anytime import by_epochs, by_seconds, curve
from toonvision.report.groups import Group, fresh_score, groups
from toonvision.report.options import SEED, differing_options
from toonvision.report.page.anytime_figure import anytime_figure
from toonvision.report.page.document import document, joined
from toonvision.report.page.figure import Figure
from toonvision.report.page.theme import templates

_PAGE = Path("report", "index.html")


@dataclass(frozen=True, slots=True)
class RunCell:
    """A run as the table names it, with a link to its page, or to its directory if it has none."""

    name: str
    href: str
    seed: int
    score: float | None
    status: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One group of runs: the values of the options of its section, and the means over its runs."""

    options: list[str | None]
    runs: list[RunCell]
    mean: float | None
    interval: tuple[float, float] | None
    mean_rank: float | None
    chance: float | None
    test_mean: float | None
    trials: float
    epochs: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Section:
    """All runs of one dataset and one objective."""

    anchor: str
    title: str
    lead: str
    score: str
    measure: str | None
    options: list[str]
    rows: list[Row]
    failed: list[RunCell]
    figures: list[Figure]

    @property
    def has_seeds(self) -> bool:
        """Whether any row has several runs."""
        return any(len(row.runs) > 1 for row in self.rows)

    @property
    def has_ranks(self) -> bool:
        """Whether rows can be ranked seed by seed."""
        return self.has_seeds and any(row.mean_rank is not None for row in self.rows)


def write(runs: Sequence[Results], path: Path) -> Path:
    """Write the page of a leaderboard, which fetches nothing, and return its path.

    Args:
        runs: at least one.
        path: of the page; it links to the pages of the runs by relative paths.
    """
    options = differing_options(runs)
    values = {id(run): [options[name][index] for name in options] for index, run in enumerate(runs)}
    by_kind = itertools.groupby(sorted(runs, key=_kind), key=_kind)
    sections = [
        _section(index, list(members), list(options), values, path.parent) for index, (_, members) in enumerate(by_kind)
    ]
    datasets = len({run.state.dataset for run in runs})
    failed = sum(len(section.failed) for section in sections)
    title = f"{len(runs)} run{'s' if len(runs) > 1 else ''} on {datasets} dataset{'s' if datasets > 1 else ''}"
    figures = [figure for section in sections for figure in section.figures if not figure.missing]
    content = {
        "title": f"{title}, {failed} of them not completed." if failed else f"{title}.",
        "has_seeds": any(section.has_seeds for section in sections),
        "sections": sections,
        "footer": str(path.parent),
        "data": {
            "figures": {figure.name: {"data": figure.data, "layout": figure.layout} for figure in figures},
            "templates": templates(),
        },
    }
    scripts = {"leaderboard": joined("near.js", "leaderboard.js")}
    html = document("leaderboard.html.jinja", scripts=scripts, content=content)
    path.write_text(html, encoding="utf-8", errors="replace")  # a file name may be no UTF-8
    return path


def _kind(run: Results) -> tuple[str, str]:
    return run.state.dataset or "", run.config.objective.name


def _section(
    index: int, runs: Sequence[Results], names: Sequence[str], values: dict[int, list[str | None]], folder: Path
) -> Section:
    dataset, objective = _kind(runs[0])
    found = groups(runs)
    has_seeds = any(len(group.runs) > 1 for group in found)
    shown = [
        place
        for place, name in enumerate(names)
        if not (name == SEED and has_seeds) and len({values[id(run)][place] for run in runs}) > 1
    ]
    labels = {place: names[place] for place in shown}
    rows = [_row(group, [values[id(group.runs[0])][place] for place in shown], folder) for group in found]
    measures = {run.comparison.verdict.decisive.name for run in runs if run.comparison}
    is_fresh = all(fresh_score(run) is not None for run in runs if run.chosen())
    scored = "with fresh seeds" if is_fresh and any(run.chosen() for run in runs) else "of the search"
    cells = [_cell(run, None, folder) for run in runs if run.state.status is not RunStatus.COMPLETED]
    return Section(
        anchor=f"dataset-{index}",
        title=f"{dataset or 'No data read'} · {objective}",
        lead=f"The {objective} is that of the chosen trials, {scored}; {_better(runs[0])} is better.",
        score=f"mean {objective}" if has_seeds else objective,
        measure=f"mean {measures.pop()}" if len(measures) == 1 else None,
        options=list(labels.values()),
        rows=rows,
        failed=cells,
        figures=_figures(index, found, rows, list(labels.values())),
    )


def _better(run: Results) -> str:
    return "less" if run.config.objective.direction == "min" else "more"


def _figures(index: int, found: Sequence[Group], rows: Sequence[Row], names: Sequence[str]) -> list[Figure]:
    objective = found[0].runs[0].config.objective.name
    if not any(group.known for group in found):
        return []
    figures = []
    for spent, steps in (("epochs", by_epochs), ("seconds", by_seconds)):
        curves = {
            label: curve([steps(run) for run in group.runs if run.chosen()])
            for label, group in zip(_labels(rows, names), found, strict=True)
        }
        figures.append(anytime_figure(f"anytime-{index}-{spent}", curves, spent=spent, objective=objective))
    return figures


def _labels(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Return a distinct name for each row: its options, and its first run where these are those of another row."""
    plain = [", ".join(value or f"no {name}" for name, value in zip(names, row.options, strict=True)) for row in rows]
    return [
        label if label and plain.count(label) == 1 else f"{label} {row.runs[0].name}".strip()
        for label, row in zip(plain, rows, strict=True)
    ]


def _row(group: Group, options: list[str | None], folder: Path) -> Row:
    tests = [run.comparison.verdict.of(run.comparison.verdict.tuned).mean for run in group.runs if run.comparison]
    return Row(
        options=options,
        runs=[_cell(run, score, folder) for run, score in zip(group.runs, group.scores, strict=True)],
        mean=group.mean,
        interval=group.interval,
        mean_rank=group.mean_rank,
        chance=group.chance,
        test_mean=statistics.fmean(tests) if tests else None,
        trials=statistics.fmean(len(run.trials) for run in group.runs),
        epochs=statistics.fmean(sum(trial.outcome.epochs for trial in run.trials) for run in group.runs),
        seconds=statistics.fmean(run.state.seconds for run in group.runs),
    )


def _cell(run: Results, score: float | None, folder: Path) -> RunCell:
    name = os.path.relpath(run.directory, folder)
    linked = run.directory / _PAGE
    href = quote(os.path.relpath(linked if linked.is_file() else run.directory, folder), errors="replace")
    return RunCell(name, href, run.config.seed, score, run.state.status.value, run.state.error)
