"""Where the packaged configuration lies. Nothing else of this package is imported, so that completion is quick."""

from __future__ import annotations

from pathlib import Path


def config_directory() -> Path:
    """Return the folder of the packaged configs: beside the code in a wheel, above it in a checkout."""
    package = Path(__file__).parent.parent
    return package / "conf" if (package / "conf").is_dir() else package.parent / "conf"
