"""A web process and an interactive worker, started as `manage.py up` starts them, and what can be seen of them from outside."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PATIENCE = 1200.0  # seconds for a start or an answer; also a machine that does much else gets there


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where the connection was closed without a word."""

    status: int
    content: bytes = b""
    location: str = ""


class Site:
    """Web process and interactive worker over the data in `folder`."""

    def __init__(self, folder: Path) -> None:
        from workers.supervisor import host_children

        self.data, self.temporary = folder / "data", folder / "temporary"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        children = host_children(bind=f"127.0.0.1:{self.port}", logs=self.data / "logs", web_processes=1)
        self.web, self.worker = children[:2]
        self.peaks: Counter[str] = Counter()

    def __enter__(self) -> Site:
        os.environ["TMPDIR"] = str(self.temporary)  # of the web alone: the worker's libraries keep things there
        self.web.start()
        del os.environ["TMPDIR"]
        self.worker.start()
        deadline = time.monotonic() + PATIENCE
        while self.ask("/sketch/").status != 200 or not self.count("SELECT COUNT(*) FROM workers_worker"):
            assert time.monotonic() < deadline and self.web.running and self.worker.running, self.logs()[-3000:]
            time.sleep(0.3)
        return self

    def __exit__(self, *_error: Any) -> None:
        self.note_peaks()
        for child in (self.worker, self.web):
            child.send(signal.SIGTERM)
        for child in (self.worker, self.web):
            try:
                child.process.wait(30)  # type: ignore[union-attr]
            except subprocess.TimeoutExpired:
                child.send(signal.SIGKILL, group=True)

    def note_peaks(self) -> None:
        """The most memory that a process of the web and of the worker has held so far, in MiB."""
        for name, child in (("web", self.web), ("worker", self.worker)):
            for process in self._processes(child):
                try:
                    status = Path(f"/proc/{process.pid}/status").read_text()
                except OSError:
                    continue
                peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
                self.peaks[name] = max(self.peaks[name], round(int(peak.split()[1]) / 1024))

    def cpu_seconds(self) -> float:
        """That the web has used; unlike the time on the clock it says the same on a busy machine."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes(self.web))

    def open_files(self) -> int:
        return max(process.num_fds() for process in self._processes(self.web))

    @staticmethod
    def _processes(child) -> list[psutil.Process]:
        try:
            parent = psutil.Process(child.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def send(self, content: bytes, *, whole: bool = True) -> Answer:
        """One request over a connection of its own."""
        with socket.socket() as connection:
            connection.settimeout(PATIENCE)
            try:
                connection.connect(("127.0.0.1", self.port))
                connection.sendall(content)
                if not whole:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it may have answered before it heard us out
            response = http.client.HTTPResponse(connection, method=content.split(b" ", 1)[0].decode("latin-1"))
            try:
                response.begin()
                return Answer(response.status, response.read(), response.headers.get("Location", ""))
            except (OSError, http.client.HTTPException) as error:
                return Answer(0, str(error).encode())

    def ask(self, path: str) -> Answer:
        return self.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    def rows(self, question: str, *values: Any) -> list[tuple]:
        with sqlite3.connect(f"file:{self.data}/db.sqlite3?mode=ro", uri=True, timeout=60) as database:
            return database.execute(question, values).fetchall()

    def count(self, question: str) -> int:
        return self.rows(question)[0][0]

    def kept(self) -> dict[str, Any]:
        """What a refused upload must leave as it is: the number of rows in every table, and the files. What the worker
        writes beside it is left out."""
        tables = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if name == "workers_job" or not name.startswith(("workers_", "sqlite_"))]
        numbers = self.rows(" UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM {name}" for name in tables))
        top = {path.name for path in self.data.iterdir() if not path.name.startswith("db.sqlite3")}
        folder = self.data / "stylizations"
        made = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        return {
            **dict(numbers),
            "data": top,
            "made": made,
            "temporary": {path.name for path in self.temporary.iterdir()},
        }

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in (self.data / "logs").glob("*.log"))
