"""A module that is imported at its first use, which comes after the validation."""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for a module of this package, and imports it when one of its names is used.

    Args:
        name: of the module below `toonvision`.
    """

    def __init__(self, name: str) -> None:
        self._name = f"toonvision.{name}"

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
