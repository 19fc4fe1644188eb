"""What a `_target_` names: whether a configuration may use it.

The definition is looked up in the source (`toonvision.config.signature`): nothing is imported before it is allowed.
"""

from __future__ import annotations

from toonvision.config.signature import definition, missing_definition
from toonvision.config.trust import TRUSTED_VARIABLE, is_project_module, trusted_modules
from toonvision.errors import Problem, did_you_mean

# Whole libraries hold more than a config may reach: keras.saving, keras.models, keras.utils and keras.config load code
# or lift the guard on it; Dask, Ray, submitit and loky run commands, source text or whatever an environment variable
# makes Python run, so only toonvision.executor may use them.
ALLOWED = (
    "keras.activations",
    "keras.applications",
    "keras.callbacks",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.optimizers",
    "keras.quantizers",
    "keras.random",
    "keras.regularizers",
    "keras.Sequential",
    "keras_tuner.applications",
    "keras_tuner.oracles",
    "optuna.pruners",
    "optuna.samplers",
    "optuna.storages.JournalStorage",
    "optuna.storages.RDBStorage",
    "optuna.storages.journal.JournalFileBackend",
    "optuna.storages.journal.JournalFileOpenLock",
    "optuna.storages.journal.JournalFileSymlinkLock",
    "toonvision.dataset",
    "toonvision.executor",
    "toonvision.metric",
    "toonvision.oracle",
    "toonvision.report",
    "toonvision.task",
    "toonvision.tracker",
    "toonvision.training.backbone",
    "toonvision.training.densenet",
    "toonvision.training.guide_model",
)
# Where the libraries keep what they show under the names above.
_SOURCES = ("keras.src", "keras_tuner.src", "optuna.storages._rdb", "optuna.storages.journal")
# Of what lies there, what would run or destroy what a configuration gives it.
_REFUSED = {
    "Lambda": "a function in a configuration is code",
    "TFSMLayer": "a SavedModel is code",
    "TorchModuleWrapper": "a function in a configuration is code",
    "FlaxLayer": "a function in a configuration is code",
    "JaxLayer": "a function in a configuration is code",
    "deserialize": "it names code by class_name, past the allowlist",
    "get": "it names code by class_name, past the allowlist",
    "BackupAndRestore": "it deletes the folder that it is given",
    "CSVLogger": "it writes text of the configuration's choice anywhere, and every trial has its history.csv",
    "RemoteMonitor": "it sends what it is given to anyone",
    "cached": "it replaces the folder that it is given",
    "cached_files": "it replaces the folder that it is given",
}
# Modules of allowed packages that unpickle, or write to a path that they receive.
_REFUSED_MODULES = (
    "toonvision.executor.call",
    "toonvision.executor.resources",
    "toonvision.report.leaderboard",
    "toonvision.report.progress",
)


def target_problem(target: str, path: str) -> Problem | None:
    """Return why a configuration may not name `target`; None if it, and what it stands for, is allowed or trusted.

    Args:
        target: an import path.
        path: its place in the configuration.
    """
    trusted = trusted_modules()
    public = not any(part.startswith("_") for part in target.split("."))
    if not (public and _is_below(target, ALLOWED)) and is_project_module(target):
        trusted = (*trusted, target.partition(".")[0])
    if not _is_below(target, trusted) and not (public and _is_below(target, ALLOWED)):
        return _not_allowed(target, path, did_you_mean(target.rpartition(".")[0], (*ALLOWED, *trusted)))
    found = definition(target)
    if found is None:
        return missing_definition(target, path)
    if target in trusted:
        return None
    defined = f"{found.module}.{found.name}"
    allowed = _is_below(defined, (*ALLOWED, *_SOURCES)) and not _is_below(defined, _REFUSED_MODULES)
    if not allowed and not _is_below(defined, trusted):
        return _not_allowed(target, path, f" It leads to {defined}.")
    if found.name in _REFUSED and not _is_below(defined, trusted):
        reason = _REFUSED[found.name]
        hint = f"{reason[0].upper()}{reason[1:]}. If you trust the author, set {TRUSTED_VARIABLE}={target}."
        return Problem(path, "another target", repr(target), hint)
    return None


def _is_below(path: str, modules: tuple[str, ...]) -> bool:
    return any(path == module or path.startswith(f"{module}.") for module in modules)


def _not_allowed(target: str, path: str, hint: str) -> Problem:
    library = target.partition(".")[0]
    near = [module for module in ALLOWED if module.startswith(f"{library}.")]
    libraries = dict.fromkeys(module.partition(".")[0] for module in ALLOWED)
    where = f"below {', '.join(near)}" if near else f"in {', '.join((*libraries, *trusted_modules()))}"
    return Problem(
        path,
        f"an import path {where}",
        repr(target),
        f"{hint} Trust your own modules by toonvision trust PROJECT, by the environment variable "
        f"{TRUSTED_VARIABLE}=my_package or by toonvision.trust('my_package').",
    )
