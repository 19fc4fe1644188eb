"""TensorBoard's HPARAMS page: the messages in the files, and the page as TensorBoard serves it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata

from tests.synthetic_run import ENDINGS, add_trial, begin_run
from toonvision.record.results import Results
from toonvision.report import tensorboard, write_reports
from toonvision.trial.trial import Outcome, Trial, TrialStatus, tensorboard_directory

ALL = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A run with conditional hyperparameters and every kind of trial, the last one running; to be read only."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    config, record = begin_run(directory, ["model=deep_cnn"])
    draw = random.Random(1)
    for ending in (*ENDINGS, TrialStatus.INTERRUPTED, *ENDINGS, TrialStatus.RUNNING):
        add_trial(config, record, directory, ending=ending, draw=draw)
    results = Results.load(directory)
    tensorboard.write(results, directory / "report")
    return results


@pytest.fixture(scope="module")
def served(finished: Results) -> Iterator[str]:
    """The address of a TensorBoard on that run."""
    with serving(finished.directory) as address:
        wait_for_trials(address, len(finished.trials) - 1)
        yield address


@contextlib.contextmanager
def serving(run: Path) -> Iterator[str]:
    """Run `toonvision tensorboard` on a run, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "toonvision", "tensorboard", str(run), "--port", str(port)]
    process = subprocess.Popen([*command, "--reload_interval", "1"], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield f"http://localhost:{port}/"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def ask(address: str, route: str, content: dict[str, Any]) -> Any:
    """Ask as the page does."""
    body = json.dumps(content).encode()
    request = Request(f"{address}data/plugin/hparams/{route}", data=body, headers={"Content-Type": "text/plain"})
    with urlopen(request) as answer:
        return json.loads(answer.read())


def session_groups(address: str, **content: Any) -> list[dict[str, Any]]:
    request = {"allowedStatuses": ALL, "colParams": [], "startIndex": 0, "sliceSize": 10_000, **content}
    return list(ask(address, "session_groups", request).get("sessionGroups", []))


def wait_for_trials(address: str, count: int) -> None:
    for _ in range(240):
        with contextlib.suppress(URLError):
            if len(session_groups(address)) == count:
                return
        time.sleep(0.25)
    pytest.fail(f"TensorBoard does not show {count} trials")


def hyperparameters(group: dict[str, Any]) -> dict[str, Any]:
    """A group's values by the names that are shown."""
    return {key.partition(".")[2]: value for key, value in group["hparams"].items()}


def summaries(run: Path, number: int) -> dict[str, Summary.Value]:
    """What is in the file of a trial, by tag."""
    path = tensorboard_directory(run, number) / tensorboard.HPARAMS
    events = [Event.FromString(record) for record in RawEventFileLoader(str(path)).Load()]
    return {value.tag: value for event in events for value in event.summary.value}


def content(value: Summary.Value) -> bytes:
    return bytes(value.metadata.plugin_data.content)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (TrialStatus.COMPLETED, api_pb2.STATUS_SUCCESS),
        (TrialStatus.PRUNED, api_pb2.STATUS_FAILURE),
        (TrialStatus.FAILED, api_pb2.STATUS_FAILURE),
        (TrialStatus.INFEASIBLE, api_pb2.STATUS_FAILURE),
        (TrialStatus.INTERRUPTED, api_pb2.STATUS_UNKNOWN),
    ],
)
def test_a_session_begins_and_ends_with_the_trials_status(
    status: TrialStatus, expected: int, finished: Results
) -> None:
    trial = next(trial for trial in finished.trials if trial.status is status)
    written = summaries(finished.directory, trial.number)
    start = metadata.parse_session_start_info_plugin_data(content(written[metadata.SESSION_START_INFO_TAG]))
    end = metadata.parse_session_end_info_plugin_data(content(written[metadata.SESSION_END_INFO_TAG]))
    assert start.group_name == ""
    assert start.hparams["000.status"].string_value == status.value
    assert end.status == expected
    assert end.end_time_secs == trial.ended
    assert end.end_time_secs - start.start_time_secs == pytest.approx(trial.outcome.seconds)


