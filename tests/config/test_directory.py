"""Where the packaged configuration and the cache lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.config.directory import cache_directory, config_directory


def test_it_is_the_folder_of_the_main_config_file() -> None:
    assert (config_directory() / "config.yaml").is_file()


def test_the_cache_is_where_its_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", "/somewhere")
    assert cache_directory() == Path("/somewhere")
    monkeypatch.setenv("TOONVISION_CACHE", "")
    assert cache_directory() == Path("~/.cache/toonvision").expanduser()
