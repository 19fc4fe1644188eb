"""The verdict as data: it survives JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from pydantic import TypeAdapter

from tests.verdict.made_models import predictions, uncertain, verdict
from toonvision.verdict import Verdict


def test_a_verdict_is_rebuilt_from_json() -> None:
    for found in (verdict(uncertain(1), uncertain(2)), verdict(predictions(()), predictions(()))):
        assert TypeAdapter(Verdict).validate_json(json.dumps(asdict(found))) == found
