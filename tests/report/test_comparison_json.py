"""The comparison of both models for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from toonvision.record.results import Results
from toonvision.record.run_state import RunState
from toonvision.report import comparison_json
from toonvision.verdict.comparison import Comparison


def test_the_comparison_is_rebuilt_from_the_file(finished: Results, tmp_path: Path) -> None:
    stored = comparison_json.write(finished, tmp_path).read_bytes()
    assert TypeAdapter(Comparison).validate_json(stored) == finished.comparison


def test_a_run_without_a_comparison_has_null(finished: Results, tmp_path: Path) -> None:
    unfinished = replace(finished, state=RunState())
    assert json.loads(comparison_json.write(unfinished, tmp_path).read_text()) is None
