"""`search_space/narrowed.yaml`: the next search space as a config option, with evidence for each cut in comments."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from toonvision.console import readable
from toonvision.narrowing.entry import as_text, described
from toonvision.narrowing.evidence import Cut, Evidence, Narrowing
from toonvision.narrowing.learning import learning_rounds
from toonvision.record.results import Results

_WIDTH = 110
_QUANTILES = (0.1, 0.5, 0.9)


def write(narrowing: Narrowing, results: Results, directory: Path) -> Path:
    """Write the new space, with a comment of the evidence above each hyperparameter."""
    lines = _comment(f"The search space of {results.directory}, narrowed by its trials.")
    lines.append(f"# Command: {command(results)}")  # one line, to be copied
    lines += _comment(
        f"{summary(narrowing, results)} A cut removes values whose trials rank significantly worse than the others "
        "(Wilcoxon, over all cuts of a hyperparameter; p times the number of hyperparameters is at most 0.05). The "
        "best trial stays inside, and at most a tenth of the good ones is lost. Each cut is made on the trials that "
        "earlier cuts have left."
    )
    lines += _comment(caution(results))
    evidence = {each.name: each for each in narrowing.evidence}
    for name, entry in narrowing.space.items():
        if name in evidence:
            lines += ["", *(line for text in _sentences(evidence[name]) for line in _comment(text))]
        lines.append(_line(name, entry))
    path = directory / "narrowed.yaml"
    directory.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(results: Results) -> str:
    """Return the command that searches the new space with the other settings of the run."""
    return f"toonvision {shlex.quote(str(results.directory))} search_space=narrowed"


def summary(narrowing: Narrowing, results: Results) -> str:
    """Return what counted as good, and the share of the space that stays."""
    count, objective = narrowing.count, results.config.objective
    side = "at most" if objective.direction == "min" else "at least"
    bound = "" if narrowing.bound is None else f", {objective.name} {side} {readable(narrowing.bound)}"
    return f"{count.good} of {count.total} trials are good{bound}. {percent(narrowing.share)} of the space stays."


def caution(results: Results) -> str:
    """Return what weakens the evidence: values that depend on earlier scores, and pruned trials."""
    used = {trial.round for trial in results.trials}
    reasons = [why for name, why in learning_rounds(results.config.strategy.rounds).items() if name in used]
    pruned = sum(trial.is_pruned for trial in results.trials)
    sentences = []
    if reasons:
        sentences.append(
            f"The values depend on earlier scores: {' and '.join(reasons)}. Ranks are therefore taken without their "
            "trend over the order of the trials, and fewer effects are found than with random values."
        )
    if pruned:
        sentences.append(
            f"{pruned} of {len(results.trials)} trials were pruned. They rank below all that completed, by the epochs "
            "that they reached and then by their scores so far, which is weaker evidence than whole trainings."
        )
    return " ".join(sentences)


def cut_sentence(cut: Cut) -> str:
    """Return the evidence for a cut as text."""
    removed, rest = cut.removed, cut.rest
    shares = f"{removed.good} of {removed.total} trials there are good, {rest.good} of {rest.total} elsewhere"
    return f"{cut.where}: {shares} (p={_p(cut.p)})"


def edge_sentence(evidence: Evidence) -> str:
    """Return where to widen the range; an empty string without evidence."""
    edge = evidence.edge
    if edge is None:
        return ""
    return (
        f"The best values lie at the {edge.where} end, {as_text(edge.value)}: {edge.count.good} of {edge.count.total} "
        f"trials in that part are good (p={_p(edge.p)}). Widen the range if values beyond make sense."
    )


def spread(evidence: Evidence, values: tuple[Any, ...]) -> str:
    """Return quantiles (0.1, 0.5, 0.9) of the values of a range, or the count of each value of a choice."""
    if not values:
        return "-"
    if _has_quantiles(evidence):
        quantiles = np.quantile(np.array(values), _QUANTILES, method="inverted_cdf").tolist()
        return ", ".join(as_text(value) for value in quantiles)
    return ", ".join(f"{as_text(value)}:{count}" for value, count in sorted(Counter(values).items()))


def percent(share: float) -> str:
    """Return a share in percent, to two digits."""
    return "100 %" if share == 1 else f"{100 * share:.2g} %"


def _sentences(evidence: Evidence) -> list[str]:
    total, quantiles = len(evidence.good) + len(evidence.rest), ""
    if _has_quantiles(evidence):
        quantiles = " (quantiles 0.1, 0.5, 0.9)"
    counts = (
        f"{total} trials. Good{quantiles}: {spread(evidence, evidence.good)}. Rest: {spread(evidence, evidence.rest)}."
    )
    sentences = [counts] if evidence.importance is None else [f"{counts} Importance {evidence.importance:.2f}."]
    if evidence.is_changed:
        change = f"{described(evidence.before)} becomes {described(evidence.after)}"
        sentences.append(f"{change}: {percent(evidence.share)} stays." if evidence.after else f"{change}.")
    sentences += [f"Cut {cut_sentence(cut)}." for cut in evidence.cuts]
    if evidence.open is not None:
        reason = "Refused" if evidence.open.is_supported else "Not significant"
        sentences.append(f"{reason}: {cut_sentence(evidence.open)}.")
    return [*sentences, *filter(None, [edge_sentence(evidence)])]


def _has_quantiles(evidence: Evidence) -> bool:
    return evidence.before["hp"] in ("Int", "Float")


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


class _Dumper(yaml.SafeDumper):
    """Quotes every text that OmegaConf reads as a number: more than YAML does, say 1e3."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        float(text)
    except ValueError:
        return dumper.represent_str(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'")


_Dumper.add_representer(str, _represent_text)


def _line(name: str, entry: Any) -> str:
    text = yaml.dump(
        {name: entry},
        Dumper=_Dumper,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=sys.maxsize,
    )
    return str(text).strip()[1:-1]


def _p(p: float) -> str:
    return f"{p:.2g}" if p < 0.995 else "1"
