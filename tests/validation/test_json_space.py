"""The schema of a hyperparameter has the keywords of its method, as KerasTuner has them."""

from __future__ import annotations

import pytest

from toonvision.validation.json_space import space_definitions
from toonvision.validation.space import KINDS, keywords


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_takes_the_keywords_of_its_method(kind: str) -> None:
    conditions = space_definitions()["hyperparameter"]["allOf"]
    entry = next(c["then"] for c in conditions if c["if"]["properties"]["hp"]["const"] == kind)
    assert set(entry["properties"]) == {"hp", "when", *keywords(kind).names}
    assert entry["required"] == list(keywords(kind).required)
    assert all(entry["properties"][name] for name in keywords(kind).names)  # each has a type


def test_a_space_takes_hyperparameters_and_values_and_a_baseline_only_values() -> None:
    definitions = space_definitions()
    assert "hyperparameter" in str(definitions["space"])
    assert "hyperparameter" not in str(definitions["values"])
