"""The contract of all executors, on which the search relies, and the errors of each engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, wait
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import executor_task
from tests.configuration import configured
from tests.executor.waiting import SECONDS, lines, until
from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.errors import ConfigError
from toonvision.executor import TrialExecutor
from toonvision.executor.dask import DaskExecutor
from toonvision.executor.processes import ProcessesExecutor
from toonvision.training.worker import death
from toonvision.trial.trial import HISTORY, Reason, trial_directory
from toonvision.validation.validate import validate

ENGINES = {
    "processes": ["executor.workers=2"],
    "forked": ["executor.workers=2"],
    "dask": ["executor.workers=2"],
    "ray": ["executor.workers=2"],
    "slurm": ["executor.workers=2", "executor.cluster=local", "executor.folder=jobs"],
}
PARAMETERS = [pytest.param(engine, marks=pytest.mark.engine) for engine in ENGINES]
in_processes = pytest.mark.parametrize("engine", PARAMETERS, indirect=True)  # a thread cannot die or be stopped


def make(engine: str) -> TrialExecutor:
    """Return an executor as the search creates it, from the configuration."""
    is_forked = engine == "forked"
    config = configured(f"executor={'processes' if is_forked else engine}", *ENGINES.get(engine, []))
    executor: TrialExecutor = instantiate(config.executor, "executor")
    if is_forked:
        assert isinstance(executor, ProcessesExecutor)
        executor.fork_from("toonvision.training.preloaded")
    return executor


class Shared:
    """The only open executor: a process can have one Ray only, and starting an engine takes seconds."""

    engine: str | None = None
    executor: TrialExecutor | None = None

    @classmethod
    def open(cls, engine: str) -> TrialExecutor:
        if cls.executor is None or cls.engine != engine:
            cls.close()
            cls.engine, cls.executor = engine, make(engine)
        return cls.executor

    @classmethod
    def close(cls) -> None:
        if cls.executor is not None:
            cls.executor.shutdown()
        cls.executor = None


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    Shared.close()


@pytest.fixture(scope="module", params=[*PARAMETERS, "inline"])  # pytest groups the tests by a module's parameter
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def executor(engine: str) -> TrialExecutor:
    return Shared.open(engine)


@pytest.fixture
def alone() -> Callable[[str], TrialExecutor]:
    """Return a function that creates an executor; no other is open."""
    Shared.close()
    return make


def test_a_result_is_returned(executor: TrialExecutor) -> None:
    assert executor.submit(executor_task.add, 1, b=2).result(SECONDS) == 3


def test_an_exception_is_raised_again(executor: TrialExecutor) -> None:
    with pytest.raises(ValueError, match="no luck") as raised:
        executor.submit(executor_task.fail, "no luck").result(SECONDS)
    assert str(raised.value) == "no luck"


def test_more_trials_than_workers_all_end(executor: TrialExecutor) -> None:
    futures = [executor.submit(executor_task.add, number, 1) for number in range(6)]
    done, _ = wait(futures, timeout=SECONDS)
    assert len(done) == 6
    assert [future.result() for future in futures] == [1, 2, 3, 4, 5, 6]


@in_processes
def test_as_many_trials_run_at_once_as_there_are_workers(executor: TrialExecutor, tmp_path: Path) -> None:
    go, began = tmp_path / "go", tmp_path / "began"
    futures = [executor.submit(executor_task.wait_for, str(go), str(began)) for _ in range(3)]
    until(lambda: len(lines(began)) == 2)
    time.sleep(0.5)  # in which a third could begin
    assert len(lines(began)) == len(set(lines(began))) == executor.workers == 2
    go.touch()
    wait(futures, timeout=SECONDS)
    assert os.getpid() not in {future.result() for future in futures}


@in_processes
@pytest.mark.parametrize("death", [(executor_task.leave, 7), (executor_task.be_killed,)], ids=["exits", "is killed"])
def test_the_death_of_a_worker_breaks_only_its_own_trial(
    executor: TrialExecutor, tmp_path: Path, death: tuple[Any, ...]
) -> None:
    go, began = tmp_path / "go", tmp_path / "began"
    other = executor.submit(executor_task.wait_for, str(go), str(began))
    until(began.exists)
    with pytest.raises(BrokenExecutor):
        executor.submit(*death).result(SECONDS)
    go.touch()
    assert [str(other.result(SECONDS))] == lines(began)
    # Both workers take trials again.
    (tmp_path / "again").touch()
    again = [executor.submit(executor_task.wait_for, str(tmp_path / "again"), str(began)) for _ in range(4)]
    assert len(wait(again, timeout=SECONDS).done) == 4
    assert len(lines(began)) == 5


@in_processes
def test_a_trial_whose_worker_died_is_not_run_again(executor: TrialExecutor, tmp_path: Path) -> None:
    began = tmp_path / "began"
    with pytest.raises(BrokenExecutor):
        executor.submit(executor_task.note_and_be_killed, str(began)).result(SECONDS)
    for _ in range(4):
        executor.submit(executor_task.add, 1, 1).result(SECONDS)
    assert len(lines(began)) == 1


@in_processes
def test_a_worker_that_exceeds_its_memory_limit_ends_with_that_reason(executor: TrialExecutor, tmp_path: Path) -> None:
    folder = trial_directory(tmp_path, 0)
    folder.mkdir(parents=True)
    (folder / HISTORY).touch()
    with pytest.raises(BrokenExecutor) as raised:
        executor.submit(executor_task.exceed_memory, str(folder)).result(SECONDS)
    assert death(tmp_path, 0, raised.value).reason is Reason.OUT_OF_MEMORY
    assert executor.submit(executor_task.add, 1, 2).result(SECONDS) == 3


@in_processes
def test_a_worker_has_the_surroundings_of_the_parent(executor: TrialExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "mine")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.syspath_prepend("somewhere")
    names = ("TOONVISION_TRUSTED", "KERAS_BACKEND", "TF_NUM_INTRAOP_THREADS")
    directory, path, variables = executor.submit(executor_task.surroundings, *names).result(SECONDS)
    assert directory == str(Path.cwd())
    assert str(Path("somewhere").absolute()) in path.split(os.pathsep)
    assert variables == {"TOONVISION_TRUSTED": "mine", "KERAS_BACKEND": "torch", "TF_NUM_INTRAOP_THREADS": "1"}


@in_processes
def test_a_shutdown_that_waits_leaves_no_trial_and_no_process(
    engine: str, alone: Callable[[str], TrialExecutor]
) -> None:
    before = descendants()
    executor = alone(engine)
    futures = [executor.submit(executor_task.process_id, 0.2) for _ in range(3)]
    executor.shutdown()
    assert all(future.done() for future in futures)
    until(lambda: not [pid for pid in (future.result() for future in futures) if psutil.pid_exists(pid)])
    until(lambda: not descendants() - before)


@in_processes
def test_a_shutdown_that_does_not_wait_stops_running_trials(
    engine: str, alone: Callable[[str], TrialExecutor], tmp_path: Path
) -> None:
    before = descendants()
    executor = alone(engine)
    began = tmp_path / "began"
    futures = [executor.submit(executor_task.wait_for, str(tmp_path / "never"), str(began)) for _ in range(3)]
    until(lambda: len(lines(began)) == 2)
    executor.shutdown(wait=False, cancel_futures=True)
    until(lambda: all(future.done() for future in futures))
    assert sum(future.cancelled() for future in futures) == 1
    assert all(isinstance(future.exception(), BrokenExecutor) for future in futures if not future.cancelled())
    until(lambda: not [pid for pid in lines(began) if psutil.pid_exists(int(pid))])
    until(lambda: not descendants() - before)


@pytest.mark.parametrize("local", [ProcessesExecutor, DaskExecutor])
@pytest.mark.engine
def test_each_process_gets_its_gpus(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, local: Callable[..., Executor]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    with local(workers="auto", gpus_per_trial=0.5) as executor:
        go, began = tmp_path / "go", tmp_path / "began"
        name = "CUDA_VISIBLE_DEVICES"
        futures = [executor.submit(executor_task.wait_with, str(go), str(began), name) for _ in range(4)]
        until(lambda: len(lines(began)) == 4)
        go.touch()
        assert sorted(str(future.result(SECONDS)) for future in futures) == ["5", "5", "7", "7"]


@pytest.mark.parametrize(("engine", "package"), [("dask", "distributed"), ("ray", "ray"), ("slurm", "submitit")])
def test_an_engine_that_is_not_installed_is_an_error_of_the_configuration(
    engine: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError) as raised:
        validate(compose([f"executor={engine}"]))
    target = f"toonvision.executor.{engine}.{engine.capitalize()}Executor"
    assert str(raised.value) == (
        f"executor: expected {package}, which {target} needs, to be installed. Received: a missing package. "
        f"Install it by pip install 'toonvision[{engine}]'."
    )


SEARCH = """
import sys
from test_executor import make
import executor_task
engine, went, began = sys.argv[1:]
if __name__ == "__main__":
    with make(engine) as executor:
        futures = [executor.submit(executor_task.wait_for, went, began) for _ in range(2)]
        try:
            print([len(str(future.result())) > 0 for future in futures])
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            print([future.result() > 0 for future in futures])
"""


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a search of two trials that wait for a file, in a process group of its own."""
    script = tmp_path / "search.py"
    script.write_text(SEARCH)
    started: list[subprocess.Popen[str]] = []
    path = os.pathsep.join(str(folder) for folder in Path(__file__).parents[:3])  # this module, tests, the package

    def start(engine: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(script), engine, str(tmp_path / "go"), str(tmp_path / "began")]
        environment = os.environ | {"PYTHONPATH": path}
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
        )
        until(lambda: len(lines(tmp_path / "began")) == 2)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@in_processes
