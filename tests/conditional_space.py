"""A search space whose hyperparameters depend on others, and its entries."""

from __future__ import annotations

from typing import Any

RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.5, "step": 0.1}
DEPTH = {"hp": "Int", "min_value": 1, "max_value": 3}
FLAG = {"hp": "Boolean"}
# Nested conditions, two conditions at once, and one on a fixed parent.
CONDITIONAL: dict[str, Any] = {
    "depth": DEPTH,
    "optimizer": "SGD",
    "kind": {"hp": "Choice", "values": ["a", "b"], "when": {"depth": [2, 3]}},
    "flag": FLAG,
    "rate": {**RATE, "when": {"kind": ["b"], "flag": [True], "optimizer": ["SGD"]}},
    "never": {**RATE, "when": {"optimizer": ["Adam"]}},
}
