"""Write the pages of the reference from what they describe: the files of conf/, the schemas and the commands.

It is an extension of Sphinx (docs/conf.py). The pages are not kept in git, so they cannot differ from the code.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from omegaconf import OmegaConf
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefinedType
from sphinx.application import Sphinx

from toonvision.cli import COMMANDS
from toonvision.config.catalog import Option, list_options
from toonvision.config.comments import comments
from toonvision.config.compose import compose
from toonvision.config.directory import config_directory
from toonvision.config.graph import Block
from toonvision.config.node import Node
from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.config.training_schema import Training
from toonvision.config.tree import branches

DOCS = Path(__file__).parent
FOLDERS = ("reference", "measurements")  # below docs/, of pages that are written here
BENCHMARKS = DOCS.parent / "benchmarks"
_WITHIN = {"resampling": "training.", "augmentation": "training."}  # groups whose keys are another group's
_TYPES: dict[object, str] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Row:
    """A key of the configuration.

    Attributes:
        key: its path.
        expected: what may be there, in words.
        default: what is there if nothing is said; empty where it is a mapping.
        meaning: as the comments of conf/ say it, or the schema.
    """

    key: str
    expected: str
    default: str
    meaning: str


def setup(_: Sphinx) -> None:
    """Write the pages before Sphinx looks for pages, as one of its extensions."""
    write()


def write() -> None:
    """Write the pages below docs/, those that have changed, and remove those that are none any more."""
    written = pages()
    for folder in FOLDERS:
        (DOCS / folder).mkdir(exist_ok=True)
        for file in (DOCS / folder).iterdir():
            if file.relative_to(DOCS).as_posix() not in written:
                file.unlink()
    for name, text in written.items():
        file = DOCS / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:  # else Sphinx would read it again
            file.write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the text of each page by its path below docs/."""
    groups: dict[str, list[Option]] = {}
    for option in list_options():
        groups.setdefault(option.group, []).append(option)
    found = {f"reference/{group}.md": _group_page(group, options) for group, options in groups.items()}
    found["reference/keys.md"] = _keys_page(groups)
    found["reference/commands.md"] = _commands_page()
    found["reference/index.md"] = _index_page(groups)
    for file in sorted(BENCHMARKS.glob("*.md")):
        found[f"measurements/{file.name}"] = f"```{{include}} ../../benchmarks/{file.name}\n```\n"
    found["measurements/index.md"] = (
        "# Measurements\n\nWhat the defaults and the statistics are chosen by. `benchmarks/` has the scripts.\n\n"
        "```{toctree}\n:glob:\n\n*\n```\n"
    )
    return found


def _index_page(groups: Mapping[str, list[Option]]) -> str:
    rows = [
        f"| [{group}]({group}.md) | {_code(_chosen().get(group, ''))} | {', '.join(f'`{o.name}`' for o in options)} |"
        for group, options in groups.items()
    ]
    return "\n".join(
        [
            "# Reference\n",
            "Every config group, option, key and command. These pages are written from the files of `conf/`, their",
            "comments, the schemas and the parsers of the commands when the site is built. `toonvision list` and",
            "`toonvision show GROUP=OPTION` show the same on the terminal, with your own options.\n",
            "- [Commands](commands.md): what each one takes",
            "- [Keys of a run](keys.md): what is in no group, and what is chosen by default\n",
            "| group | by default | options |",
            "| --- | --- | --- |",
            *rows,
            "\n```{toctree}\n:hidden:\n:glob:\n\ncommands\nkeys\n*\n```\n",
        ]
    )


def _group_page(group: str, options: list[Option]) -> str:
    chosen = _chosen().get(group)
    parts = [f"# {group}\n"]
    if chosen:
        parts.append(f"`{group}={chosen}` is the default.\n")
    schema = _schema(group)
    if schema is not None:
        parts.append(_table(_rows(schema, f"{_WITHIN.get(group, '')}{group}")))
    parts.append("\n".join(["| option | purpose |", "| --- | --- |", *map(_option_row, options), ""]))
    parts += [_option(option) for option in options]
    return "\n".join(parts)


