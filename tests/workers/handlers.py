"""Job handlers for tests; real worker processes import them by dotted path."""

import os
import signal
import time
from pathlib import Path

from django.utils import timezone

from workers.attempts import ending, together
from workers.engine.errors import InputError
from workers.models import Job, Worker
from workers.queue import enqueue


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


def segments(context) -> None:
    """Count up in a file, one step a segment, until there are `steps`; cancelled meanwhile if `cancel` says so."""
    file = Path(context.arguments["file"])
    done = len(file.read_text()) if file.exists() else 0
    file.write_text("x" * (done + 1))
    context.report((done + 1) / context.arguments["steps"], f"step {done + 1}")
    if context.arguments.get("cancel"):
        Job.objects.filter(id=context.job_id).update(cancel_requested=timezone.now())
    if done + 1 < context.arguments["steps"]:
        context.yield_segment(f"after step {done + 1}")


def save_then_stop(context) -> None:
    """Long work that saves its state when its worker is told to stop."""
    context.saves_on_stop = True
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        context.check()
        time.sleep(0.02)
        if context.worker_stopping:
            Path(context.arguments["file"]).write_text("saved")
            context.yield_segment("saved")


def whole(context) -> None:
    """Wait for parts (their ids are given, or `make` of them are put in), then say so."""
    made = [
        enqueue(
            kind="part", handler=context.arguments["part"], queue=context.arguments.get("queue", "batch"),
            arguments=context.arguments.get("arguments"), dedupe_key=f"part {context.arguments['name']} {number}",
        )[0]
        for number in range(context.arguments.get("make", 0))
        if not Job.objects.filter(dedupe_key=f"part {context.arguments['name']} {number}", state="succeeded").exists()
    ]  # fmt: skip
    context.wait_for([*made, *Job.objects.filter(id__in=context.arguments.get("ids", []))])
    with context.finish("all parts are there"):
        pass


def half(context) -> None:
    """A part that is half done until its whole has been told."""
    whole = Job.objects.filter(parts=context.job_id)
    before = whole.get().progress
    context.report(0.5, "half")
    while whole.get().progress == before:
        context.check()
        time.sleep(0.02)
    with context.finish():
        pass


@together(lambda: 4)
def record_together(contexts) -> None:
    """Each job on its own for a moment, all of them for `seconds` (of the first), then a row for each as it ends.

    `refuse`, `crash` and `file` (touched, so that others know it began) are looked for in each job's arguments;
    `crash_all` ends the whole company.
    """
    from django.contrib.auth.models import Group

    for context in contexts:
        with ending([context]):
            if context.arguments.get("file"):
                Path(context.arguments["file"]).touch()
            if context.arguments.get("refuse"):
                raise InputError("This one cannot be drawn.")
            if context.arguments.get("crash"):
                raise RuntimeError("secret inner detail")
    if any(context.arguments.get("crash_all") for context in contexts):
        raise RuntimeError("secret inner detail")
    deadline = time.monotonic() + contexts[0].arguments.get("seconds", 0)
    while time.monotonic() < deadline:
        time.sleep(0.02)
    for context in contexts:
        if not context.over:
            with ending([context]), context.finish(f"one of {len(contexts)}"):
                Group.objects.create(name=f"{context.job_id} {context.attempt}")
