"""Walking a configuration: every value with its path."""

from __future__ import annotations

from toonvision.config.tree import leaves, targets


def test_every_leaf_has_its_path() -> None:
    node = {"a": 1, "b": [2, {"c": None}], "d": {}, "e": []}
    assert list(leaves(node)) == [("a", 1), ("b[0]", 2), ("b[1].c", None)]


def test_every_target_is_found_at_any_depth() -> None:
    node = {"_target_": "a", "x": [{"_target_": "b", "y": {"_target_": "c"}}, [{"_target_": "d"}]], "z": {"n": 1}}
    assert [(path, found["_target_"]) for path, found in targets(node, "g")] == [
        ("g", "a"),
        ("g.x[0]", "b"),
        ("g.x[0].y", "c"),
        ("g.x[1][0]", "d"),
    ]
