"""Where the packaged configuration and the cache lie. Nothing else of this package is imported: completion is quick."""

from __future__ import annotations

import os
from pathlib import Path


def config_directory() -> Path:
    """Return the folder of the packaged configs: beside the code in a wheel, above it in a checkout."""
    package = Path(__file__).parent.parent
    return package / "conf" if (package / "conf").is_dir() else package.parent / "conf"


def cache_directory() -> Path:
    """Return the folder of the cache: `$TOONVISION_CACHE`, or `~/.cache/toonvision`."""
    return Path(os.environ.get("TOONVISION_CACHE") or "~/.cache/toonvision").expanduser()
