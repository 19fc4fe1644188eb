"""The page in memory: it follows the record, and writes nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic_run import add_trial, begin_run, conclude, synthetic_run
from toonvision.errors import ConfigError
from toonvision.record.results import Results
from toonvision.report.live_page import LivePage, version_of
from toonvision.trial.trial import TrialStatus


def listing(directory: Path) -> dict[Path, tuple[int, int]]:
    """Return the size and the time of the last change of everything in a directory."""
    paths = [directory, *directory.rglob("*")]
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in paths}


@pytest.mark.parametrize("storage", ["sqlite", "journal"])
def test_the_page_has_the_trials_that_have_ended_since_and_nothing_is_written(storage: str, tmp_path: Path) -> None:
    config, record = begin_run(tmp_path, [f"storage={storage}"])
    draw = random.Random(1)
    add_trial(config, record, tmp_path, ending=TrialStatus.COMPLETED, draw=draw)
    live = LivePage(tmp_path, pause=0.0)
    first = live.version()
    assert b'"trial_id"' in live.html()
    assert f'const version = "{first}";'.encode() in live.html()
    assert live.version() == first
    add_trial(config, record, tmp_path, ending=TrialStatus.COMPLETED, draw=draw)
    record.close()
    before = listing(tmp_path)
    second = live.version()
    html = live.html()
    assert second != first
    assert f'const version = "{second}";'.encode() in html
    assert b"The best of 2 trials so far" in html
    assert listing(tmp_path) == before


def test_only_the_served_page_may_fetch_and_only_from_its_server(tmp_path: Path) -> None:
    synthetic_run(tmp_path, trials=3)
    html = LivePage(tmp_path).html().decode()
    policy = html.partition('http-equiv="Content-Security-Policy" content="')[2].partition('">')[0]
    assert policy.replace("&#39;", "'").endswith("form-action 'none'; connect-src 'self'")
    assert "default-src &#39;none&#39;" in policy


def test_within_the_pause_the_record_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = synthetic_run(tmp_path, trials=1)
    loaded: list[Path] = []

    def load(directory: Path) -> Results:
        loaded.append(directory)
        return results

    monkeypatch.setattr(Results, "load", load)
    patient, eager = LivePage(tmp_path, pause=1e6), LivePage(tmp_path, pause=0.0)
    loaded.clear()
    assert patient.version() == patient.version()
    assert not loaded
    assert eager.version() == eager.version()
    assert len(loaded) == 2


def test_a_record_that_cannot_be_read_for_a_moment_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path, trials=3)
    live = LivePage(tmp_path, pause=0.0)
    before = live.version()
    record = results.directory / "study.journal"
    record.rename(tmp_path / "away")
    assert live.version() == before
    with pytest.raises(ConfigError, match="without a record"):
        LivePage(tmp_path)


def test_the_version_changes_with_the_state_of_the_run_and_not_with_its_seconds(tmp_path: Path) -> None:
    results = synthetic_run(tmp_path, trials=3)
    version = version_of(results)
    assert version_of(conclude(results, replace(results.state, seconds=9.0))) == version
    assert version_of(conclude(results, replace(results.state, is_search_over=True))) != version