def test_every_trial_declares_the_same_experiment(finished: Results) -> None:
    written = [summaries(finished.directory, trial.number) for trial in finished.trials[:-1]]
    assert len({content(values[metadata.EXPERIMENT_TAG]) for values in written}) == 1


def test_a_running_trial_has_no_session(finished: Results) -> None:
    assert finished.trials[-1].status is TrialStatus.RUNNING
    assert not tensorboard_directory(finished.directory, finished.trials[-1].number).exists()


def test_a_second_report_writes_the_same_files(finished: Results) -> None:
    files = sorted(path for path in (finished.directory / "tensorboard").rglob("*") if path.is_file())
    before = [path.read_bytes() for path in files]
    assert len(before) == len(finished.trials) - 1
    tensorboard.write(Results.load(finished.directory), finished.directory / "report")
    assert sorted(path for path in (finished.directory / "tensorboard").rglob("*") if path.is_file()) == files
    assert [path.read_bytes() for path in files] == before


def test_a_run_without_trials_has_an_empty_folder(finished: Results, tmp_path: Path) -> None:
    folder = tensorboard.write(replace(finished, trials=[], directory=tmp_path), tmp_path / "report")
    assert list(folder.iterdir()) == []


@pytest.mark.engine
def test_columns_are_in_the_order_of_the_search_space(served: str, finished: Results) -> None:
    experiment = ask(served, "experiment", {})
    assert [info["displayName"] for info in experiment["hparamInfos"]] == ["status", *finished.hyperparameters]
    shown = [info["displayName"] for info in experiment["metricInfos"]]
    assert shown == ["validation loss", "validation accuracy", "parameters"]


@pytest.mark.engine
def test_every_trial_has_its_id_values_and_metrics(served: str, finished: Results) -> None:
    groups = session_groups(served)
    assert [group["name"] for group in groups] == [trial.id for trial in finished.trials[:-1]]
    for group, trial in zip(groups, finished.trials, strict=False):
        assert hyperparameters(group) == {"status": trial.status.value, **trial.values}
        metrics = {metric["name"]["tag"]: metric["value"] for metric in group["metricValues"]}
        expected = {n: trial.outcome.metrics.get(n) for n in ("val_loss", "val_accuracy")}
        expected["parameters"] = trial.outcome.parameters
        known = {f"trials/{name}": value for name, value in expected.items() if value is not None}
        assert metrics == pytest.approx(known, rel=1e-6)  # TensorBoard's numbers have 32 bits
    statuses = {hyperparameters(group)["status"]: group["sessions"][0]["status"] for group in groups}
    assert statuses["COMPLETED"] == "STATUS_SUCCESS"
    assert statuses["FAILED"] == "STATUS_FAILURE"


@pytest.mark.engine
def test_trials_can_be_filtered_by_status(served: str, finished: Results) -> None:
    groups = session_groups(served, colParams=[{"hparam": "000.status", "filterDiscrete": ["PRUNED"]}])
    pruned = [trial.id for trial in finished.trials if trial.status is TrialStatus.PRUNED]
    assert [group["name"] for group in groups] == pruned


@pytest.mark.engine
def test_a_trial_without_a_value_stays_when_sorted_by_it(served: str, finished: Results) -> None:
    by_loss = {"metric": {"tag": "trials/val_loss"}, "order": "ORDER_ASC"}
    groups = session_groups(served, colParams=[by_loss])
    assert len(groups) == len(finished.trials) - 1
    pruned_too = [t for t in finished.trials if t.outcome.score is not None]
    assert groups[0]["name"] == min(pruned_too, key=lambda trial: trial.outcome.score or 0).id


