"""Starts the processes of one host, restarts the ones that die, and ends them all together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workers.celery_process import die_with_parent

TERM_SECONDS = 16.0  # a running job gets its grace period, then its process ends itself
QUIT_SECONDS = 5.0
LONGEST_BACK_OFF = 30.0
STEADY_SECONDS = 60.0  # a process that lived this long starts again without delay
QUICK_DEATHS = 5


@dataclass
class Child:
    """One supervised process; its output goes to a log file."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0  # in a row, each after a short life
    restart_at: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                # Its own session: Ctrl-C in the terminal reaches only the supervisor, which then ends the others in order.
                start_new_session=True,
                preexec_fn=_end_with_supervisor,
            )
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int, *, group: bool = False) -> None:
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, number)
            elif self.running:
                self.process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            pass

    def tail(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _end_with_supervisor() -> None:
    die_with_parent(signal.SIGTERM)


@dataclass
class Supervisor:
    """`run` blocks until `stop` is called (from a signal handler), then ends every child within half a minute."""

    children: list[Child]
    say: Callable[[str], None]
    stopping: bool = False

    def stop(self, *args: object) -> None:
        self.stopping = True

    def run(self) -> None:
        try:
            for child in self.children:
                if child.process is None and not self.stopping:
                    child.start()
            while not self.stopping:
                for child in self.children:
                    self._look_after(child)
                time.sleep(0.2)
        finally:
            self.end()

    def _look_after(self, child: Child) -> None:
        if child.running:
            return
        now = time.monotonic()
        if child.process is not None:
            code = child.process.returncode
            child.send(signal.SIGKILL, group=True)  # what it left behind
            child.process = None
            child.deaths = child.deaths + 1 if now - child.started < STEADY_SECONDS else 1
            delay = 0.0 if child.deaths == 1 else min(2.0 ** (child.deaths - 2), LONGEST_BACK_OFF)
            child.restart_at = now + delay
            self.say(f"{child.name} ended ({_ending(code)}); it starts again in {delay:.0f} s. Log: {child.log}")
            if child.deaths == QUICK_DEATHS:
                self.say(f"{child.name} died {QUICK_DEATHS} times in a row. The end of its log:\n{child.tail()}")
        if now >= child.restart_at:
            child.start()

    def end(self) -> None:
        """SIGTERM, then SIGQUIT, then SIGKILL; afterwards none of the processes is left."""
        for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGQUIT, QUIT_SECONDS), (signal.SIGKILL, 5.0)):
            for child in self.children:
                child.send(number, group=number == signal.SIGKILL)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and any(child.running for child in self.children):
                time.sleep(0.05)
            if not any(child.running for child in self.children):
                break
        for child in self.children:
            child.send(signal.SIGKILL, group=True)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def host_children(*, bind: str, logs: Path, web_processes: int = 2) -> list[Child]:
    """The processes of a host that does everything: web, one worker a queue, sweeper. The web comes first."""
    manage = [sys.executable, str(Path(__file__).resolve().parent.parent / "manage.py")]
    gunicorn = [
        sys.executable, "-m", "gunicorn", "mysite.wsgi:application", "--bind", bind, "--workers", str(web_processes),
        "--threads", "8", "--worker-class", "gthread", "--timeout", "120", "--graceful-timeout", "5",
        "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else str(logs), "--access-logfile", "-",
    ]  # fmt: skip
    return [
        Child("web", gunicorn, logs / "web.log"),
        Child("worker interactive", [*manage, "work", "interactive"], logs / "worker-interactive.log"),
        Child("worker batch", [*manage, "work", "batch"], logs / "worker-batch.log"),
        Child("sweeper", [*manage, "sweep"], logs / "sweeper.log"),
    ]