def test_ctrl_c_reaches_the_search_and_not_its_trials(
    engine: str, tmp_path: Path, search: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = search(engine)
    for pid in (process.pid, *(int(pid) for pid in lines(tmp_path / "began"))):  # whatever their group, as a terminal's
        os.kill(pid, signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "interrupted\n"
    (tmp_path / "go").touch()
    assert process.communicate(timeout=SECONDS)[0] == "[True, True]\n"
    assert process.returncode == 0


# SLURM jobs are left out: a job goes on after its search is killed.
@pytest.mark.parametrize("engine", PARAMETERS[:-1], indirect=True)
def test_workers_end_soon_after_a_search_that_was_killed(
    engine: str, tmp_path: Path, search: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = search(engine)
    # Ray's agents, which train nothing, follow a minute later.
    left = [p for p in psutil.Process(process.pid).children(recursive=True) if "Agent" not in " ".join(p.cmdline())]
    process.kill()
    process.wait()
    assert {int(pid) for pid in lines(tmp_path / "began")} <= {p.pid for p in left}
    assert not psutil.wait_procs(left, timeout=SECONDS)[1]


def descendants() -> set[int]:
    """Return the processes that this one has started, but for those that track others' resources, or are forked."""
    found = psutil.Process().children(recursive=True)
    return {p.pid for p in found if p.status() != psutil.STATUS_ZOMBIE and not serves(p)}


def serves(process: psutil.Process) -> bool:
    command = " ".join(process.cmdline())  # that of a forked process is the one of its parent
    return "tracker" in command or ("forkserver" in command and process.ppid() == os.getpid())