def _option_row(option: Option) -> str:
    purpose = re.split(r" (?:Command|Cost): ", option.purpose)[0]  # of a file whose first line ends in no full stop
    return f"| [{option.name}](#{option.name}) | {_escaped(purpose)} |"


def _option(option: Option) -> str:
    """Return an option: the comments that its file opens with as text, and its keys as they stand there."""
    lines = option.text.splitlines()
    opening = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said = "\n".join(line.removeprefix("#").strip() for line in lines[:opening] if "@package" not in line)
    said = re.sub(r"^(Command|Cost|Expected): ", r"\n\1: ", said, flags=re.M)
    package = [line for line in lines[:opening] if "@package" in line]
    keys = "\n".join([*package, *lines[opening:]]).strip()
    return f"## {option.name}\n\n{_escaped(said).strip()}\n\n```yaml\n{keys}\n```\n"


@functools.cache
def _chosen() -> dict[str, str]:
    """Return the option of each group that the main configuration chooses."""
    text = (config_directory() / "config.yaml").read_text(encoding="utf-8")
    return {group: option for group, option in re.findall(r"^  - (\w+): (\w+)(?: |$)", text, re.M) if option != "null"}


@functools.cache
def _composed() -> dict[str, object]:
    """Return every value by its path if nothing is said, with interpolations as they are written."""
    return dict(branches(OmegaConf.to_container(compose([]), resolve=False)))


def _schema(group: str) -> type[BaseModel] | None:
    """Return the schema of a group; None where its options are a node, or belong to other groups."""
    if group == "block":
        return Block
    for owner in (RunConfig, TrialConfig, Training):
        field = owner.model_fields.get(group)
        if field is not None and (schema := _model(field.annotation)) is not None:
            return schema
    return None


def _model(annotation: object) -> type[BaseModel] | None:
    """Return the schema that an annotation names, perhaps beside None."""
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _keys_page(groups: Mapping[str, list[Option]]) -> str:
    """Return the keys of the main configuration that are no groups, and the options that it chooses."""
    text = (config_directory() / "config.yaml").read_text(encoding="utf-8")
    keys, _, _ = text.partition("\nhydra:")
    own = {name: field for name, field in RunConfig.model_fields.items() if name not in {*groups, "baseline"}}
    rows = (row for name, field in own.items() for row in _field_rows(name, field, RunConfig))
    return (
        "# Keys of a run\n\nThe main configuration, `conf/config.yaml`. An option of a group is chosen as `tuner=gp`, a"
        f" key is set as `budget.minutes=60`.\n\n{_table(rows)}\n## With its comments\n\n```yaml\n{keys.strip()}\n```\n"
    )


def _table(rows: Iterator[Row]) -> str:
    """Return keys as a table, with a note if one of them is a node."""
    listed = list(rows)
    note = "A *node* is a mapping with the key `_target_`, an import path; its other keys are arguments.\n"
    lines = [f"| `{row.key}` | {row.expected} | {row.default} | {row.meaning} |" for row in listed]
    head = [note] if any("node" in row.expected for row in listed) else []
    return "\n".join([*head, "| key | expected | default | meaning |", "| --- | --- | --- | --- |", *lines, ""])


def _rows(schema: type[BaseModel], path: str) -> Iterator[Row]:
    for name, field in schema.model_fields.items():
        yield from _field_rows(f"{path}.{name}", field, schema)


def _field_rows(path: str, field: FieldInfo, owner: type[BaseModel]) -> Iterator[Row]:
    """Yield a key, or those below it if it has a schema of its own."""
    below = _model(field.annotation)
    if below is not None and below is not owner:
        yield from _rows(below, path)
        return
    expected = next((text for item in field.metadata if (text := _expecting(item))), None) or _words(field.annotation)
    meaning = _all_comments().get(path) or _attributes(owner).get(path.rpartition(".")[2], "")
    yield Row(path, _escaped(expected), _default(path, field), _escaped(meaning))


