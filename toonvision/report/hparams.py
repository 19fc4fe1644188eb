"""The HPARAMS page of TensorBoard as messages: the declared search space, and one session for each trial.

TensorBoard 2.21 has some rules that decide the form of these messages:

- A session without a group is named by its folder. A trial is thus named by its id, and by the folder of its run if
  TensorBoard opens several runs.
- Hyperparameters are sorted by name. Their names thus begin with their position in the search space; the page and its
  downloads show a display name without it.
- The only statuses are success, failure, running and unknown. The status of a trial is thus an additional column.
- The page shows five hyperparameters and five metrics at first. The status and the objectives thus come first.
- Any session can have the declaration. Each trial has it, because a session for it alone would be listed as a trial.
- The value of a metric is a scalar. Each trial has one scalar for each metric, with its number as the step, so that
  the time series of all trials are the history of the search.
- The table shows trials without a value, but the two plots leave them out while such a column is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from toonvision.config.schema import RunConfig
from toonvision.search_space.space import hyperparameters, possible_values
from toonvision.trial.objective import PARAMETERS
from toonvision.trial.trial import Outcome, Trial, TrialStatus

_STATUS = "000.status"
# Only completed trials have comparable scores; an interrupted trial runs again.
_STATUSES = {TrialStatus.COMPLETED: api_pb2.STATUS_SUCCESS, TrialStatus.INTERRUPTED: api_pb2.STATUS_UNKNOWN}
_TYPES = {
    bool: api_pb2.DATA_TYPE_BOOL,
    int: api_pb2.DATA_TYPE_FLOAT64,
    float: api_pb2.DATA_TYPE_FLOAT64,
    str: api_pb2.DATA_TYPE_STRING,
}
# TensorBoard filters more values by a regular expression, which it refuses for numbers.
_MOST_CHECKBOXES = 9


def experiment(config: RunConfig) -> Summary:
    """Declare the status, the hyperparameters with their domains, and the metrics, the objectives first.

    A training metric is declared only if it is an objective; TensorBoard shows the others as learning curves.

    Args:
        config: valid configuration.
    """
    keys, space = _keys(config), hyperparameters(config.search_space)
    statuses = [status.value for status in TrialStatus if status is not TrialStatus.RUNNING]
    infos = [_discrete(_STATUS, "status", statuses)]
    infos += [_hyperparameter(keys[name], name, entry) for name, entry in space.items()]
    metrics = [_metric(name, config) for name in _metric_names(config)]
    declared = api_pb2.Experiment(hparam_infos=infos, metric_infos=metrics)
    return _summary(metadata.EXPERIMENT_TAG, experiment=declared)


def session(config: RunConfig, trial: Trial) -> list[Summary]:
    """Return the messages of a trial: status and values, metrics at the best epoch of the objective, and the end.

    Args:
        config: valid configuration.
        trial: a trial that has ended or was interrupted. TensorBoard would never see the end of a running one.
    """
    keys, ended = _keys(config), trial.ended or 0.0
    values = {keys[name]: value for name, value in trial.values.items() if name in keys}
    scores = {name: _value(trial.outcome, name, config) for name in _metric_names(config)}
    end = SessionEndInfo(status=_STATUSES.get(trial.status, api_pb2.STATUS_FAILURE), end_time_secs=ended)
    return [
        hparams_pb(
            {_STATUS: trial.status.value, **values},
            trial_id="",
            start_time_secs=ended - trial.outcome.seconds,
        ),
        *(scalar_pb(_tag(name), value) for name, value in scores.items() if value is not None and math.isfinite(value)),
        _summary(metadata.SESSION_END_INFO_TAG, session_end_info=end),
    ]


def _keys(config: RunConfig) -> dict[str, str]:
    """Return names for TensorBoard that sort after the status and in the order of the search space."""
    names = hyperparameters(config.search_space)
    return {name: f"{place:03}.{name}" for place, name in enumerate(names, start=1)}


def _hyperparameter(key: str, name: str, entry: Mapping[str, Any]) -> api_pb2.HParamInfo:
    """Declare a range as an interval, and other hyperparameters as a list of values."""
    if entry["hp"] in ("Int", "Float"):
        return _interval(key, name, entry["min_value"], entry["max_value"])
    values = list(possible_values(entry) or ())
    if len(values) > _MOST_CHECKBOXES and not isinstance(values[0], str):
        return _interval(key, name, min(values), max(values))
    return _discrete(key, name, values)


def _interval(key: str, name: str, low: float, high: float) -> api_pb2.HParamInfo:
    interval = api_pb2.Interval(min_value=low, max_value=high)
    return api_pb2.HParamInfo(
        name=key,
        display_name=name,
        type=api_pb2.DATA_TYPE_FLOAT64,
        domain_interval=interval,
        differs=low < high,
    )


def _discrete(key: str, name: str, values: list[Any]) -> api_pb2.HParamInfo:
    info = api_pb2.HParamInfo(name=key, display_name=name, type=_TYPES[type(values[0])], differs=len(values) > 1)
    info.domain_discrete.extend(values)
    return info


def _metric_names(config: RunConfig) -> list[str]:
    validated = ("val_loss", *(f"val_{name}" for name in config.default_trial.training.metrics))
    return list(dict.fromkeys([*config.objective.directions, *validated, PARAMETERS]))


def _metric(name: str, config: RunConfig) -> api_pb2.MetricInfo:
    label = name.removeprefix("val_").replace("_", " ")
    dataset = api_pb2.DATASET_UNKNOWN
    if name.startswith("val_"):
        label, dataset = f"validation {label}", api_pb2.DATASET_VALIDATION
    elif name != PARAMETERS:
        label, dataset = f"training {label}", api_pb2.DATASET_TRAINING
    direction = config.objective.directions.get(name)
    return api_pb2.MetricInfo(
        name=api_pb2.MetricName(tag=_tag(name)),
        display_name=label,
        description=f"objective ({direction})" if direction else "",
        dataset_type=dataset,
    )


def _tag(name: str) -> str:
    return f"trials/{name}"


def _value(outcome: Outcome, name: str, config: RunConfig) -> float | None:
    if name == config.objective.name:
        return outcome.score
    return outcome.parameters if name == PARAMETERS else outcome.metrics.get(name)


def _summary(tag: str, **content: Any) -> Summary:
    """Return a summary whose content is the metadata of an empty tensor."""
    described = metadata.create_summary_metadata(HParamsPluginData(**content))
    return Summary(value=[Summary.Value(tag=tag, metadata=described, tensor=metadata.NULL_TENSOR)])
