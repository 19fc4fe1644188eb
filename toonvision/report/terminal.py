"""The summary of a run on the terminal: the best trials, the comparison, the files, and the next commands."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from toonvision.console import readable
from toonvision.health import Card, Status, health_cards
from toonvision.health.last_improvement import resume_command
from toonvision.record.results import Results
from toonvision.report.cell import shown
from toonvision.report.choice import choice, finalists_table
from toonvision.report.path import meaning, path_table
from toonvision.trial.objective import PARAMETERS
from toonvision.verdict import Verdict, in_words
from toonvision.verdict.comparison import Comparison, ModelScores
from toonvision.verdict.words import still_improving


def show(results: Results, console: Console) -> None:
    """Print the best trials, the comparison if there is one, the written files, and the next commands."""
    console.print()
    if results.trials:
        console.print(best_trials(results))
    if results.finalists:
        console.print(finalists_table(results))
    if reason := choice(results):
        console.print(shown(reason), soft_wrap=True)
    if results.path:
        console.print(path_table(results))
        console.print(meaning(results), style="dim", soft_wrap=True)
    if results.config.objective.also:
        console.print(pareto_front(results))
    comparison = results.comparison
    if comparison:
        console.print(comparison_table(comparison, results))
        style = "yellow" if comparison.verdict.tuned_is_worse else ""
        console.print(in_words(comparison), style=style, soft_wrap=True)
        console.print(_intervals(comparison.verdict), style="dim", soft_wrap=True)
    for line in health_lines(health_cards(results)):
        console.print(line, soft_wrap=True)
    if results.state.dataset == "cogs":
        console.print("[dim]The pictures of cogs are drawn by toonvision; they are not ToonVision's screenshots.[/]")
    counts = ", ".join(f"{count} {ending}" for ending, count in sorted(results.endings().items()))
    console.print(f"{counts or 'No trial'} in {results.state.seconds:,.0f} s", soft_wrap=True)
    if results.state.ended_by:
        console.print(f"The search was ended by {results.state.ended_by}.", soft_wrap=True)
    console.print(f"\nWritten to {shown(str(results.directory))}:", soft_wrap=True)
    for path in _written(results.directory):
        console.print(f"  {shown(path)}", soft_wrap=True)
    if comparison:
        console.print("\nNext:")
        for command, purpose in _next_commands(results):
            console.print(f"  {shown(command)}  [dim]# {purpose}[/]", soft_wrap=True)


def show_judged(judged: ModelScores, directory: Path, console: Console) -> None:
    """Print the scores of a fixed configuration on the test set."""
    table = Table(title="On the test set, after training on train + validation", title_justify="left", box=SIMPLE_HEAD)
    cells = judged_cells(judged)
    for column in cells:
        table.add_column(column, justify="right", overflow="fold")
    table.add_row(*cells.values())
    console.print(table)
    if unfinished := still_improving("trained", judged):
        console.print(unfinished, style="yellow", soft_wrap=True)
    console.print(f"Written to {shown(str(directory))}: summary.json, models/trained.keras", soft_wrap=True)


def health_lines(cards: Sequence[Card]) -> list[str]:
    """Return each warning as a line with its action below it, and a line that counts the passed checks."""
    warnings = [card for card in cards if card.status is Status.WARNING]
    passed = len(cards) - len(warnings)
    lines = [
        f"[yellow]Warning, {card.name.lower()}: {shown(card.finding)}[/]\n  {shown(card.action)}" for card in warnings
    ]
    return [*lines, f"[dim]{passed} health check{'s' * (passed != 1)} passed.[/]"] if cards else []


def best_trials(results: Results) -> Table:
    """Return the best trials as a table with one column for each: id, score, parameters, epochs, seconds, values."""
    best = results.best(results.config.report.top)
    table = Table(title=f"The best {len(best)} of {len(results.trials)} trials", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("trial", overflow="fold")
    for trial in best:
        table.add_column(trial.id, justify="right", no_wrap=True)
    if results.has_rounds:
        table.add_row("round", *(shown(trial.round) for trial in best))
    if any(trial.source is not None for trial in best):
        table.add_row("source", *(shown(results.source(trial) or "-") for trial in best))
    table.add_row(results.config.objective.name, *(f"{trial.outcome.score:,.4f}" for trial in best))
    table.add_row("parameters", *(f"{trial.outcome.parameters:,}" for trial in best))
    table.add_row("epochs", *(str(trial.outcome.epochs) for trial in best))
    table.add_row("seconds", *(f"{trial.outcome.seconds:,.1f}" for trial in best), end_section=True)
    for name in results.hyperparameters:
        table.add_row(shown(name), *(_cell(trial.values.get(name)) for trial in best))
    return table


def pareto_front(results: Results) -> Table:
    """Return the trials on the Pareto front as a table with one row for each."""
    objectives = results.config.objective.directions
    table = Table(
        title="Pareto front: no other trial is better in one objective and as good in all",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("trial", no_wrap=True)
    for name, direction in objectives.items():
        table.add_column(f"{name} ({direction})", justify="right")
    for trial in results.pareto_front():
        scores = zip(objectives, results.config.objective.reached(trial.outcome) or (), strict=True)
        table.add_row(trial.id, *(f"{score:,.0f}" if name == PARAMETERS else f"{score:.4f}" for name, score in scores))
    return table


def comparison_table(comparison: Comparison, results: Results) -> Table:
    """Return the test scores of the tuned model and the baseline."""
    title = f"On the {comparison.test_examples:,} test examples of {results.state.dataset}"
    table = Table(title=f"{title}, after training on train + validation", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("model", no_wrap=True)
    baseline, tuned = (judged_cells(m) for m in (comparison.baseline, comparison.tuned))
    for column in baseline:
        table.add_column(column, justify="right", overflow="fold")
    table.add_row("baseline", *baseline.values())
    chosen = results.chosen()
    table.add_row(f"tuned (trial {chosen.id})" if chosen else "tuned", *tuned.values())
    return table


def _intervals(verdict: Verdict) -> str:
    """Return the other differences with their intervals, and the last detail of each role with its own."""
    parts = [
        f"{kind.name} of baseline minus tuned {readable(found.value, 3)}{_between(found.interval)}"
        for kind in verdict.kinds[1:]
        if (found := verdict.differences.get(kind.name))
    ]
    # The last of the measures whose difference is not judged, such as macro F1 or R².
    for kind in [kind for kind in verdict.kinds if kind.name not in verdict.differences and not kind.share_of][-1:]:
        for role, scores in (("tuned", verdict.tuned), ("baseline", verdict.baseline)):
            measure = scores.measures[kind.name]
            parts.append(f"{kind.noun} {role} {measure.mean:.3f}{_between(measure.interval)}")
    return f"With {verdict.confidence:.0%} confidence: {', '.join(parts)}."


def _between(interval: tuple[float, float] | None) -> str:
    return f" ({readable(interval[0], 3)} to {readable(interval[1], 3)})" if interval else ""


def judged_cells(judged: ModelScores) -> dict[str, str]:
    """Return the measures, parameters, epochs and seconds as text."""
    scores = judged.headline.items()
    return {
        **{name: readable(value) if isinstance(value, int) else f"{value:,.4f}" for name, value in scores},
        "parameters": f"{judged.parameters:,}",
        "epochs": f"{judged.epochs:,}",
        "seconds": f"{judged.seconds:,.1f}",
    }


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return readable(value, 3) if isinstance(value, float) else shown(str(value))


def _written(directory: Path) -> list[str]:
    """Return the files and folders of the run that a reader may open."""
    parts = ["summary.json", "report", "search_space/best.yaml", "search_space/narrowed.yaml", "models", "study.db"]
    parts += ["tensorboard", "trials", "finalists", "path"]
    return [
        f"{part}/: {', '.join(sorted(p.name for p in (directory / part).iterdir()))}"
        if part in ("report", "models")
        else f"{part}/" * (directory / part).is_dir() or part
        for part in parts
        if (directory / part).exists()
    ]


def _next_commands(results: Results) -> list[tuple[str, str]]:
    """Return three commands, each with its purpose."""
    run, more = shlex.quote(str(results.directory)), resume_command(results)
    other = "tpe" if "Bayesian" in results.config.tuner.target else "bayesian"
    return [
        (f"toonvision tensorboard {run}", "learning curves in the browser"),
        (f"toonvision train {run} search_space=best seed=1", "train the best values with another seed"),
        (more, "more trials of this search") if more else (f"toonvision {run} tuner={other}", "another algorithm"),
    ]
