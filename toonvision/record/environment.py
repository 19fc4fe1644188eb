"""`environment.json`: with which versions, and on which machine, each session of a run was done.

It is that of the search's process; a trial may run on another machine.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psutil

from toonvision.config.trust import is_trusted

ENVIRONMENT = "environment.json"
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_SECONDS = 5.0  # for a command that tells something; then it is unknown
# A repository that is not trusted must not run anything: neither its hooks nor its filters.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def note_environment(directory: Path, *, backend: str, deterministic: bool) -> None:
    """Append this session's environment to the file of a run, unless it is that of the session before.

    Args:
        directory: of the run.
        backend: of Keras.
        deterministic: whether the operations of the backend are.
    """
    path = directory / ENVIRONMENT
    sessions = _sessions(path)
    found = {**environment(), "backend": backend, "deterministic": deterministic}
    if sessions and {**sessions[-1], "began": None} == {**found, "began": None}:
        return
    began = datetime.now(UTC).isoformat(timespec="seconds")
    path.write_text(json.dumps([*sessions, {"began": began, **found}], indent=2) + "\n", encoding="utf-8")


def environment() -> dict[str, Any]:
    """Return the versions of everything, and the machine, as plain data."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": _output("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").splitlines(),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS"),  # "1" where the backend has turned it on
        "git": _git(),
        "packages": _packages(),
    }


@functools.cache
def _packages() -> dict[str, str]:
    return dict(sorted((found.name.lower(), found.version) for found in distributions()))


def _sessions(path: Path) -> list[dict[str, Any]]:
    try:
        sessions = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a run of an earlier version, or a file that is no longer whole
        return []
    return [found for found in sessions if isinstance(found, dict)] if isinstance(sessions, list) else []


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git() -> dict[str, Any] | None:
    """Return the commit of the working directory, and whether files differ from it: only where it is trusted."""
    commit = _output(*_GIT, "rev-parse", "HEAD")
    if not commit:
        return None
    trusted = is_trusted(Path.cwd())
    return {"commit": commit, "changed": bool(_output(*_GIT, "status", "--porcelain")) if trusted else None}


def _output(*command: str) -> str:
    """Return what a command prints; nothing if it fails, is not there, or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
