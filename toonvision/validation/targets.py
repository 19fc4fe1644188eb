"""Check the nodes of a resolved configuration: mappings whose `_target_` is called with their other keys."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping

from toonvision.config.allowlist import target_problem
from toonvision.config.node import code_problems
from toonvision.config.signature import missing_packages, signature
from toonvision.config.tree import Tree, targets
from toonvision.errors import Problem, did_you_mean
from toonvision.validation.arguments import argument_problems
from toonvision.validation.kinds import kind_problem

# The keywords that toonvision passes to a `_target_`, beside the configured ones; `*` stands for any name.
_OF_AN_ORACLE = ("objective", "hyperparameters", "allow_new_entries", "tune_new_entries", "max_retries_per_trial")
SUPPLIED = {
    "tuner": _OF_AN_ORACLE,
    "strategy.rounds.*": _OF_AN_ORACLE,
    "dataset.build": ("split",),
    "model.build": ("input_shape", "output"),
    "model.output": ("units",),
    "training.metrics.*": ("name",),
    "report.formats.*": ("results", "directory"),
    "report.live.*": ("trial", "config", "directory"),
}
# Packages that a target of another library imports only when it runs, and the extra that installs them.
NEEDED = {"optuna.samplers.GPSampler": ("torch", "gp")}
OF_HYDRA = ("_target_", "_args_", "_partial_", "_recursive_", "_convert_")


def node_problems(groups: Tree, absent: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Yield what is wrong with the nodes of some groups of a configuration.

    Args:
        groups: by name, resolved and plain.
        absent: beginnings of the paths that these values leave out, whose arguments may lack values.
    """
    for name, group in groups.items():
        yield from code_problems(group, name)
        for path, node in targets(group, name):
            if problem := kind_problem(str(node["_target_"]), path):
                yield problem
                continue
            yield from _keyword_problems(node, path)
            if not path.startswith(absent):
                yield from argument_problems(str(node["_target_"]), node, path)


def _keyword_problems(node: Mapping[str, object], path: str) -> Iterator[Problem]:
    """Yield what the target does not take, or lacks; nothing for a target that is refused."""
    name = str(node["_target_"])
    accepted = None if target_problem(name, path) else signature(name)
    if accepted is None:
        return  # among the code problems
    missing, extra = _missing_packages(name)
    if missing:
        hint = f"Install it by pip install 'toonvision[{extra}]'."
        yield Problem(path, f"{', '.join(missing)}, which {name} needs, to be installed", "a missing package", hint)
        return
    supplied = SUPPLIED.get(path) or SUPPLIED.get(f"{path.rpartition('.')[0]}.*", ())
    for key in node:
        if key in supplied:
            yield Problem(f"{path}.{key}", "no value, because toonvision sets it", repr(node[key]), "Remove it.")
    if not accepted.accepts_any:
        known = (*accepted.names, *supplied, *OF_HYDRA)
        for key in node:
            if key not in known:
                hint = did_you_mean(str(key), accepted.names)
                yield Problem(f"{path}.{key}", f"a keyword of {name}", repr(str(key)), hint)
        for key in supplied:
            if key not in accepted.names:
                yield Problem(path, f"a target that takes {key!r}, which toonvision passes", repr(name))
    if "_args_" not in node and not node.get("_partial_"):
        for key in accepted.required:
            if key not in (*node, *supplied):
                yield Problem(path, f"the keyword {key!r}, which {name} needs", "nothing")


def _missing_packages(name: str) -> tuple[list[str], str]:
    """Return the packages that a target needs and that are not installed, and the extra that installs them."""
    if name in NEEDED:
        package, extra = NEEDED[name]
        return [package] if importlib.util.find_spec(package) is None else [], extra
    module, _, _ = name.rpartition(".")
    extra = module.rpartition(".")[2]  # named as the file that imports what it installs
    return missing_packages(module) if module.startswith("toonvision.") else [], extra
