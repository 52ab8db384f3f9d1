"""The application as it is served: gunicorn with two sync workers, asked over the network of this machine."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

NO_HEADERS: Mapping[str, str] = {}


class Server:
    """Where the application answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, address: str, headers: Mapping[str, str] = NO_HEADERS, *, expect: int = 200) -> dict[str, str]:
        """Get a page to its last byte; answers its headers. Raises RuntimeError for another status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", address, headers=dict(headers))
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        if response.status != expect:
            raise RuntimeError(f"{address} answered {response.status}.")
        return dict(response.getheaders())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(database: Path) -> Iterator[Server]:
    """The application on this SQLite file, until the block ends."""
    server = Server(_free_port())
    options = ["--workers", "2", "--bind", f"127.0.0.1:{server.port}", "--log-level", "critical"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "bench.wsgi", *options],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
        cwd=settings.BASE_DIR,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        if process.poll() is not None:
            raise RuntimeError("The server did not start.")
        try:
            server.get("/readyz")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server does not answer.")
