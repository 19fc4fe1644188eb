"""Hydra's own node of a configuration: what it names is held to the allowlist before Hydra runs it."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import DictConfig

from toonvision.config.allowlist import TRUSTED_VARIABLE
from toonvision.config.compose import config_directory, register_search_path
from toonvision.errors import ConfigError
from toonvision.validation.hydra import check_hydra


def with_hydra(*overrides: str) -> DictConfig:
    with initialize_config_dir(version_base="1.3", config_dir=str(config_directory().resolve())):
        return hydra_compose("config", list(overrides), return_hydra_config=True)


def hydra_errors_of(*overrides: str) -> str:
    with pytest.raises(ConfigError) as raised:
        check_hydra(with_hydra(*overrides))
    return str(raised.value)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["hydra/job_logging=disabled", "hydra/hydra_logging=none"],
        ["hydra/job_logging=stdout", "hydra/hydra_logging=hydra_debug"],
        ["+hydra.job.env_set.OMP_NUM_THREADS='1'", "hydra.run.dir=outputs/${model.name}"],
        ["+hydra.callbacks.x={_target_: keras.callbacks.EarlyStopping}"],
        ["experiment=smoke"],
    ],
)
def test_hydras_own_node_is_accepted_and_not_changed(overrides: list[str]) -> None:
    cfg = with_hydra(*overrides)
    before = str(cfg)
    check_hydra(cfg)
    assert str(cfg) == before


HOSTILE = [
    ("+hydra.callbacks.x1={_target_: os.system, command: id}", "hydra.callbacks.x1._target_"),
    (
        "+hydra.callbacks.x2={_target_: hydra._internal.core_plugins.importlib_resources_config_source.os.system}",
        "hydra.callbacks.x2._target_",
    ),
    (
        "+hydra.callbacks.x3={_target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher.launch}",
        "hydra.callbacks.x3._target_",
    ),
    ("+hydra.callbacks.x4={_target_: keras.callbacks.os.system}", "hydra.callbacks.x4._target_"),
    ("+hydra.callbacks.x5={a: [{_target_: os.system}]}", "hydra.callbacks.x5.a[0]._target_"),
    ("+hydra.callbacks.x6='${oc.create:${oc.decode:\"{_target_: os.system}\"}}'", "hydra.callbacks.x6"),
    ("+hydra.callbacks.x7='${dataset}'", "hydra.callbacks.x7"),
    ("+hydra.callbacks.x8='${hydra.env.x}'", "hydra.callbacks.x8"),
    ("+hydra.callbacks.x15={_target_: logging.FileHandler, filename: x, mode: w}", "hydra.callbacks.x15._target_"),
    ("hydra.job_logging.handlers.file.filename=evil.pth", "hydra.job_logging.handlers.file.filename"),
    ("hydra.launcher._target_=os.system", "hydra.launcher._target_"),
    ("+hydra.callbacks.x14={_target_: hydra_plugins.mine.Callback}", "hydra.callbacks.x14._target_"),
    ("hydra.sweeper._target_=os.system", "hydra.sweeper._target_"),
    ("+hydra.job_logging.handlers.x9={class: os.system}", "hydra.job_logging.handlers.x9.class"),
    ("+hydra.job_logging.handlers.x10={class: logging.os.system}", "hydra.job_logging.handlers.x10.class"),
    ("+hydra.job_logging.handlers.x11={class: logging.handlers.QueueHandler}", "hydra.job_logging.handlers.x11.class"),
    (
        "+hydra.job_logging.handlers.x12={class: toonvision.dataset.cache.os.system}",
        "hydra.job_logging.handlers.x12.class",
    ),
    ("+hydra.job_logging.handlers.x13={class: '${hydra.job.name}'}", "hydra.job_logging.handlers.x13.class"),
    ("hydra.job_logging.handlers.console.stream=ext://os.environ", "hydra.job_logging.handlers.console.stream"),
    ("hydra.hydra_logging.handlers.console.stream='${seed}'", "hydra.hydra_logging.handlers.console.stream"),
    (f"+hydra.job.env_set.{TRUSTED_VARIABLE}=os", f"hydra.job.env_set.{TRUSTED_VARIABLE}"),
    ("+hydra.job.env_set.PYTHONPATH=evil", "hydra.job.env_set.PYTHONPATH"),
    ("+hydra.job.env_set.LD_PRELOAD=evil.so", "hydra.job.env_set.LD_PRELOAD"),
    (
        "+hydra.job.env_set.HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE=os",
        "hydra.job.env_set.HYDRA_INSTANTIATE_ALLOWLIST_OVERRIDE",
    ),
]


@functools.cache
def all_hostile() -> str:
    """Return what is said of all that would be code in Hydra's own node, in one composition."""
    return hydra_errors_of(*(override for override, _ in HOSTILE))


@pytest.mark.parametrize(("override", "place"), HOSTILE)
def test_code_in_hydras_own_node_is_refused(override: str, place: str) -> None:
    assert f"- {place}: expected " in all_hostile()


@pytest.mark.parametrize(
    ("node", "place"),
    [
        ("callbacks: {x: {_target_: os.system, command: id}}", "hydra.callbacks.x._target_"),
        ("hydra_logging: {formatters: {x: {(): os.system}}}", "hydra.hydra_logging.formatters.x.()"),
        ("job_logging: {filters: {x: {(): '${hydra.job.name}'}}}", "hydra.job_logging.filters.x.()"),
        ("sweeper: {params: {+hydra.callbacks: evil}}", "hydra.sweeper.params"),
    ],
)
def test_code_that_an_experiment_puts_there_is_refused(experiment: Callable[[str], str], node: str, place: str) -> None:
    register_search_path()
    assert f"{place}: expected " in hydra_errors_of(experiment(f"# @package _global_\nhydra:\n  {node}\n"))


def test_a_trusted_callback_and_logging_class_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "hydra.experimental.callbacks,rich.logging")
    check_hydra(
        with_hydra(
            "+hydra.callbacks.x={_target_: hydra.experimental.callbacks.LogJobReturnCallback}",
            "+hydra.job_logging.handlers.x={class: rich.logging.RichHandler}",
        )
    )


def test_all_errors_of_hydras_own_node_are_told_at_once() -> None:
    message = hydra_errors_of(
        "+hydra.callbacks.x={_target_: os.system}",
        "+hydra.job_logging.handlers.x={class: logging.os.system}",
        "+hydra.job.env_set.PATH=evil",
    )
    assert message.startswith("3 errors in the configuration:\n- hydra.callbacks.x._target_: ")
