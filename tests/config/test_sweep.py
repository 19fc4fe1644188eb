"""The jobs of a sweep as its `multirun.yaml` lists them, which may be a stranger's."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from toonvision.config.jobs import open_source, run_jobs
from toonvision.config.resolve import plain
from toonvision.config.sweep import MULTIRUN, is_sweep, recorded_sweep
from toonvision.errors import ConfigError, StorageError

SWEEP = Path("there")


@pytest.fixture(autouse=True)
def _small() -> None:
    """Write a main config of few groups: composing the packaged one takes much longer."""
    for name, text in (
        ("small", "defaults: [dataset: cogs, _self_]\nseed: 0\nnote: ''\n"),
        ("dataset/cogs", "name: cogs\n"),
        ("dataset/digits", "name: digits\n"),
    ):
        path = Path("small", f"{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def begun(*words: str) -> list[Path]:
    """Let Hydra run a sweep in the folder SWEEP, and return the directories of its jobs."""
    places: list[Path] = []

    def job(cfg: object) -> None:
        assert is_sweep(SWEEP)  # before the first job
        places.append(Path(sorted(SWEEP.rglob("config.yaml"), key=lambda path: path.stat().st_mtime_ns)[-1]).parents[1])

    run_jobs(open_source("small", "small"), [*words, f"hydra.sweep.dir={SWEEP}"], job, is_sweep=True)
    return places


def written(hydra: dict[str, object]) -> None:
    """Write the file of a sweep as a stranger may."""
    SWEEP.mkdir()
    main = {"path": str(Path("small").resolve()), "schema": "file", "provider": "main"}
    node = {"job": {"config_name": "small"}, "runtime": {"config_sources": [main]}, **hydra}
    OmegaConf.save(OmegaConf.create({"hydra": node}), SWEEP / MULTIRUN)


@pytest.mark.parametrize(
    "words",
    [
        ["seed=1,2", "dataset=cogs,digits"],
        ["hydra.sweep.subdir=${hydra.job.override_dirname}", "seed=1,2", "dataset=digits"],
        ["hydra.sweep.subdir=job/${hydra.job.num}", "note='a,b','c=d'"],
    ],
)
def test_every_job_has_the_directory_the_overrides_and_the_configuration_that_hydra_gave_it(words: list[str]) -> None:
    places = begun(*words)
    sweep = recorded_sweep(SWEEP)
    assert [job.directory for job in sweep.jobs] == places
    assert len(places) > 1
    for job in sweep.jobs:
        assert plain(job.cfg) == OmegaConf.to_container(OmegaConf.load(job.directory / ".hydra" / "config.yaml"))
        assert list(job.overrides) == OmegaConf.load(job.directory / ".hydra" / "overrides.yaml")
    assert sweep.recorded == sweep.composed


def test_a_file_of_options_that_has_changed_shows() -> None:
    begun("seed=1,2", "dataset=digits")
    Path("small/dataset/digits.yaml").write_text("name: other\n")
    sweep = recorded_sweep(SWEEP)
    assert (sweep.recorded["dataset"], sweep.composed["dataset"]) == ({"name": "digits"}, {"name": "other"})


@pytest.mark.parametrize("subdir", ["../elsewhere", "/tmp", ".", "${oc.env:HOME}", "${now:%S}", "same"])
def test_a_directory_that_is_not_a_jobs_own_is_refused(subdir: str) -> None:
    written({"overrides": {"task": ["seed=1,2"], "hydra": [f"hydra.sweep.subdir='{subdir}'"]}})
    with pytest.raises(ConfigError, match=r"hydra\.sweep\.subdir: expected"):
        recorded_sweep(SWEEP)


def test_what_hydra_would_call_is_not_called() -> None:
    evil = "{_target_: builtins.open, file: opened, mode: w}"
    written({"overrides": {"task": ["seed=1,2"], "hydra": [f"+hydra.callbacks.evil={evil}", "hydra/launcher=evil"]}})
    assert len(recorded_sweep(SWEEP).jobs) == 2
    assert not Path("opened").exists()


@pytest.mark.parametrize("node", [{}, {"overrides": {"task": "seed=1", "hydra": []}}])
def test_a_file_that_hydra_has_not_written_is_one_message(node: dict[str, object]) -> None:
    written(node)
    with pytest.raises(StorageError, match="expected what Hydra writes when a sweep begins"):
        recorded_sweep(SWEEP)