@functools.cache
def _all_comments() -> dict[str, str]:
    """Return what the files of conf/ say of their keys; those of the options that are the default come first."""
    others = [option for option in list_options() if option.group != "experiment"]  # they say why it is another value
    others.sort(key=lambda option: _chosen().get(option.group) == option.name)
    said = {key: text for option in others for key, text in said_in(option.text, option.group).items()}
    return said | said_in((config_directory() / "config.yaml").read_text(encoding="utf-8"))


def said_in(text: str, group: str = "") -> dict[str, str]:
    """Return what the comments of a file say of its keys, by their paths in the configuration.

    Args:
        text: of the file.
        group: that the file is an option of; empty for the main configuration.
    """
    package = re.search(r"^# @package (\w+)", text, re.M)
    prefix = group if package is None else {"_global_": ""}.get(package[1], package[1])
    return {".".join((*filter(None, [prefix]), *comment.path)): comment.text for comment in comments(text)}


def _expecting(validator: object) -> str | None:
    """Return what `toonvision.trial.bounds.expecting` has stated, for its message."""
    function = getattr(validator, "func", None)
    stated = inspect.getclosurevars(function).nonlocals.get("expected") if inspect.isfunction(function) else None
    return stated if isinstance(stated, str) else None


def _words(annotation: object) -> str:
    """Return a type in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return next((text for item in arguments[1:] if (text := _expecting(item))), _words(arguments[0]))
    if origin is Literal:
        return " or ".join("null" if value is None else str(value) for value in arguments)
    if origin in (Union, types.UnionType):
        words = [_words(part) for part in arguments if part is not type(None)]
        return " or ".join([*words, "null"] if type(None) in arguments and "null" not in words[-1] else words)
    if origin is dict:
        return "a mapping" if arguments[1] is Any else f"by name: {_words(arguments[1])}"
    if origin in (list, tuple):
        return f"a list of: {_words(arguments[0])}"
    if annotation is Node:
        return "a node"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"a {annotation.__name__.lower()}"
    return _TYPES.get(annotation, str(annotation))


def _default(path: str, field: FieldInfo) -> str:
    """Return what a key is if nothing is said: what the main configuration composes, else what the schema has."""
    if path not in _composed() and field.is_required():
        return ""
    value = _composed().get(path, field.default)
    if isinstance(value, Mapping | Node | PydanticUndefinedType):
        return ""
    return f"`{'null' if value is None else str(value).lower() if isinstance(value, bool) else value}`"


def _attributes(schema: type[BaseModel]) -> dict[str, str]:
    """Return what the docstring of a schema says of its keys."""
    _, _, text = (inspect.getdoc(schema) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if match := re.match(r"    (\w+): (.*)", line):
            name, found[match[1]] = match[1], match[2]
        elif line.startswith("        ") and name:
            found[name] += f" {line.strip()}"
        elif line.strip():
            break
    return found


def _commands_page() -> str:
    parts = [
        "# Commands\n",
        "`toonvision [OVERRIDE ...]` searches. Exit codes: 0 done, 1 the run failed, 2 the configuration or the command"
        " is wrong, 130 interrupted.\n",
        "| command | what it does |\n| --- | --- |",
        *(f"| [{name}](#{name}) | {_escaped(command.summary)} |" for name, command in COMMANDS.items()),
        "",
    ]
    for name, command in COMMANDS.items():
        parser = command.parser(name)
        parser.formatter_class = _as_wide_as_the_page
        parts.append(f"## {name}\n\n```text\n{parser.format_help().strip()}\n```\n")
    return "\n".join(parts)


def _as_wide_as_the_page(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=28, width=88)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _escaped(text: str) -> str:
    """Return a comment as Markdown, in which only what stands in backticks has a meaning."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([\\*_<>\[\]|])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)
