"""Whether the best trials lie at an end of a range, so that better values may lie beyond it."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.narrowing.entry import Entry, as_text
from toonvision.narrowing.evidence import Edge, Evidence, Narrowing

NAME = "Ends of the ranges"
_FIRST = {"Float": 0.0, "Int": 1}  # rates begin at 0, sizes and counts at 1: there is nothing to try below


def range_ends(evidence: Narrowing) -> Card:
    """Warn if good trials are concentrated at an end of a range significantly.

    The best trial alone says little: of a range of four values, two are ends.
    """
    found = [(each, each.edge) for each in evidence.evidence if each.edge and _has_beyond(each.before, each.edge)]
    if not found:
        return Card(NAME, Status.PASSED, f"No range has its best trials at an end that can move ({_tested(evidence)}).")
    findings = (
        f"{each.name}: {edge.count.good} of {edge.count.total} trials towards its {edge.where} end, "
        f"{as_text(edge.value)}, are good (p = {edge.p:.2g})."
        for each, edge in found
    )
    keys = (f"search_space.{each.name}.{_key(each, edge)}" for each, edge in found)
    action = f"Better values may lie beyond. If they make sense, widen {', '.join(keys)}."
    return Card(NAME, Status.WARNING, " ".join(findings), action)


def _tested(evidence: Narrowing) -> str:
    return f"{len(evidence.evidence)} hyperparameters, {evidence.count.total} trials"


def _has_beyond(entry: Entry, edge: Edge) -> bool:
    """Whether values beyond the end can make sense."""
    return edge.where == "upper" or entry["hp"] not in _FIRST or edge.value > _FIRST[entry["hp"]]


def _key(evidence: Evidence, edge: Edge) -> str:
    if evidence.before["hp"] == "Choice":
        return "values"
    return "max_value" if edge.where == "upper" else "min_value"
