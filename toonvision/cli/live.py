"""Commands about a run that another process works on: watch, stop."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from toonvision.cli.runs import add_run
from toonvision.config.later import Later
from toonvision.config.read import config_file
from toonvision.console import flush, print_lines

if TYPE_CHECKING:
    from toonvision.record import stopping
    from toonvision.report import watch as served
else:
    stopping, served = Later("record.stopping"), Later("report.watch")

PORT = 8090  # beside TensorBoard's 6006 and optuna-dashboard's 8080


def add_watch(parser: argparse.ArgumentParser) -> None:
    """Declare what `watch` takes: a run, and the port of its page."""
    add_run(parser)
    parser.add_argument("--port", type=int, default=PORT, help=f"of the page; 0 for any free one ({PORT})")


def watch(arguments: argparse.Namespace) -> int:
    """Serve the page of a run on localhost until Ctrl-C, and return the exit code."""
    config_file(arguments.run)  # an error of a wrong directory comes before pandas is imported
    with served.PageServer(arguments.run, arguments.port) as server:
        print_lines(*served.announcement(server))
        flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def add_stop(parser: argparse.ArgumentParser) -> None:
    """Declare what `stop` takes: a run, and one of its trials or none."""
    add_run(parser)
    parser.add_argument(
        "trial",
        nargs="?",
        type=int,
        metavar="TRIAL",
        help="a running trial, say 7; without it, the search ends, and the run goes on with the best trials so far",
    )


def stop(arguments: argparse.Namespace) -> int:
    """Ask a run to end its search or a trial, and return the exit code."""
    config_file(arguments.run)  # an error of a wrong directory comes before Optuna is imported
    print_lines(stopping.stop_run(arguments.run, arguments.trial))
    return 0
