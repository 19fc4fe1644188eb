"""Complete a word of the command line in the time that a person waits for a key.

Composing with Hydra takes several times as long as importing it, so that groups, options and keys are read from the
files alone. What is completed may differ from what Hydra composes: in the order of merging, which decides no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from toonvision.config.catalog import Option, list_options
from toonvision.config.directory import config_directory
from toonvision.config.yaml_file import size_problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
_HEADER = re.compile(r"^#\s*@package\s+(\S+)", re.MULTILINE)
Tree = dict[str, Any]


def complete(words: Sequence[str]) -> list[str]:
    """Return the words that may stand in place of the last one.

    Args:
        words: what is completed (GROUP, GROUP=OPTION or OVERRIDE), the words before, and the one to complete.
    """
    kind, *before, word = words
    readable = [option for option in list_options() if not size_problem(option.file)]
    options = {(option.group, option.name): option for option in readable}
    groups = sorted({group for group, _ in options})
    if kind == "GROUP":
        found = groups
    elif "=" in word:
        found = _values(word, options, before)
    else:
        sign = word[: len(word) - len(word.lstrip("+~"))] if kind == "OVERRIDE" else ""
        keys = _keys(word[len(sign) :], options, before) if kind == "OVERRIDE" else []
        found = [f"{sign}{name}" for name in (*(f"{group}=" for group in groups), *keys)]
    return [name for name in dict.fromkeys(found) if name.startswith(word)]


def _values(word: str, options: Mapping[tuple[str, str], Option], before: Sequence[str]) -> list[str]:
    """Return a word with each option of its group, also after a comma, or with true and false."""
    key, _, value = word.partition("=")
    name = key.lstrip("+~")
    head = f"{key}={value[: value.rfind(',') + 1]}"
    if found := [option for group, option in options if group == name.partition("@")[0]]:
        return [head + option for option in found]
    *above, last = name.split(".")
    current = _below(_composed(options, before), above).get(last)
    return [head + value for value in ("true", "false")] if isinstance(current, bool) else []


def _keys(word: str, options: Mapping[tuple[str, str], Option], before: Sequence[str]) -> list[str]:
    """Return the keys at the place of a word: `name.` for a mapping, `name=` for another value."""
    path = word.split(".")[:-1]
    level = _below(_composed(options, before), path)
    ends = {key: "." if isinstance(value, Mapping) and value else "=" for key, value in level.items()}
    return [".".join((*path, str(key))) + end for key, end in ends.items()]


def _below(tree: Any, path: Sequence[str]) -> Mapping[Any, Any]:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree if isinstance(tree, Mapping) else {}


def _composed(options: Mapping[tuple[str, str], Option], before: Sequence[str]) -> Tree:
    """Return the keys of the configuration with the options that the words before choose."""
    main = _read((config_directory() / "config.yaml").read_text(encoding="utf-8"))
    defaults: dict[str, str] = dict(_entries(main.pop("defaults")))
    given = dict(word.lstrip("+").split("=", 1) for word in before if "=" in word)
    experiment = options.get(("experiment", given.get("experiment", "")))
    outer: dict[str, str] = {}
    for option in _with_parents(experiment, options) if experiment else ():
        outer |= _overridden(option)
    outer |= {key: name for key, name in given.items() if (key.partition("@")[0], name) in options}
    chosen = defaults | outer
    model = options.get(("model", chosen["model"]))
    chosen |= (_overridden(model) if model else {}) | outer
    for key, name in chosen.items():
        name = re.sub(r"\$\{(\w+)\}", lambda found: chosen.get(found[1], ""), str(name))
        _merge(main, _option(key, name, "", options))
    main.pop("hydra", None)
    return main


def _overridden(option: Option) -> dict[str, str]:
    """Return the options of other groups that an option chooses."""
    entries = _entries(_read(option.text).get("defaults", []))
    return {key.removeprefix("override ").lstrip("/"): name for key, name in entries if key.startswith("override ")}


def _with_parents(option: Option, options: Mapping[tuple[str, str], Option]) -> Iterator[Option]:
    """Yield the options of the same group in the defaults of one, the furthest first, and itself."""
    for entry in _read(option.text).get("defaults", []):
        parent = options.get((option.group, str(entry)))
        if parent and parent is not option:
            yield from _with_parents(parent, options)
    yield option


def _option(key: str, name: str, above: str, options: Mapping[tuple[str, str], Option]) -> Tree:
    """Return the keys of an option and of its defaults, from the root of the configuration.

    Args:
        key: of a defaults list: a group, perhaps with `@` and a package.
        name: of the option.
        above: the package of the option whose defaults list it is; empty for the main one.
        options: by group and name.
    """
    group, _, place = key.partition("@")
    option = options.get((group, name))
    if option is None:
        return {}
    header = _HEADER.search(option.text)
    own = header[1].replace("_global_", "") if header and not place else place or ("" if above else group)
    package = ".".join(filter(None, (above, own)))
    tree = _read(option.text)
    defaults = tree.pop("defaults", [])
    found: Tree = {}
    for entry in defaults:
        if isinstance(entry, str) and entry not in ("_self_", name):
            _merge(found, _option(f"{group}@{package}" if package else group, entry, "", options))
    for below, other in _entries(defaults):
        if not below.startswith("override "):
            _merge(found, _option(below.lstrip("/"), other, package, options))
    for part in reversed(package.split(".") if package else ()):
        tree = {part: tree}
    _merge(found, tree)
    return found


def _entries(defaults: Any) -> list[tuple[str, str]]:
    entries = defaults if isinstance(defaults, list) else []
    return [(str(key), str(name)) for entry in entries if isinstance(entry, dict) for key, name in entry.items()]


def _merge(tree: Tree, other: Tree) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _read(text: str) -> Tree:
    """Return what a file of options holds; nothing where it cannot be read, which composing will report."""
    try:
        tree = _LOADER(text).get_single_data()
    except (yaml.YAMLError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}
