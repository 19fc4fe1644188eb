"""Commands about config options and who may write them: list, show, schema, adopt, trust."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from toonvision.config.catalog import find_option, list_options
from toonvision.config.directory import config_directory
from toonvision.config.folders import refuse_links
from toonvision.config.later import Later
from toonvision.config.trust import distrust_directory, trust_directory, trusted_directories
from toonvision.console import print_lines

if TYPE_CHECKING:
    from toonvision.adoption import adopt as adopting
    from toonvision.validation import json_schema
else:
    adopting, json_schema = Later("adoption.adopt"), Later("validation.json_schema")


def add_list(parser: argparse.ArgumentParser) -> None:
    """Declare what `list` takes: a config group, or nothing for all of them."""
    parser.add_argument("group", nargs="?", metavar="GROUP", help="whose options are listed with their purposes")


def list_groups(arguments: argparse.Namespace) -> int:
    """List the config groups or the options of one, and return the exit code."""
    options = list_options(arguments.group)
    if arguments.group is None:
        groups = dict.fromkeys(option.group for option in options)
        names = {group: ", ".join(option.name for option in options if option.group == group) for group in groups}
    else:
        names = {option.name: option.purpose for option in options}
    width = max(map(len, names))
    print_lines(*(f"{name:<{width}}  {text}" for name, text in names.items()))
    return 0


def add_show(parser: argparse.ArgumentParser) -> None:
    """Declare what `show` takes: an option."""
    parser.add_argument("option", metavar="GROUP=OPTION", help="say tuner=hyperband")


def show(arguments: argparse.Namespace) -> int:
    """Print an option, and return the exit code."""
    print_lines(find_option(arguments.option).text.rstrip())
    return 0


def add_schema(parser: argparse.ArgumentParser) -> None:
    """Declare what `schema` takes: the folder that it writes."""
    folder = Path(".toonvision", "schema")
    parser.add_argument("--output", type=Path, default=folder, metavar="DIR", help=f"of the schemas ({folder})")


def write_schemas(arguments: argparse.Namespace) -> int:
    """Write a JSON Schema for each config group, and return the exit code."""
    folder: Path = arguments.output
    main = config_directory() / "config.yaml"
    schemas = json_schema.json_schemas(list_options(), main.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    refuse_links(folder)
    for name, schema in schemas.items():
        (folder / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    print_lines(
        f"Written to {folder}: a JSON Schema for each of {len(schemas) - 1} config groups.",
        "An editor with the YAML language server completes and checks conf/tuner/mine.yaml with this comment at its",
        "beginning, below '# @package', where there is one:",
        f"  # yaml-language-server: $schema={Path(os.path.relpath(folder, 'conf/tuner'), 'tuner.json').as_posix()}",
    )
    return 0


def add_adopt(parser: argparse.ArgumentParser) -> None:
    """Declare what `adopt` takes: a hypermodel, its arguments, and where its options go."""
    parser.add_argument("target", metavar="TARGET", help="import path of a build(hp) function or a HyperModel")
    parser.add_argument("values", nargs="*", default=[], type=_pair, metavar="KEY=VALUE", help="of a HyperModel")
    parser.add_argument("--name", help="of the options (the last part of TARGET)")
    parser.add_argument("--folder", type=Path, default=Path("conf"), help="of the options (conf)")


def adopt(arguments: argparse.Namespace) -> int:
    """Write the options of a hypermodel, and return the exit code."""
    target, values = arguments.target, dict(arguments.values)
    print_lines(*adopting.lines(*adopting.adopt(target, values, name=arguments.name, folder=arguments.folder)))
    return 0


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Declare the directory to trust, and the flags that show or shorten the list of them."""
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), metavar="DIR", help="this one by default")
    parser.add_argument("--list", action="store_true", help="show the trusted directories")
    parser.add_argument("--remove", action="store_true", help="trust it no longer")


def trust(arguments: argparse.Namespace) -> int:
    """Trust a directory or change the list of them, and return the exit code."""
    if arguments.list:
        print_lines(*map(str, trusted_directories()))
    elif arguments.remove:
        print_lines(f"No longer trusted: {distrust_directory(arguments.directory)}")
    else:
        print_lines(f"Trusted, with all below it: {trust_directory(arguments.directory)}")
    return 0


def _pair(word: str) -> tuple[str, object]:
    key, separator, value = word.partition("=")
    if not separator or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE. Received: {word!r}")
    return key, yaml.safe_load(value)
