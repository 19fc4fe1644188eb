"""The page in a real browser: it opens from disk, all views follow a range, and no name runs as a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.report.judged_run import HOSTILE, images, judged_run
from tests.synthetic_run import synthetic_run
from toonvision.record.results import Results
from toonvision.report import page
from toonvision.report.path import earned
from toonvision.trial.trial import TrialStatus

pytestmark = pytest.mark.browser


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a page in a new window and, at the end, see that it has made no error, no dialog and no request."""
    seen: list[str] = []
    contexts = []

    def dismiss(dialog: Dialog) -> None:
        seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(path: Path, **settings: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        window = context.new_page()
        window.set_default_timeout(15_000)
        window.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
        window.on("pageerror", lambda error: seen.append(str(error)))
        window.on("dialog", dismiss)
        window.on("request", lambda request: seen.append(request.url) if request.url != path.as_uri() else None)
        window.goto(path.as_uri())
        window.wait_for_selector("html[data-ready]", state="attached")
        return window

    yield open_page
    for context in contexts:
        context.close()
    assert [entry for entry in seen if not entry.startswith("data:")] == []


def shown_ids(window: Page) -> list[str]:
    return window.locator("#table tbody tr td:first-child").all_inner_texts()


def show_all(window: Page) -> None:
    window.get_by_label("a page").select_option("All")


def drawn(window: Page, selector: str) -> Any:
    """Scroll to a plot and wait until it is drawn."""
    window.evaluate("selector => document.querySelector(selector).scrollIntoView({behavior: 'instant'})", selector)
    window.wait_for_selector(f"{selector}[data-drawn]")
    return window.locator(selector)


def selected(window: Page, selector: str) -> set[str]:
    """Return the ids of the trials that a plot has in front."""
    script = """selector => { const trace = document.querySelector(selector).data.find(one => one.customdata);
        return trace.selectedpoints.map(index => trace.customdata[index]) }"""
    return set(window.evaluate(script, selector))


def scored(run: Results, highest: float) -> set[str]:
    return {trial.id for trial in run.trials if trial.outcome.score is not None and trial.outcome.score <= highest}


def test_the_path_is_a_table_beside_the_figure(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    drawn(window, "[data-figure=path]")
    rows = window.locator("#path tbody tr")
    expect(rows).to_have_count(len(run.path))
    baseline, first, failed, after, *_ = (re.split(r"\t", row) for row in rows.all_inner_texts())
    ((name, (before, value)),) = run.path[1].changes.items()
    assert baseline[:2] == ["0", "the baseline"]
    assert first[1:4] == [f"{name}: {before} → {value}", f"{run.path[1].outcome.score:.4f}", earned(run)[1].in_words]
    assert failed[2] == "failed"
    assert failed[3].startswith("cannot be built: ")
    assert HOSTILE in failed[3]
    assert after[3] == earned(run)[3].in_words
    expect(window.locator("#path")).not_to_contain_text("is better than the chosen values")
    expect(window.locator("#path")).to_contain_text("The gain of a change depends on the changes before it")


def test_finalists_and_rounds_are_visible(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    best, second = window.locator("#finalists tbody tr").all_inner_texts()
    (trial,) = [finalist.number for finalist in run.finalists if finalist.outcome.status is TrialStatus.COMPLETED]
    assert best.split("\t")[:3] == [f"{trial:04d}", "0.2000", "0.1900, 0.2100"]
    assert second.split("\t")[1] == "failed"
    expect(window.locator("#finalists")).to_contain_text(f"Chosen: trial {trial:04d}, the best mean of fresh scores")
    show_all(window)
    headers = [header.strip() for header in window.locator("#table thead th").all_inner_texts()]
    column = next(index for index, header in enumerate(headers) if header.startswith("round"))
    shown = window.locator(f"#table tbody td:nth-child({column + 1})").all_inner_texts()
    assert dict(zip(shown_ids(window), shown, strict=True)) == {trial.id: trial.round for trial in run.trials}
    assert len(set(shown)) == 2


def test_the_table_sorts_with_missing_values_last(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    scores = {trial.id: trial.outcome.score for trial in run.trials}
    header = window.get_by_role("columnheader", name="val_loss (score)")
    for is_descending in (False, True):
        expect(header).to_have_attribute("aria-sort", "descending" if is_descending else "ascending")
        values = [scores[name] for name in shown_ids(window)]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=is_descending)
        assert values[len(known) :] == [None] * (len(values) - len(known))
        header.click()


def test_a_range_filters_the_table(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    window.locator("#quick").get_by_label("val_loss (score) at most").fill("0.3")
    window.keyboard.press("Enter")
    assert set(shown_ids(window)) == scored(run, 0.3) != set()
    expect(window.locator("#status")).to_contain_text(f"{len(scored(run, 0.3))} of {len(run.trials)} trials")
    window.get_by_role("button", name="Show all").click()
    assert len(shown_ids(window)) == len(run.trials)


def test_a_category_filters_the_table(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    window.get_by_text("Ranges and columns", exact=True).click()
    for status in {trial.status.value for trial in run.trials} - {"FAILED"}:
        window.locator("[data-column=status]").get_by_label(status, exact=True).uncheck()
    assert set(shown_ids(window)) == {trial.id for trial in run.trials if trial.status is TrialStatus.FAILED}
    window.locator("[data-column=status]").get_by_label("FAILED", exact=True).uncheck()
    expect(window.get_by_text("No trial lies in all ranges.")).to_be_visible()


def test_a_column_is_hidden_and_comes_back(written: Path, opened: Opener) -> None:
    window = opened(written)
    header = window.locator("#table").get_by_role("columnheader", name="dropout_1_rate")
    expect(header).to_be_attached()
    window.get_by_text("Ranges and columns", exact=True).click()
    box = window.get_by_label("dropout_1_rate in table")
    box.uncheck()
    expect(header).not_to_be_attached()
    box.check()
    expect(header).to_be_attached()


def test_all_views_follow_a_range_on_an_axis(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    drawn(window, ".canvas.matrix")
    parallel = drawn(window, ".canvas.parallel")
    axis = parallel.locator(".y-axis").last.locator(".axis .domain").bounding_box()
    assert axis
    x, bottom, height = axis["x"] + axis["width"] - 1, axis["y"] + axis["height"], axis["height"]
    window.mouse.move(x, bottom - 0.12 * height)  # above what has no score
    window.mouse.down()
    window.mouse.move(x, bottom - 0.3 * height, steps=4)
    window.mouse.move(x, bottom - 0.5 * height, steps=4)
    window.mouse.up()
    expect(window.locator("#status")).to_contain_text("highlighted")
    low, high = window.evaluate("document.querySelector('.parallel').data[0].dimensions.at(-1).constraintrange")
    inside = {t.id for t in run.trials if t.outcome.score is not None and low <= t.outcome.score <= high}
    assert 0 < len(inside) < len(run.trials)
    assert set(shown_ids(window)) == inside
    assert selected(window, ".canvas.matrix") == inside
    window.get_by_role("button", name="Show all").click()
    assert len(shown_ids(window)) == len(run.trials)
    assert window.evaluate("document.querySelector('.parallel').data[0].dimensions.every(d => !d.constraintrange)")


def test_all_views_follow_points_picked_in_the_matrix(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    drawn(window, ".canvas.parallel")
    matrix = drawn(window, ".canvas.matrix")
    box = matrix.bounding_box()
    assert box
    window.mouse.move(box["x"] + 90, box["y"] + box["height"] - 210)
    window.mouse.down()
    window.mouse.move(box["x"] + 200, box["y"] + box["height"] - 120, steps=5)
    window.mouse.move(box["x"] + 300, box["y"] + box["height"] - 60, steps=5)
    window.mouse.up()
    expect(window.locator("#status")).to_contain_text("highlighted")
    picked = selected(window, ".canvas.matrix")
    assert 0 < len(picked) < len(run.trials)
    assert set(shown_ids(window)) == picked
    axis = window.evaluate("document.querySelector('.parallel').data[0].dimensions.at(-1)")
    assert axis["label"] == "picked"
    assert {trial.id for trial, value in zip(run.trials, axis["values"], strict=True) if value} == picked
    drawn(window, "[data-figure=history]")
    completed_ones = {trial.id for trial in run.trials if trial.status is TrialStatus.COMPLETED}
    assert selected(window, "[data-figure=history]") == picked & completed_ones


def test_contours_and_curves_follow_a_range(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    contour = "[data-figure^=contour]"
    filled = f"document.querySelector('{contour}').data[0].z.flat().filter((score) => score !== null)"
    drawn(window, contour)
    drawn(window, "[data-figure=curves]")
    everything = len(window.evaluate(filled))
    highest = max(trial.outcome.score or 0.0 for trial in run.best(3))
    window.locator("#quick").get_by_label("val_loss (score) at most").fill(str(highest + 1e-6))
    window.keyboard.press("Enter")
    expect(window.locator("#status")).to_contain_text("highlighted")
    window.wait_for_function(f"all => {filled}.length < all", arg=everything)
    assert max(window.evaluate(filled)) <= highest
    faint = window.evaluate("document.querySelector('[data-figure=curves]').data.map((trace) => trace.opacity < 1)")
    assert faint == [False] * 3 + [True] * (len(faint) - 3)
    window.get_by_role("button", name="Show all").click()
    window.wait_for_function(f"all => {filled}.length === all", arg=everything)


def test_a_column_of_the_table_moves_and_is_still_hidden_by_its_name(written: Path, opened: Opener) -> None:
    window = opened(written)
    heads = window.locator("#table thead th")
    heads.nth(1).drag_to(heads.nth(3), target_position={"x": 40, "y": 5})
    expect(heads.nth(1)).not_to_contain_text("status")
    window.get_by_text("Ranges and columns", exact=True).click()
    window.get_by_label("status in table").uncheck()
    expect(heads.filter(has_text="status")).to_have_count(0)


def test_axes_move_and_the_matrix_moves_with_them(written: Path, opened: Opener) -> None:
    window = opened(written)
    names = "[...document.querySelector('.parallel').data[0].dimensions].map(one => one.name)"
    drawn(window, ".canvas.parallel")
    first, second, *others = window.evaluate(names)
    window.get_by_text("Ranges and columns", exact=True).click()
    window.get_by_role("button", name=f"Move {first} back").press("Enter")
    assert window.evaluate(names) == [second, first, *others]
    drawn(window, ".canvas.matrix")
    for name in (first, second):
        window.get_by_label(f"{name} in matrix").check()
    labels = window.evaluate("document.querySelector('.matrix').data[0].dimensions.map(one => one.label)")
    assert labels[:2] == [second, first]


def test_all_plots_are_drawn_in_both_colour_schemes(written: Path, opened: Opener) -> None:
    inks = {}
    for scheme in ("light", "dark"):
        window = opened(written, color_scheme=scheme)
        for index in range(window.locator(".canvas").count()):
            window.locator(".canvas").nth(index).scroll_into_view_if_needed()
        expect(window.locator(".canvas:not([data-drawn])")).to_have_count(0)
        inks[scheme] = window.evaluate("document.querySelector('[data-figure=history]')._fullLayout.font.color")
        expect(window.get_by_text("WebGL")).to_have_count(0)
    assert inks["light"] != inks["dark"]


def test_all_plots_are_drawn_on_paper_and_fit_on_it(written: Path, opened: Opener, tmp_path: Path) -> None:
    window = opened(written)
    plots = window.locator(".canvas").count()
    assert window.locator(".canvas[data-drawn]").count() < plots  # the others are below the screen
    window.evaluate(
        "addEventListener('beforeprint', () => { window.widths = "
        "[...document.querySelectorAll('.canvas:not([data-view]) .main-svg')].map((svg) => svg.clientWidth) })"
    )
    window.pdf(path=tmp_path / "page.pdf", format="A4")
    expect(window.locator(".canvas[data-drawn]")).to_have_count(plots)
    millimetres = 96 / 25.4  # pixels
    widths = window.evaluate("window.widths")
    assert len(widths) >= plots - 2  # the other two scroll in a frame of their own
    assert 0 < max(widths) <= 180 * millimetres
    expect(window.locator("html[data-printed]")).to_have_count(0)


def test_plots_follow_a_change_of_the_colour_scheme(written: Path, opened: Opener) -> None:
    window = opened(written, color_scheme="light")
    drawn(window, "[data-figure=history]")
    ink = "document.querySelector('[data-figure=history]')._fullLayout.font.color"
    before = window.evaluate(ink)
    window.emulate_media(color_scheme="dark")
    window.wait_for_function(f"before => {ink} !== before", arg=before)


def test_a_phone_does_not_scroll_sideways(written: Path, opened: Opener) -> None:
    window = opened(written, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    window.get_by_text("Ranges and columns", exact=True).click()
    for index in range(window.locator(".canvas").count()):
        window.locator(".canvas").nth(index).scroll_into_view_if_needed()
    assert window.evaluate("document.documentElement.scrollWidth") == 390
    assert window.evaluate("document.querySelector('.verdict').getBoundingClientRect().right") <= 390
    assert window.evaluate("document.querySelector('#path .difference').getBoundingClientRect().right") <= 390


def test_the_pictures_are_beside_the_sentences_on_a_screen_and_below_them_on_a_phone(
    written: Path, opened: Opener
) -> None:
    for width, is_beside in ((1400, True), (390, False)):
        window = opened(written, viewport={"width": width, "height": 900})
        drawn(window, "[data-figure=roles]")
        said, pictures = (window.locator(name).bounding_box() for name in ("h1", ".pictures"))
        assert said
        assert pictures
        assert (pictures["x"] >= said["x"] + said["width"]) == is_beside
        assert (pictures["y"] >= said["y"] + said["height"]) == (not is_beside)
        assert pictures["x"] + pictures["width"] <= width


def test_the_keyboard_can_set_a_range(run: Results, written: Path, opened: Opener) -> None:
    window = opened(written)
    show_all(window)
    focused = "document.activeElement.ariaLabel ?? document.activeElement.tagName"
    window.evaluate("document.body.focus()")
    for _ in range(40):
        window.keyboard.press("Tab")
        if window.evaluate(focused) == "val_loss (score) at most":
            break
    assert window.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    window.keyboard.type("0.3")
    window.keyboard.press("Enter")
    assert set(shown_ids(window)) == scored(run, 0.3)


def test_names_do_not_run_as_scripts_in_the_browser(tmp_path: Path, opened: Opener) -> None:
    path = images(tmp_path / "images")
    results = judged_run(tmp_path / "run", "dataset=image_directory", f"dataset.path={path}")
    window = opened(page.write(results, tmp_path))
    assert "<script>alert(1)<" in window.locator(".confusion").first.inner_text()
    show_all(window)
    failed = window.locator("#table tbody tr", has_text="FAILED").first
    assert HOSTILE in failed.inner_text()
    expect(window.locator("#table img, #table script, main script, main b:not(.facts b)")).to_have_count(0)
    assert len(results.trials) == len(shown_ids(window))


def test_an_injected_script_does_not_run(written: Path, browser: Browser, tmp_path: Path) -> None:
    forged = tmp_path / "forged.html"
    inside = "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\">"
    forged.write_text(written.read_text().replace("<main>", f"<main>{inside}"))
    window = browser.new_page()
    window.goto(forged.as_uri())
    window.wait_for_selector("html[data-ready]", state="attached")
    assert window.title() != "ran"
    window.close()


def test_a_thousand_trials_can_be_read_and_filtered(tmp_path: Path, opened: Opener) -> None:
    results = synthetic_run(tmp_path / "run", "dataset=digits", "storage=journal", trials=1000)
    path = page.write(results, tmp_path)
    assert path.stat().st_size < 8_000_000
    window = opened(path)
    expect(window.get_by_text("1 to 10 of 1,000 trials")).to_be_visible()
    expect(window.get_by_text("from 150 of the")).to_be_visible()
    drawn(window, ".canvas.matrix")
    drawn(window, ".canvas.parallel")
    window.locator("#quick").get_by_label("val_loss (score) at most").fill("0.3")
    window.keyboard.press("Enter")
    expect(window.locator("#status")).to_contain_text(f"{len(scored(results, 0.3))} of 1000 trials highlighted")
    assert selected(window, ".canvas.matrix") == scored(results, 0.3)


def test_without_scripts_the_verdict_and_the_predictions_are_there(written: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    window = context.new_page()
    window.goto(written.as_uri())
    expect(window.get_by_role("heading", level=1)).to_contain_text("12 against 27 of 197")
    assert "need JavaScript" in window.locator("noscript").inner_text()
    expect(window.locator("#trials")).to_be_hidden()
    expect(window.locator(".confusion").first).to_be_visible()
    expect(window.locator("#path table")).to_be_visible()
    context.close()
