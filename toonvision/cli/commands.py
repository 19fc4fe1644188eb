"""The table of commands, and the entry point that runs one.

A wrong configuration is reported at once: this room imports Hydra, the validation and rich. What a command needs to do
its work (pandas, Optuna, Keras) is imported after the configuration has passed the validation.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from toonvision.cli import bash_script, jobs, live, models, options, project, runs
from toonvision.cli.interruption import INTERRUPTED
from toonvision.config import arguments as syntax
from toonvision.config.arguments import Command
from toonvision.config.explain import explain
from toonvision.console import explained, flush, print_lines
from toonvision.errors import ConfigError, Problem, ToonvisionError, access_error, did_you_mean


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: the words of the command line; those of this process if None.

    Returns:
        0 if it is done, 1 if the run failed, 2 if the command or the configuration is wrong, 130 if interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM ends a run as Ctrl-C does
    try:
        return _run(words)
    except ToonvisionError as error:
        return explained(str(error), error.exit_code)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        return explained(explain(error), ConfigError.exit_code)
    except OSError as error:
        if (refused := access_error(error)) is None:
            raise
        return explained(str(refused), refused.exit_code)
    except KeyboardInterrupt:
        return explained("interrupted", INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)
        flush()


def _run(words: list[str]) -> int:
    first = words[0] if words else ""
    if first in COMMANDS:
        return COMMANDS[first].run(first, words[1:])
    if first.isidentifier():
        expected = f"a command ({', '.join(COMMANDS)}) or overrides (group=option)"
        raise ConfigError(Problem("", expected, repr(first), did_you_mean(first, COMMANDS)))
    return SEARCH.run("", words)


def _print_completion(_: argparse.Namespace) -> int:
    """Print the script of a shell that completes this table's commands, and return the exit code."""
    print_lines(bash_script.bash_script(COMMANDS, SEARCH))
    return 0


_HYDRA = "[OVERRIDE ...] [Hydra's flags]"
SEARCH = Command(
    "Search, retrain the best values, compare them with the baseline and report.",
    syntax.add_search,
    jobs.search,
    usage=_HYDRA,
    has_help=False,  # Hydra shows it
)
COMMANDS: dict[str, Command] = {
    "check": Command(
        "Show what cannot be built, and the cost of a search.", syntax.add_hydra_flags, jobs.check, _HYDRA
    ),
    "train": Command(
        "Train one fixed configuration without a search, and test it.", syntax.add_hydra_flags, jobs.train, _HYDRA
    ),
    "watch": Command("Serve a run's page on localhost, live and read-only.", live.add_watch, live.watch),
    "stop": Command("End a search, or one of its trials, from another terminal.", live.add_stop, live.stop),
    "resume": Command("Continue a run or a sweep where it stopped.", runs.add_resume, runs.resume),
    "report": Command("Write the reports of a run again, from its record.", runs.add_run, runs.write_reports),
    "narrow": Command("Write the next search space of a run, with its evidence.", runs.add_narrow, runs.narrow),
    "predict": Command("Write what a run's model says of new examples.", models.add_predict, models.predict),
    "export": Command("Write a run's model for where it is served, without Keras.", models.add_export, models.export),
    "adopt": Command(
        "Make options of a KerasTuner build(hp) function or HyperModel.", options.add_adopt, options.adopt
    ),
    "compare": Command("Show runs side by side.", runs.add_compare, runs.compare),
    "init": Command("Write a small project of your own into a new directory.", project.add_init, project.init),
    "list": Command("List the config groups, or the options of one.", options.add_list, options.list_groups),
    "show": Command("Show the keys of an option, with their comments.", options.add_show, options.show),
    "schema": Command(
        "Write a JSON Schema for each config group, for editors.", options.add_schema, options.write_schemas
    ),
    "completion": Command(
        'Print what completes words in bash: eval "$(toonvision completion bash)"',
        bash_script.add_completion,
        _print_completion,
    ),
    "trust": Command("Trust a directory: its configurations may name its modules.", options.add_trust, options.trust),
    "tensorboard": Command(
        "Serve TensorBoard for a run, on localhost.",
        runs.add_run,
        runs.tensorboard,
        usage="RUN [TensorBoard's own flags]",
        passes_flags=True,
    ),
}
