"""A module that is imported at its first use."""

from __future__ import annotations

import sys

import pytest

from toonvision.config.later import Later


def test_a_module_is_imported_when_a_name_of_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "toonvision.trial.bounds", raising=False)
    bounds = Later("trial.bounds")
    assert "toonvision.trial.bounds" not in sys.modules
    assert bounds.EXPECTED == "expected"
    assert "toonvision.trial.bounds" in sys.modules


def test_a_name_that_a_module_lacks_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = Later("errors").nothing
