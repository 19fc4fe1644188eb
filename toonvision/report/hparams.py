"""TensorBoard's HPARAMS page as messages: the declared search space, and what came of each trial.

A trial is a session. What TensorBoard 2.21 makes of that, and what is done about it:

- It calls a session that is in no group by its folder. So a trial is called by its id, and where TensorBoard is opened
  on several runs, by the run's folder, too: no two of them are taken for one.
- It orders hyperparameters by name. So their names begin with their place in the search space; what it shows, on the
  page and in its downloads, is a display name without it.
- It knows success, failure, running and unknown. So the trial's own status is a column like a hyperparameter's.
- It shows five hyperparameters and five metrics until told otherwise. So the status and the objectives are the first.
- It looks for the declaration in any run. So each trial's has one: a run of its own would be in the list of the trials.
- It takes a metric's value from a scalar. So each trial has one scalar a metric, at its own number as the step, and
  the time series of all trials are the history of the search.
- Its table has trials that lack a value, for a failure or a condition. Its two plots leave them out as long as such a
  column is shown; a value that would keep them there would be made up.
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
# Only what a completed trial has reached can be compared with others; one that broke off runs again.
_STATUSES = {TrialStatus.COMPLETED: api_pb2.STATUS_SUCCESS, TrialStatus.INTERRUPTED: api_pb2.STATUS_UNKNOWN}
_TYPES = {
    bool: api_pb2.DATA_TYPE_BOOL,
    int: api_pb2.DATA_TYPE_FLOAT64,
    float: api_pb2.DATA_TYPE_FLOAT64,
    str: api_pb2.DATA_TYPE_STRING,
}
# More values than these TensorBoard filters by a regular expression, which it refuses for numbers.
_MOST_CHECKBOXES = 9


def experiment(config: RunConfig) -> Summary:
    """Declare the status, the hyperparameters with their domains, and the metrics, the objectives first.

    Training metrics are left out, but for an objective: they are learning curves.

    Args:
        config: valid.
    """
    keys, space = _keys(config), hyperparameters(config.search_space)
    statuses = [status.value for status in TrialStatus if status is not TrialStatus.RUNNING]
    infos = [_discrete(_STATUS, "status", statuses)]
    infos += [_hyperparameter(keys[name], name, entry) for name, entry in space.items()]
    metrics = [_metric(name, config) for name in _metric_names(config)]
    declared = api_pb2.Experiment(hparam_infos=infos, metric_infos=metrics)
    return _summary(metadata.EXPERIMENT_TAG, experiment=declared)


def session(config: RunConfig, trial: Trial) -> list[Summary]:
    """Return what a trial adds to the page: its status and values, its metrics at the objective's best epoch, its end.

    Args:
        config: valid.
        trial: that has ended or was interrupted. TensorBoard would never see a running one end.
    """
    keys, ended = _keys(config), trial.ended or 0.0
    values = {keys[name]: value for name, value in trial.values.items() if name in keys}
    known = {name: _value(trial.outcome, name, config) for name in _metric_names(config)}
    end = SessionEndInfo(status=_STATUSES.get(trial.status, api_pb2.STATUS_FAILURE), end_time_secs=ended)
    return [
        hparams_pb(
            {_STATUS: trial.status.value, **values},
            trial_id="",
            start_time_secs=ended - trial.outcome.seconds,
        ),
        *(scalar_pb(_tag(name), v) for name, v in known.items() if v is not None and math.isfinite(v)),
        _summary(metadata.SESSION_END_INFO_TAG, session_end_info=end),
    ]


def _keys(config: RunConfig) -> dict[str, str]:
    """TensorBoard's own names of the hyperparameters, which sort after the status, in the order of the search space."""
    names = hyperparameters(config.search_space)
    return {name: f"{place:03}.{name}" for place, name in enumerate(names, start=1)}


def _hyperparameter(key: str, name: str, entry: Mapping[str, Any]) -> api_pb2.HParamInfo:
    """Declare a range as an interval, and what has other values by these."""
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
    said = name.removeprefix("val_").replace("_", " ")
    dataset = api_pb2.DATASET_UNKNOWN
    if name.startswith("val_"):
        said, dataset = f"validation {said}", api_pb2.DATASET_VALIDATION
    elif name != PARAMETERS:
        said, dataset = f"training {said}", api_pb2.DATASET_TRAINING
    direction = config.objective.directions.get(name)
    return api_pb2.MetricInfo(
        name=api_pb2.MetricName(tag=_tag(name)),
        display_name=said,
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
    """What the page is made of lies in the metadata of a tensor, which itself is empty."""
    described = metadata.create_summary_metadata(HParamsPluginData(**content))
    return Summary(value=[Summary.Value(tag=tag, metadata=described, tensor=metadata.NULL_TENSOR)])
