"""Where the packaged configuration lies."""

from __future__ import annotations

from toonvision.config.directory import config_directory


def test_it_is_the_folder_of_the_main_config_file() -> None:
    assert (config_directory() / "config.yaml").is_file()
