"""The formats of an export: what is missing is said before Keras is imported."""

from __future__ import annotations

import pytest

from toonvision.errors import ConfigError
from toonvision.training import export_format
from toonvision.training.export_format import FORMATS, checked_format


def test_an_unknown_format_is_an_error_with_the_near_name() -> None:
    with pytest.raises(ConfigError, match=r"savedmodel, onnx, litert\. Received: 'onx'\. Did you mean 'onnx'\?"):
        checked_format("onx")


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_format, "find_spec", lambda name: None if name == "tf2onnx" else object())
    with pytest.raises(ConfigError, match=r"'onnx', without tf2onnx\. Install .* pip install 'toonvision\[onnx\]'"):
        checked_format("onnx")
    assert checked_format("litert") is FORMATS["litert"]
