import fcntl
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from workers.engine.whole_files import write_whole
from workers.migrating import migrate_when_needed
from workers.supervisor import Supervisor, host_children


class Command(BaseCommand):
    help = "Run everything on this machine: web, one interactive and one batch worker, and the sweeper. Ctrl-C ends it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on (HOST)")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="port to listen on (PORT)")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], _port(options["port"])
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
        address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        lock = _lock(settings.DATA_DIR / "up.lock")
        if lock is None:
            running = _read(settings.DATA_DIR / "up.json").get("address", "(it is still starting)")
            self.stdout.write(f"The workbench is already running: {running}")
            return
        _refuse_taken_port(host, port)
        _write(settings.DATA_DIR / "up.json", {"address": address, "pid": os.getpid()})
        if "ALLOWED_HOSTS" not in os.environ:
            os.environ["ALLOWED_HOSTS"] = ",".join(_own_names(host))
        migrate_when_needed()
        self._prepare_broker()

        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        children = host_children(bind=bind, logs=settings.DATA_DIR / "logs")
        supervisor = Supervisor(children, say=self._say)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.stop)
        try:
            children[0].start()  # the page first, so that it is there while the workers still start
            if _wait_for(address, lambda: children[0].running and not supervisor.stopping):
                self._greet(address)
            supervisor.run()
        finally:
            supervisor.end()
            (settings.DATA_DIR / "up.json").unlink(missing_ok=True)
            lock.close()
        self._say("Stopped.")

    def _greet(self, address: str) -> None:
        self._say(f"\nFace Sketch Workbench: {address}")
        for path in settings.STARTUP_HOOKS:
            try:
                line = import_string(path)(address)
            except Exception as error:  # noqa: BLE001  (a greeting that fails is no reason not to serve)
                line = f"{path} failed: {error}"
            if line:
                self._say(line)
        self._say("Ctrl-C ends it.\n")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _prepare_broker(self) -> None:
        """Old wake-ups of the file broker mean nothing: the rows tell what waits, and the sweeper pokes."""
        if not settings.BROKER_URL:
            for file in settings.BROKER_DIR.rglob("*.msg"):
                file.unlink(missing_ok=True)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CommandError(f"PORT={text!r} is not a port number: use 1 to 65535.")
    return int(text)


def _lock(file: Path) -> IO[str] | None:
    """The open lock file while this process may run, None when another has it. The lock ends with its process, even by kill -9."""
    handle = file.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def _write(file: Path, content: dict[str, Any]) -> None:
    write_whole(file, json.dumps(content).encode())


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host} port {port}: {error.strerror}. "
                f"Another program may use it; try `make run PORT={port + 1}`."
            ) from None


def _own_names(host: str) -> list[str]:
    """Names under which this machine may be addressed when it listens on `host`."""
    names = ["127.0.0.1", "localhost", "[::1]"]
    if host in {"0.0.0.0", "::"}:
        name = socket.gethostname()
        names += [name, socket.getfqdn()]
        try:
            names += [str(entry[4][0]) for entry in socket.getaddrinfo(name, None)]
            # The address of the way out; connecting a datagram socket sends nothing.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect(("192.0.2.1", 9))
                names.append(probe.getsockname()[0])
        except OSError:
            pass
    else:
        names.append(host)
    return list(dict.fromkeys(names))


def _wait_for(address: str, still_starting) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and still_starting():
        try:
            with urllib.request.urlopen(f"{address}healthz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False
