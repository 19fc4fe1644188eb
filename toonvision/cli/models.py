"""Commands that use the models of a run: predict, export."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.cli.runs import add_run
from toonvision.config.later import Later
from toonvision.config.read import config_file
from toonvision.console import errors, print_lines
from toonvision.errors import printable

if TYPE_CHECKING:
    from toonvision import inference
else:
    inference = Later("inference")


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Declare what `predict` takes: a run, new examples, which model, and where its answers go."""
    add_run(parser)
    parser.add_argument("data", type=Path, metavar="DATA", help="a table, a text, an image or a folder, or a file .npy")
    parser.add_argument("--model", choices=["tuned", "baseline"], default="tuned", help="of the run (tuned)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="a file .csv to write; else they are printed")


def predict(arguments: argparse.Namespace) -> int:
    """Write predictions for new examples, and return the exit code."""
    config_file(arguments.run)  # an error of a wrong directory comes before Keras is imported
    said = inference.predict(arguments.run, arguments.data, model=arguments.model)
    said.save(arguments.output) if arguments.output else said.write(sys.stdout)
    errors.print(printable(said.served), style="dim", markup=False, highlight=False, soft_wrap=True)
    return 0


def add_export(parser: argparse.ArgumentParser) -> None:
    """Declare what `export` takes: a run, which model, and the format and the folder to write."""
    add_run(parser)
    parser.add_argument("--model", choices=["tuned", "baseline"], default="tuned", help="of the run (tuned)")
    formats = ["savedmodel", "onnx", "litert"]
    parser.add_argument("--format", choices=formats, default="savedmodel", help="that Keras writes (savedmodel)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder (RUN/export/MODEL-FORMAT)")


def export(arguments: argparse.Namespace) -> int:
    """Export a model of a run, and return the exit code."""
    config_file(arguments.run)  # an error of a wrong directory comes before Keras is imported
    given = {name: getattr(arguments, name) for name in ("model", "format", "output")}
    print_lines(*inference.export(arguments.run, **given).lines())
    return 0
