"""A real browser, and a run with its page for the tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.report.judged_run import judged_run
from toonvision.record.results import Results
from toonvision.report import page

CHROMIUM = "/usr/bin/chromium"
# No sandbox, since tests may run as root; the others keep a new profile from looking for hosts of its maker's.
FLAGS = ["no-sandbox", "disable-gpu", "enable-unsafe-swiftshader", "disable-quic", "no-first-run"]
FLAGS += ["disable-background-networking", "disable-component-update", "disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A completed run on digits of two rounds, with trials of every kind, finalists and a path."""
    more = ("strategy=coarse_to_fine", "finalists.count=2", "path.seeds=3")
    return judged_run(tmp_path_factory.mktemp("page") / "run", "dataset=digits", *more)


@pytest.fixture(scope="module")
def written(run: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.write(run, tmp_path_factory.mktemp("written"))
