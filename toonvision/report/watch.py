"""Serving the page of a run to the browsers of this machine, read-only, while the run goes on.

The server listens on 127.0.0.1 only. It answers `/` and `/version`, and only requests that name this machine: a page of
the web whose name leads to 127.0.0.1 (DNS rebinding) is refused.
"""

from __future__ import annotations

import shlex
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from toonvision.errors import ConfigError, Problem, ToonvisionError
from toonvision.record.storage import dashboard_storage
from toonvision.report.live_page import PAUSE, LivePage
from toonvision.trial.trial import TENSORBOARD

HOST = "127.0.0.1"
_TEXT = "text/plain; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "base-uri 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}  # the page itself says which scripts may run


class PageServer(ThreadingHTTPServer):
    """Serves the page of one run.

    Args:
        directory: of the run.
        port: to listen on; 0 for any free one.
        pause: the least seconds between two looks at the record.

    Raises:
        ConfigError: if there is no run, or the port is taken.
        ToonvisionError: if the record cannot be read.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, directory: Path, port: int, *, pause: float = PAUSE) -> None:
        self.page = LivePage(directory, pause=pause)
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            hint = "Choose another, or 0 for any free one."
            raise ConfigError(Problem("--port", "a free port of this machine", f"{port} ({error})", hint)) from error

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/"


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; the standard library refuses other methods."""

    server: PageServer
    server_version, sys_version = "toonvision", ""
    timeout = 10  # seconds for a request to arrive

    def do_GET(self) -> None:
        """Answer with the page or its version."""
        status, kind, body = self._answer()
        self._send(status, kind, body)
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self._send(*self._answer())

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the terminal shows the address."""

    def _answer(self) -> tuple[HTTPStatus, str, bytes]:
        """Return the status, the type and the content of the answer."""
        if not self._is_local():
            return HTTPStatus.MISDIRECTED_REQUEST, _TEXT, b"This server answers only to localhost.\n"
        path = urlsplit(self.path).path
        try:
            if path == "/":
                return HTTPStatus.OK, "text/html; charset=utf-8", self.server.page.html()
            if path == "/version":
                return HTTPStatus.OK, _TEXT, self.server.page.version().encode()
        except ToonvisionError as error:
            return HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, f"{error}\n".encode(errors="replace")
        return HTTPStatus.NOT_FOUND, _TEXT, b"There is / and /version.\n"

    def _is_local(self) -> bool:
        """Whether the one name by which the browser knows this server is that of this machine."""
        names = self.headers.get_all("Host", [])
        return len(names) == 1 and names[0].lower() in {f"{host}:{self.server.port}" for host in (HOST, "localhost")}

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()


def announcement(server: PageServer) -> list[str]:
    """Return what the terminal shows: the address, and the commands of the other views of the run."""
    results = server.page.results
    directory = results.directory
    lines = [f"{directory}, live until Ctrl-C: {server.address}"]
    if storage := dashboard_storage(results.config.storage, directory):
        lines.append(f"  optuna-dashboard {shlex.quote(storage)}    after pip install optuna-dashboard")
    if (directory / TENSORBOARD).is_dir():
        lines.append(f"  toonvision tensorboard {shlex.quote(str(directory))}")
    return lines
