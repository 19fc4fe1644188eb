"""A real browser for what is looked at in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
# No sandbox, since tests may run as root; the others keep a new profile from looking for hosts of its maker's.
FLAGS = ("no-sandbox", "disable-gpu", "enable-unsafe-swiftshader", "disable-quic", "no-first-run")
FLAGS += ("disable-background-networking", "disable-component-update", "disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in FLAGS])
        yield browser
        browser.close()
