"""The server of a run's page: what it answers, and to whom."""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.test_live_page import listing
from tests.synthetic_run import add_trial, begin_run
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError
from toonvision.record.record import Record
from toonvision.report.watch import PageServer, announcement
from toonvision.trial.trial import TrialStatus


class Watched:
    """A run of one trial, and the server of its page."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config, self.record = run_of_one_trial(directory)
        self.server = PageServer(directory, 0, pause=0.0)

    def ask(self, path: str, *, method: str = "GET", host: str | None = None) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the content of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.server.port}")
        connection.endheaders()
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content


def run_of_one_trial(directory: Path) -> tuple[RunConfig, Record]:
    config, record = begin_run(directory)
    add_trial(config, record, directory, ending=TrialStatus.COMPLETED, draw=random.Random(1))
    return config, record


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = Watched(tmp_path_factory.mktemp("run"))
    serving = threading.Thread(target=watched.server.serve_forever)
    serving.start()
    try:
        yield watched
    finally:
        watched.server.shutdown()
        serving.join()
        watched.server.server_close()


def test_the_page_is_served_and_its_version_changes_when_a_trial_ends(watched: Watched) -> None:
    status, headers, page = watched.ask("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    before = watched.ask("/version")[2]
    assert before in page
    add_trial(watched.config, watched.record, watched.directory, ending=TrialStatus.COMPLETED, draw=random.Random(2))
    status, _, after = watched.ask("/version")
    assert status == 200
    assert after != before
    files = listing(watched.directory)
    assert after in watched.ask("/")[2]
    assert listing(watched.directory) == files


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:{port}", "127.0.0.1", "localhost:1", ""])
@pytest.mark.parametrize("path", ["/", "/version"])
def test_another_host_is_refused(path: str, host: str, watched: Watched) -> None:
    status, _, content = watched.ask(path, host=host.format(port=watched.server.port) or " ")
    assert (status, content) == (421, b"This server answers only to localhost.\n")


def test_localhost_is_this_machine(watched: Watched) -> None:
    assert watched.ask("/version", host=f"LocalHost:{watched.server.port}")[0] == 200


@pytest.mark.parametrize(
    "path", ["/study.journal", "/../study.journal", "//etc/passwd", "/%2e%2e/study.journal", "/trials", "/index.html"]
)
def test_nothing_else_is_served(path: str, watched: Watched) -> None:
    assert watched.ask(path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(method: str, watched: Watched) -> None:
    assert watched.ask("/version", method=method)[0] == 501


def test_head_answers_without_the_content(watched: Watched) -> None:
    status, headers, content = watched.ask("/version", method="HEAD")
    assert (status, int(headers["Content-Length"]), content) == (200, 16, b"")


def test_a_port_that_is_taken_is_an_error(watched: Watched) -> None:
    for port in (watched.server.port, 70_000):
        with pytest.raises(ConfigError, match=rf"--port: expected a free port of this machine\. Received: {port} \("):
            PageServer(watched.directory, port)


def test_the_terminal_shows_the_address_and_the_other_views(watched: Watched) -> None:
    (watched.directory / "tensorboard").mkdir()
    page, dashboard, tensorboard = announcement(watched.server)
    assert page.endswith(f"live until Ctrl-C: http://127.0.0.1:{watched.server.port}/")
    assert dashboard.split()[:2] == ["optuna-dashboard", str(watched.directory / "study.journal")]
    assert tensorboard.split() == ["toonvision", "tensorboard", str(watched.directory)]
