"""Real data that are no part of the repository, and the mark of the tests that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

_DATA = Path(__file__).parents[2] / "shared" / "data"
CLOTHING = _DATA / "clothing"
TABLES = _DATA / "tables"

reads_real_data = pytest.mark.skipif(
    not _DATA.is_dir(), reason=f"{_DATA} is not there: it is no part of the repository"
)
