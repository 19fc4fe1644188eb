"""Which jobs of a sweep are left to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.configuration import composed
from tests.synthetic_run import completed_run, synthetic_run
from toonvision.config.resolve import plain
from toonvision.config.sweep import Sweep, SweepJob
from toonvision.errors import ConfigError
from toonvision.record.sweep import has_record, jobs_left, note_start

OVERRIDES = ("tuner=random_search",)


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    """A sweep whose first job has completed; the second one has begun, and the third one not."""
    completed_run(tmp_path / "0", *OVERRIDES, trials=2)
    synthetic_run(tmp_path / "1", *OVERRIDES, trials=2)
    cfg = composed("storage=journal", *OVERRIDES)
    jobs = tuple(SweepJob(tmp_path / str(number), OVERRIDES, cfg) for number in range(3))
    return Sweep(jobs, plain(cfg), plain(cfg))


def names(sweep: Sweep, *overrides: str) -> dict[str, bool]:
    """Return the names of the jobs that are left, and whether each starts."""
    return {left.job.directory.name: left.cfg is not None for left in jobs_left(sweep, overrides)}


def test_a_job_that_completed_is_left_alone_and_the_others_go_on_or_start(sweep: Sweep) -> None:
    assert names(sweep) == {"1": False, "2": True}


def test_a_job_that_completed_goes_on_where_an_override_changes_it(sweep: Sweep) -> None:
    assert names(sweep, "tuner.max_trials=77") == {"0": False, "1": False, "2": True}
    (new,) = [left.cfg for left in jobs_left(sweep, ["tuner.max_trials=77"]) if left.cfg]
    assert new.tuner.max_trials == 77


def test_what_the_scores_depend_on_may_not_change_for_jobs_that_have_not_started_either(sweep: Sweep) -> None:
    with pytest.raises(ConfigError, match="seed: 42 -> 7"):
        jobs_left(replace(sweep, jobs=sweep.jobs[2:]), ["seed=7"])


def test_files_of_options_may_not_have_changed_for_jobs_that_have_not_started(sweep: Sweep) -> None:
    changed = replace(sweep, composed={**sweep.composed, "seed": 7})
    with pytest.raises(ConfigError, match=r"files of options with which the sweep began.*\n- seed: 42 -> 7"):
        jobs_left(changed, [])
    assert names(replace(changed, jobs=changed.jobs[:2])) == {"1": False}


def test_a_strangers_job_says_no_more_than_a_strangers_run_may(sweep: Sweep) -> None:
    cfg = composed("storage=journal")
    cfg.seed = "${oc.env:HOME}"
    job = replace(sweep.jobs[2], cfg=cfg)
    with pytest.raises(ConfigError, match="seed: expected nothing that only a trusted"):
        jobs_left(replace(sweep, jobs=(job,)), [])


def test_a_job_that_was_killed_before_its_record_starts_with_its_own_configuration(sweep: Sweep) -> None:
    folder = sweep.jobs[2].directory / ".hydra"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("")
    assert not has_record(folder.parent)
    (left,) = [left for left in jobs_left(sweep, ["budget.trials=3"]) if left.cfg is not None]
    note_start(left, ["budget.trials=3"])
    assert OmegaConf.load(folder / "overrides.yaml") == [*OVERRIDES, "budget.trials=3"]
    assert OmegaConf.load(folder / "config.yaml").budget.trials == 3
    assert not has_record(folder.parent)
