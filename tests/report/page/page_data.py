"""Reads the data that a page gives to its scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any


def data(path: Path) -> dict[str, Any]:
    """Return what the page's scripts are given."""
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text())
    assert block
    return dict(json.loads(block[1]))
