"""What every page shares."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from tests.report.page.page_data import data
from tests.synthetic_run import synthetic_run
from toonvision.report.page import leaderboard_page
from toonvision.report.page.document import joined


def test_only_the_scripts_of_the_page_may_run(tmp_path: Path) -> None:
    path = leaderboard_page.write([synthetic_run(tmp_path / "run", trials=2)], tmp_path / "page.html")
    digest = base64.b64encode(hashlib.sha256(joined("near.js", "leaderboard.js").encode()).digest()).decode()
    policy = path.read_text().split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    assert "default-src &#39;none&#39;" in policy
    assert f"sha256-{digest}".replace("+", "&#43;") in policy or f"sha256-{digest}" in policy
    assert set(data(path)) == {"figures", "templates"}
