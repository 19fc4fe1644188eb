"""The served page in a real browser: it is loaded again when a trial ends, and the view stays as it was."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.synthetic_run import add_trial, begin_run
from toonvision.report.watch import PageServer
from toonvision.trial.trial import TrialStatus

pytestmark = pytest.mark.browser

# Returns the place when the browser has moved it for what has changed above.
SCROLL = """() => new Promise(done => {
    scrollTo({top: 700, behavior: "instant"});
    requestAnimationFrame(() => requestAnimationFrame(() => done(scrollY)));
})"""


def test_the_page_is_loaded_again_with_its_ranges_columns_sorting_and_place(browser: Browser, tmp_path: Path) -> None:
    config, record = begin_run(tmp_path)
    draw = random.Random(1)
    for _ in range(12):
        add_trial(config, record, tmp_path, ending=TrialStatus.COMPLETED, draw=draw)
    server = PageServer(tmp_path, 0, pause=0.0)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    errors: list[str] = []
    window = browser.new_page(viewport={"width": 1280, "height": 900})
    window.set_default_timeout(120_000)
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on(
        "console", lambda said: errors.append(said.text) if said.type == "error" and "404" not in said.text else None
    )
    try:
        window.goto(server.address)
        window.wait_for_selector("html[data-version]", state="attached")
        first = window.evaluate("document.documentElement.dataset.version")
        expect(window.locator(".eyebrow")).to_contain_text("· live")
        window.locator("#quick").get_by_label("at most").fill("0.9")
        window.locator("#quick").get_by_label("at most").press("Tab")
        window.locator("#table thead th").first.click()
        window.get_by_label("a page").select_option("25")
        window.locator("#columns summary").click()
        window.get_by_label("seconds in table").uncheck()
        window.locator("[data-column=score]").get_by_role("button", name="forward").click()
        top = window.evaluate(SCROLL)
        order = window.evaluate("document.querySelector('#controls').innerText")
        add_trial(config, record, tmp_path, ending=TrialStatus.COMPLETED, draw=draw)
        window.wait_for_selector(f"html[data-version]:not([data-version='{first}'])", state="attached")
        assert window.evaluate("scrollY") == top > 100
        expect(window.locator("#quick").get_by_label("at most")).to_have_value("0.9")
        expect(window.locator("#status")).to_contain_text("of 13 trials highlighted")
        expect(window.locator("#table tbody tr")).to_have_count(int(window.locator("#status").inner_text().split()[0]))
        ids = window.locator("#table tbody tr td:first-child").all_inner_texts()
        assert ids == sorted(ids)
        assert "seconds" not in window.locator("#table thead").inner_text()
        assert window.get_by_label("seconds in table").is_checked() is False
        assert window.evaluate("document.querySelector('#controls').innerText") == order
        server.shutdown()
        server.server_close()
        expect(window.locator(".eyebrow")).to_contain_text("toonvision watch does not answer", timeout=60_000)
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
        window.close()
    assert [error for error in errors if "ERR_CONNECTION_REFUSED" not in error] == []
