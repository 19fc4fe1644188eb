"""Simulated trials for all commands."""

from __future__ import annotations

import pytest

from tests.command_line import SIMULATED
from toonvision import job


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate the trials and the comparison of runs in this process."""
    monkeypatch.setattr(job, "KERAS", SIMULATED)
