"""The embedded broker: kombu's filesystem transport with whole files.

As shipped, the transport writes a message in place, so a reader that polls meanwhile sees half of it and the worker dies
(celery/kombu#1551). Here a message is written under a temporary name and renamed, which POSIX makes atomic, and a file that is
unreadable all the same is set aside. The messages of a queue lie in a folder of its own, so polling lists only what concerns it.
Losing a message is harmless (the job's row is the truth), losing a worker is not.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


def folder_options(folder: Path, *, seconds: float = 0.05) -> dict[str, object]:
    """Transport options for a broker folder that is looked at every so many seconds; makes its folders."""
    messages, control = folder / "messages", folder / "control"
    for path in (messages, control):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": seconds,
    }


class Channel(filesystem.Channel):
    """Queues as folders, messages as files named by time."""

    def _folder(self, queue: str) -> Path:
        if "/" in queue or queue.startswith("."):
            raise ValueError(f"not a queue name: {queue!r}")
        return Path(self.data_folder_out) / queue

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu disagrees with itself
        folder = self._folder(queue)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        temporary = folder / f".{name}"
        temporary.write_bytes(dumps(payload).encode())
        temporary.rename(folder / f"{name}.msg")

    def _names(self, queue: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder(queue)) if name.endswith(".msg"))  # noqa: PTH208
        except FileNotFoundError:
            return []

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = self._folder(queue)
        for name in self._names(queue):
            taken = folder / f".{name}.{os.getpid()}"
            try:
                (folder / name).rename(taken)  # whoever renames it has it
            except FileNotFoundError:
                continue
            try:
                return loads(taken.read_text())
            except (ValueError, OSError):
                continue
            finally:
                taken.unlink(missing_ok=True)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        names = self._names(queue)
        for name in names:
            (self._folder(queue) / name).unlink(missing_ok=True)
        return len(names)

    # Bindings of direct exchanges are the same on every start (exchange = queue), so no table is kept on disk: the shared
    # table of the stock transport is read and written without a common lock.
    def get_table(self, exchange: str) -> list[tuple[str, str, str]]:
        return [(exchange, "", exchange)]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        return None


class Transport(filesystem.Transport):
    Channel = Channel
    driver_type = "filesystem"
    driver_name = "atomicfile"
