"""The HPARAMS page of TensorBoard as messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata

from tests.configuration import configured
from toonvision.record.results import Results
from toonvision.report import hparams

SPACE = {
    "filters": {"hp": "Int", "min_value": 4, "max_value": 16, "step": 4},
    "rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.5},
    "optimizer": {"hp": "Choice", "values": ["SGD", "Adam"]},
    "learning_rate": {"hp": "Choice", "values": [0.1, 0.01]},
    "units": {"hp": "Choice", "values": [*range(12, 0, -1)]},
    "flip": {"hp": "Boolean"},
    "kind": {"hp": "Fixed", "value": 3},
    "fixed": "not searched",
}


def content(value: Summary.Value) -> bytes:
    return bytes(value.metadata.plugin_data.content)


def declared(*overrides: str, **config: Any) -> api_pb2.Experiment:
    """What is declared for a configuration."""
    [value] = hparams.experiment(configured(*overrides).model_copy(update=config)).value
    return metadata.parse_experiment_plugin_data(content(value))


def test_a_metric_that_is_not_a_finite_number_is_left_out(finished: Results) -> None:
    trial = finished.best(1)[0]
    metrics = {**trial.outcome.metrics, "val_accuracy": float("nan")}
    session = hparams.session(finished.config, replace(trial, outcome=replace(trial.outcome, metrics=metrics)))
    tags = [value.tag for summary in session for value in summary.value]
    assert "trials/val_loss" in tags
    assert "trials/val_accuracy" not in tags


def test_domains_are_those_of_the_search_space() -> None:
    fixed = {name: value for name, value in configured().baseline.items() if name not in SPACE}
    infos = {info.display_name: info for info in declared(search_space={**SPACE, **fixed}).hparam_infos}
    assert list(infos) == ["status", *(name for name in SPACE if name != "fixed")]
    ranges = {n: i.domain_interval for n, i in infos.items() if i.HasField("domain_interval")}
    assert {n: (r.min_value, r.max_value) for n, r in ranges.items()} == {
        "filters": (4, 16),
        "rate": (0, 0.5),
        "units": (1, 12),  # of ten numbers or more, TensorBoard could not filter any
    }
    values = {n: list(i.domain_discrete) for n, i in infos.items() if i.HasField("domain_discrete")}
    assert values.pop("status") == ["COMPLETED", "PRUNED", "FAILED", "INFEASIBLE", "INTERRUPTED"]
    assert values == {"optimizer": ["SGD", "Adam"], "learning_rate": [0.1, 0.01], "flip": [False, True], "kind": [3]}
    assert [name for name, info in infos.items() if not info.differs] == ["kind"]
    assert infos["flip"].type == api_pb2.DATA_TYPE_BOOL
    assert infos["optimizer"].type == api_pb2.DATA_TYPE_STRING
    assert {infos[name].type for name in ("filters", "rate", "learning_rate", "kind")} == {api_pb2.DATA_TYPE_FLOAT64}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], ["validation loss", "validation accuracy", "parameters"]),
        (["objective=val_accuracy"], ["validation accuracy", "validation loss", "parameters"]),
        (
            ["objective=val_loss_and_parameters", "tuner=nsga2"],
            ["validation loss", "parameters", "validation accuracy"],
        ),
        (["objective.name=loss"], ["training loss", "validation loss", "validation accuracy", "parameters"]),
    ],
)
def test_objectives_come_first_and_other_training_metrics_are_left_out(
    overrides: list[str], expected: list[str]
) -> None:
    assert [info.display_name for info in declared(*overrides).metric_infos] == expected
