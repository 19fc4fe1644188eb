"""Take the picture of a run's page that README.md shows: python docs/page_picture.py RUN, with Debian's chromium.

Two parts of the page are put one above the other: the verdict, and the parallel coordinates.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

WIDTH = 1280  # pixels, which all axes of the search space need
MARGIN = 24  # pixels
ROWS = 5  # of the verdict's table, its head included
COLOURS = 128
PICTURE = Path(__file__).with_name("page.png")


def take_picture(run: Path) -> Image.Image:
    """Open the page of a finished run and return the picture of its two parts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.goto((run / "report" / "index.html").resolve().as_uri(), wait_until="networkidle")
        page.locator("#parallel").scroll_into_view_if_needed()  # the page draws a figure when it comes into view
        page.locator("#parallel .parcoords").wait_for()
        page.wait_for_timeout(1000)  # milliseconds, for its WebGL lines
        verdict = crop(page, "header p >> nth=0", f"header table tr >> nth={ROWS - 1}")
        coordinates = crop(page, "#parallel h2", "#parallel")
        browser.close()
    return stack(verdict, coordinates)


def crop(page: Page, first: str, last: str) -> Image.Image:
    """Return the page from the top of one element to the bottom of another, in its whole width."""
    above, below = page.locator(first).bounding_box(), page.locator(last).bounding_box()
    assert above is not None
    assert below is not None
    scrolled = page.evaluate("window.scrollY")
    top, bottom = above["y"] + scrolled - MARGIN, below["y"] + below["height"] + scrolled
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    return whole.crop((0, round(top), WIDTH, round(bottom)))


def stack(*parts: Image.Image) -> Image.Image:
    """Put pictures of one width below each other."""
    stacked = Image.new("RGB", (WIDTH, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        stacked.paste(part, (0, top))
        top += part.height
    return stacked


if __name__ == "__main__":
    take_picture(Path(sys.argv[1])).quantize(COLOURS).save(PICTURE, optimize=True)
