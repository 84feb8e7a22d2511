"""A workbench of real processes in a folder of its own: `manage.py up` with web, workers and sweeper."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Workbench:
    """A started workbench; `client` sends requests as the administrator, `visitor` as nobody."""

    def __init__(self, folder: Path, services: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}},
            "DATA_DIR": str(folder), "DATASETS_ROOT": str(folder / "incoming"), "WEIGHTS_DIR": str(folder / "weights"),
            "PORT": str(self.port), "HOST": "127.0.0.1", "DEVICE": "cpu", "LEASE_SECONDS": "4", "LOG_LEVEL": "INFO",
            **services,
        }  # fmt: skip
        self.output = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait_until(lambda: "Ctrl-C ends it" in self.output.read_text(), START_SECONDS, "the workbench to start")
        self.wait_until(
            lambda: self.alive_queues() >= {"interactive", "batch"}, START_SECONDS, "both workers to be alive"
        )
        self.visitor = httpx.Client(base_url=self.url, timeout=30)
        self.token = self.manage("make_token", "tests").strip()
        self.client = httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"Bearer {self.token}"})

    def alive_queues(self) -> set[str]:
        answer = httpx.get(f"{self.url}/api/v1/workers/", timeout=30)
        rows = answer.json()
        rows = rows["results"] if isinstance(rows, dict) else rows
        return {row["queue"] for row in rows if row["state"] == "alive"}

    @property
    def sign_in_link(self) -> str:
        return re.findall(r"http\S+/account/link/\S+", self.output.read_text())[-1]

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Standard output of a management command run against this workbench's data."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
        )
        if check and done.returncode:
            raise AssertionError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout

    def scenario(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run a function of tests.chaos.scenarios in a process that shares this workbench's database and broker."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos.scenarios", name, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=290,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    def wait_for_job(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """The job once it has ended."""
        state: dict[str, Any] = {}

        def ended() -> bool:
            state.update(self.client.get(f"/api/v1/jobs/{job_id}/").json())
            return state["state"] in {"succeeded", "failed", "cancelled"}

        self.wait_until(ended, seconds, f"job {job_id} to end")
        return state

    def wait_until(self, condition, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except (httpx.HTTPError, FileNotFoundError, ValueError):
                pass
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the workbench ended while waiting for {what}:\n{self.logs()}")
            time.sleep(0.1)
        raise AssertionError(f"waited {seconds:.0f} s in vain for {what}:\n{self.logs()}")

    def logs(self) -> str:
        files = [self.output, *sorted((self.folder / "logs").glob("*.log"))]
        return "\n".join(
            f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files if file.exists()
        )

    def processes(self) -> list[psutil.Process]:
        """Every process of this workbench, wherever its parent went, known by its data folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("DATA_DIR") == str(self.folder) and process.pid != os.getpid():
                    found.append(process)
            except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        return found

    def stop(self) -> float:
        """Ctrl-C; seconds until the supervisor had ended."""
        assert self.process is not None
        begin = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            for process in self.processes():
                process.kill()
        return time.monotonic() - begin


@contextmanager
def postgres_and_redis() -> Iterator[dict[str, str]]:
    """Addresses of a fresh PostgreSQL database and an emptied Redis database; skips where no server is named."""
    server, redis_url = os.environ.get("TEST_POSTGRES_URL"), os.environ.get("TEST_REDIS_URL")
    if not server or not redis_url:
        pytest.skip("no PostgreSQL and Redis here (set TEST_POSTGRES_URL and TEST_REDIS_URL)")
    import psycopg
    import redis

    name = f"workbench_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    store = redis.Redis.from_url(redis_url)
    store.flushdb()
    try:
        yield {"DATABASE_URL": server.rsplit("/", 1)[0] + f"/{name}", "BROKER_URL": redis_url}
    finally:
        store.flushdb()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running_workbench(folder: Path, variant: str) -> Iterator[Workbench]:
    """A workbench on 'embedded' (file broker + SQLite) or on 'servers' (Redis + PostgreSQL)."""
    if variant == "servers":
        with postgres_and_redis() as services, _started(Workbench(folder, services)) as workbench:
            yield workbench
    else:
        with _started(Workbench(folder, {})) as workbench:
            yield workbench


@contextmanager
def _started(workbench: Workbench) -> Iterator[Workbench]:
    try:
        workbench.start()
        yield workbench
    finally:
        if workbench.process is not None and workbench.process.poll() is None:
            workbench.stop()
        for process in workbench.processes():
            process.kill()
        shutil.rmtree(workbench.folder / "datasets", ignore_errors=True)
