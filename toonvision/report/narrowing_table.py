"""A narrowing on the terminal: one row for each hyperparameter, then the evidence for each cut."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from toonvision.narrowing.entry import described
from toonvision.narrowing.evidence import Evidence, Narrowing
from toonvision.record.results import Results
from toonvision.report.cell import shown
from toonvision.report.narrowed_space import caution, cut_sentence, edge_sentence, percent, spread, summary


def show_narrowing(narrowing: Narrowing, results: Results, console: Console) -> None:
    """Print the table and the evidence."""
    console.print(page(narrowing, results))


def page(narrowing: Narrowing, results: Results) -> Group:
    """Return the table, the cuts, the refused cuts, and where to widen the space."""
    evidence = narrowing.evidence
    cuts = [f"{each.name} {cut_sentence(cut)}" for each in evidence for cut in each.cuts]
    refused = [
        f"{each.name} {cut_sentence(each.open)}"
        for each in evidence
        if each.open is not None and each.open.is_supported
    ]
    edges = [f"{each.name}: {edge_sentence(each)}" for each in evidence if each.edge is not None]
    parts: list[RenderableType] = ["", table(narrowing), ""]
    parts += _section("Cut", cuts or ["nothing: no cut is significant"])
    parts += _section("Significant, but refused", refused)
    parts += _section("Consider widening", edges)
    parts += [Text(summary(narrowing, results), style="bold"), Text(caution(results), style="yellow")]
    return Group(*(part for part in parts if str(part) or part == ""))


def table(narrowing: Narrowing) -> Table:
    """Return one row for each hyperparameter; those that change are green."""
    shown = Table(
        title="Evidence of the trials for each hyperparameter",
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
    shown.caption = (
        "good, rest: quantiles 0.1, 0.5 and 0.9 of the values of a range, or counts of the values of a choice"
    )
    shown.caption_justify = "left"
    return shown


def _cells(evidence: Evidence) -> list[str]:
    return [
        shown(evidence.name),
        shown(described(evidence.before)),
        shown(described(evidence.after)) if evidence.is_changed else "the same",
        shown(spread(evidence, evidence.good)),
        shown(spread(evidence, evidence.rest)),
        "-" if evidence.importance is None else f"{evidence.importance:.2f}",
        percent(evidence.share) if evidence.after else "-",
    ]


def _section(title: str, lines: list[str]) -> list[RenderableType]:
    return [Text(title), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines), ""] if lines else []
