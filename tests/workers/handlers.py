"""Job handlers for tests; real worker processes import them by dotted path."""

import os
import signal
import time
from pathlib import Path

from workers.engine.errors import InputError
from workers.models import Worker


def nothing(context) -> None:
    context.check()


def count(context) -> None:
    """Work `seconds`, then append one line to `file` inside the fenced finish."""
    deadline = time.monotonic() + context.arguments.get("seconds", 0)
    while (left := deadline - time.monotonic()) > 0:
        context.report(1 - left / max(context.arguments["seconds"], 1e-9), "counting")
        time.sleep(min(0.05, left))
    with context.finish("counted"), Path(context.arguments["file"]).open("a") as file:
        file.write(f"{context.job_id}\n")


def deaf(context) -> None:
    """Never looks at the context."""
    time.sleep(context.arguments["seconds"])


def refuse(context) -> None:
    raise InputError("The picture has no pixels. Choose another one.")


def crash(context) -> None:
    raise RuntimeError("secret inner detail")


def die(context) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def write_pid(context) -> None:
    Path(context.arguments["file"]).write_text(f"{os.getpid()} {Worker.objects.get(id=context.worker_id).pid}")
    deadline = time.monotonic() + context.arguments["seconds"]
    while time.monotonic() < deadline:
        context.check()
        time.sleep(0.02)


def record(context) -> None:
    """Work `seconds`, then write one row in the very transaction that ends the job."""
    from django.contrib.auth.models import Group

    deadline = time.monotonic() + context.arguments["seconds"]
    while time.monotonic() < deadline:
        context.check()
        time.sleep(0.02)
    with context.finish():
        Group.objects.create(name=f"{context.job_id} {context.attempt}")
