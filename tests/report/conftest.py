"""Runs for the tests of reports, a page of one, and a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.article_trials import article_trials
from tests.conftest import QUICK
from tests.recorded_run import recorded_run
from tests.report.judged_run import judged_run
from tests.synthetic_run import ODD_TEXT, completed_run
from toonvision.api import narrow_run
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.evidence import Narrowing
from toonvision.record.results import Results
from toonvision.report import page, write_reports
from toonvision.trial.trial import Outcome, Promotion, Reason, Trial, TrialStatus

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


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A completed run on digits of two rounds, with trials of every kind, finalists and a path; to be read only."""
    more = ("strategy=coarse_to_fine", "finalists.count=2", "path.seeds=3")
    return judged_run(tmp_path_factory.mktemp("page") / "run", "dataset=digits", *more)


@pytest.fixture(scope="session")
def written(run: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.write(run, tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A completed run with every kind of trial and its reports; to be read only."""
    results = completed_run(tmp_path_factory.mktemp("finished") / "run", *QUICK, trials=20)
    write_reports(results)
    return results


@pytest.fixture
def varied(finished: Results) -> Results:
    """Its best trial, and others around it."""
    best = finished.best(1)[0]
    others = [
        Trial(1, best.values, Outcome(TrialStatus.FAILED, error=ODD_TEXT, reason=Reason.RAISED, parameters=12)),
        Trial(2, {"conv_1_filters": 4}, Outcome(TrialStatus.INFEASIBLE, error=ODD_TEXT, reason=Reason.INFEASIBLE)),
        Trial(3, best.values, Outcome(TrialStatus.RUNNING)),
        Trial(4, best.values, replace(best.outcome, score=9.0, scores=(8.0, 10.0)), Promotion(4, 2, 0)),
    ]
    return replace(finished, trials=[Trial(0, best.values, best.outcome), *others])


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The hundred random trials of the article as a run; to be read only."""
    given = ["tuner=random_search", "training.epochs=75", "hydra.run.dir=elsewhere"]
    return recorded_run(tmp_path_factory.mktemp("explored") / "run", article_trials(0), given)


@pytest.fixture(scope="session")
def narrowing(explored: Results) -> Narrowing:
    return narrow_run(explored, NarrowingOptions(threshold=0.3))


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return completed_run(tmp_path_factory.mktemp("synthetic") / "run", trials=20)
