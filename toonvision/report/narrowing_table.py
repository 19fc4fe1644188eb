"""What narrowing found, for the terminal: a row a hyperparameter, and below it the evidence for each cut."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from toonvision.narrowing.entry import described
from toonvision.narrowing.evidence import Evidence, Narrowing
from toonvision.record.results import Results
from toonvision.report.narrowed_space import caution, cut_sentence, edge_sentence, percent, spread, summary


def show_narrowing(narrowing: Narrowing, results: Results, console: Console) -> None:
    """Print the whole page."""
    console.print(page(narrowing, results))


def page(narrowing: Narrowing, results: Results) -> Group:
    """Return the table, the cuts in words, what was left, and where to widen."""
    evidence = narrowing.evidence
    cuts = [f"{one.name} {cut_sentence(cut)}" for one in evidence for cut in one.cuts]
    refused = [
        f"{one.name} {cut_sentence(one.open)}" for one in evidence if one.open is not None and one.open.is_supported
    ]
    edges = [f"{one.name}: {edge_sentence(one)}" for one in evidence if one.edge is not None]
    parts: list[RenderableType] = ["", table(narrowing), ""]
    parts += _section("Cut", cuts or ["nothing: no cut is beyond chance"])
    parts += _section("Beyond chance, but not wanted", refused)
    parts += _section("Consider widening", edges)
    parts += [Text(summary(narrowing, results), style="bold"), Text(caution(results), style="yellow")]
    return Group(*(part for part in parts if str(part) or part == ""))


def table(narrowing: Narrowing) -> Table:
    """Return what the trials say of each hyperparameter, those that change in green."""
    shown = Table(
        title="What the trials say of each hyperparameter",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
    )
    shown.add_column("hyperparameter", no_wrap=True)
    for name in ("searched", "next"):
        shown.add_column(name)
    for name in ("good", "rest", "importance", "stays"):
        shown.add_column(name, justify="right")
    for evidence in narrowing.evidence:
        shown.add_row(*_cells(evidence), style="green" if evidence.is_changed else None)
    shown.caption = "good, rest: quantiles 0.1, 0.5 and 0.9 of a range's values, or how often each of a choice is there"
    shown.caption_justify = "left"
    return shown


def _cells(evidence: Evidence) -> list[str]:
    return [
        escape(evidence.name),
        escape(described(evidence.before)),
        escape(described(evidence.after)) if evidence.is_changed else "the same",
        escape(spread(evidence, evidence.good)),
        escape(spread(evidence, evidence.rest)),
        "-" if evidence.importance is None else f"{evidence.importance:.2f}",
        percent(evidence.share) if evidence.after else "-",
    ]


def _section(title: str, lines: list[str]) -> list[RenderableType]:
    return [Text(title), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines), ""] if lines else []
