"""Every job of a command is composed before Hydra starts: the same configuration that Hydra then runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from toonvision.cli import main
from toonvision.config.jobs import Job, Source, compose_jobs, open_source, run_jobs
from toonvision.errors import ConfigError

EVIL = "{_target_: builtins.open, file: opened, mode: w}"


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def run_by_hydra(words: list[str], source: Source, *, is_sweep: bool) -> list[tuple[DictConfig, list[str]]]:
    """Return the configuration and the overrides of every job that Hydra runs."""
    return run_jobs(source, words, lambda cfg: (cfg, list(HydraConfig.get().overrides.task)), is_sweep=is_sweep)


def without_hydra(job: Job) -> DictConfig:
    return OmegaConf.masked_copy(job.cfg, [str(key) for key in job.cfg if key != "hydra"])


@pytest.fixture(autouse=True)
def _small() -> None:
    """Write a main config of few groups: composing the packaged one takes much longer."""
    write("small/small.yaml", "defaults: [dataset: cogs, tuner: tpe, _self_]\nseed: 0\nbudget: {trials: null}\n")
    for option in ("dataset/cogs", "dataset/digits", "tuner/tpe", "tuner/hyperband", "tuner/hill_climbing"):
        write(f"small/{option}.yaml", f"name: {option}\n")
    for experiment in ("digits", "smoke"):
        write(f"small/experiment/{experiment}.yaml", f"# @package _global_\nseed: 9\nname: {experiment}\n")


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=1,2", "dataset=digits", "seed=3,4"],
        ["tuner=glob(h*)", "hydra.sweep.dir=there", "seed=range(1,3)"],
        ["seed=choice(1,2)", "+note='a,b'", "budget.trials=3"],
        ["+experiment=digits,smoke", "++note=[1,2]"],
    ],
)
def test_a_sweep_is_split_as_hydra_splits_it(overrides: list[str]) -> None:
    source = open_source("small", "small")
    ran = run_by_hydra(overrides, source, is_sweep=True)
    jobs = compose_jobs(source, overrides, is_sweep=True).jobs
    assert [list(job.overrides) for job in jobs] == [words for _, words in ran]
    assert [without_hydra(job) for job in jobs] == [cfg for cfg, _ in ran]
    assert len(jobs) > 1


def test_options_of_several_folders_are_found_in_hydras_order() -> None:
    for name, seed in (("conf/experiment/both", 1), ("conf/experiment/digits", 2), ("more/experiment/more", 3)):
        write(f"{name}.yaml", f"# @package _global_\nseed: {seed}\n")
    for name in ("both", "digits"):
        write(f"more/experiment/{name}.yaml", "# @package _global_\nseed: 4\n")
    source = open_source("small", "small", extra="more")
    for experiment, seed in (("digits", 9), ("both", 1), ("more", 3)):
        [(cfg, _)] = run_by_hydra([f"+experiment={experiment}"], source, is_sweep=False)
        (job,) = compose_jobs(source, [f"+experiment={experiment}"], is_sweep=False).jobs
        assert without_hydra(job) == cfg
        assert cfg.seed == seed


@pytest.mark.parametrize(
    "words",
    [
        ["--config-path", "evil", "--config-name", "evil"],
        ["--config-path", "evil"],
        ["--config-dir", "evil", "--config-name", "evil"],
        ["--config-dir", "evil", "--config-name", "evil", "--multirun", "safe=a,b"],
        ["--config-dir", "evil", "experiment=evil"],
        ["--config-dir", "evil", "experiment=evil", "--multirun", "seed=1,2"],
        ["--config-dir", "evil", "experiment=evil", "hydra.mode=MULTIRUN"],
        ["check", "--config-path", "evil"],
        ["train", "--config-path", "evil"],
    ],
)
def test_a_strangers_folder_of_configs_runs_nothing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    node = f"hydra: {{callbacks: {{mine: {EVIL}}}}}\n"
    write("evil/config.yaml", node)
    write("evil/evil.yaml", f"defaults: [safe: c, _self_]\n{node}")
    write("evil/experiment/evil.yaml", f"# @package _global_\n{node}")
    for name in "abc":
        write(f"evil/safe/{name}.yaml", f"name: {name}\n")
    assert main(words) == 2
    assert "hydra.callbacks.mine._target_: expected " in capsys.readouterr().err
    assert not Path("opened").exists()


def test_a_default_that_a_sweep_replaces_is_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    write("evil/evil.yaml", "defaults: [safe: evil, _self_]\n")
    write("evil/safe/evil.yaml", f"# @package _global_\nhydra: {{callbacks: {{mine: {EVIL}}}}}\n")
    for name in "ab":
        write(f"evil/safe/{name}.yaml", f"name: {name}\n")
    assert main(["--config-dir", "evil", "--config-name", "evil", "--multirun", "safe=a,b"]) == 2
    assert "hydra.callbacks.mine._target_: expected " in capsys.readouterr().err
    assert not Path("opened").exists()


def test_the_help_starts_no_logging_that_a_configuration_names(capsys: pytest.CaptureFixture[str]) -> None:
    logging = "{version: 1, formatters: {mine: {(): builtins.open, file: opened, mode: w}}}"
    write("conf/experiment/evil.yaml", f"# @package _global_\nhydra: {{hydra_logging: {logging}}}\n")
    assert main(["--help", "experiment=evil"]) == 2
    assert "hydra.hydra_logging.formatters.mine.(): expected " in capsys.readouterr().err
    assert not Path("opened").exists()


def test_an_extra_folder_is_of_one_command_only() -> None:
    write("more/experiment/more.yaml", "# @package _global_\nseed: 3\n")
    (job,) = compose_jobs(open_source(extra="more"), ["experiment=more"], is_sweep=False).jobs
    assert job.cfg.seed == 3
    with pytest.raises(ConfigError, match="experiment: expected one of "):
        compose_jobs(open_source(), ["experiment=more"], is_sweep=False)