@pytest.mark.engine
@pytest.mark.parametrize("file_format", ["csv", "json", "latex"])
def test_a_download_holds_every_trial(file_format: str, served: str, finished: Results) -> None:
    header = ["status", *finished.hyperparameters, "validation loss", "validation accuracy", "parameters"]
    request = {"allowedStatuses": ALL, "colParams": [], "startIndex": 0, "sliceSize": 10_000}
    query = {
        "format": file_format,
        "columnsVisibility": json.dumps([True] * len(header)),
        "request": json.dumps(request),
    }
    with urlopen(f"{served}data/plugin/hparams/download_data?{urlencode(query)}") as answer:
        text = answer.read().decode()
    statuses = [trial.status.value for trial in finished.trials[:-1]]
    if file_format == "latex":
        rows = [line for line in text.splitlines() if line.endswith("\\\\")]
        assert [row.partition(" & ")[0] for row in rows] == statuses
        assert " & ".join(header).replace("_", "\\_") in text
        return
    table = json.loads(text) if file_format == "json" else None
    lines = [table["header"], *table["rows"]] if table else list(csv.reader(io.StringIO(text)))
    assert lines[0] == header
    assert [line[0] for line in lines[1:]] == statuses


@pytest.mark.engine
def test_an_open_tensorboard_shows_a_trial_that_ends(tmp_path: Path) -> None:
    config, record = begin_run(tmp_path / "run")
    draw = random.Random(1)

    def end(ending: TrialStatus) -> Trial:
        trial = add_trial(config, record, tmp_path / "run", ending=ending, draw=draw)
        tensorboard.write_trial(trial, config=config, directory=tmp_path / "run")
        return trial

    end(TrialStatus.INFEASIBLE)
    with serving(tmp_path / "run") as address:
        wait_for_trials(address, 1)
        completed = end(TrialStatus.COMPLETED)
        wait_for_trials(address, 2)
        assert session_groups(address)[1]["metricValues"][0]["value"] == pytest.approx(completed.outcome.score)


def test_search_and_report_write_the_same_file(finished: Results, tmp_path: Path) -> None:
    config, record = begin_run(tmp_path / "run")
    trial = add_trial(config, record, tmp_path / "run", ending=TrialStatus.COMPLETED, draw=random.Random(1))
    tensorboard.write_trial(trial, config=config, directory=tmp_path / "run")
    path = tensorboard_directory(tmp_path / "run", 0) / tensorboard.HPARAMS
    before = path.read_bytes()
    write_reports(Results.load(tmp_path / "run"))
    assert path.read_bytes() == before


@pytest.mark.engine
@pytest.mark.browser
def test_the_page_shows_every_trial_in_a_browser(served: str, finished: Results, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1600, "height": 2000})  # the grid makes only the rows that are seen
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{served}#hparams")
    table = page.locator("tf-hparams-table-view").first
    first = finished.trials[0].id
    expect(table.get_by_text(first, exact=True)).to_be_visible(timeout=60_000)
    for trial in finished.trials[:-1]:
        expect(table.get_by_text(trial.id, exact=True)).to_be_visible()
    expect(table.get_by_text("FAILED", exact=True)).to_have_count(2)
    headers = [header.strip() for header in table.locator(".table-header:visible").all_inner_texts()]
    assert [re.sub(r"\s+", " ", header) for header in headers] == [
        "Trial ID",
        "Show Metrics",
        "status",
        *finished.hyperparameters[:4],
        "validation loss",
        "validation accuracy",
        "parameters",
    ]
    assert errors == []


def test_an_outcome_without_an_end_time_is_written(finished: Results, tmp_path: Path) -> None:
    trial = Trial(0, finished.trials[0].values, Outcome(TrialStatus.FAILED, seconds=2.0))
    tensorboard.write_trial(trial, config=finished.config, directory=tmp_path)
    assert metadata.SESSION_END_INFO_TAG in summaries(tmp_path, 0)
