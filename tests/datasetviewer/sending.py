"""Sends broken and hostile archives and pictures to the workbench, in a process of its own so that its memory and what it
writes can be watched.

    python -m tests.datasetviewer.sending FOLDER CASES [SEED]

At the end come the pictures that need the most memory, of less than 1,000 cases every fifth of them.
Each case is one request to the page's or the REST API's address for archives, through Django's test client: routing,
middleware, the parser of the body. What is accepted is worked off by the job, and the pages and answers about it are asked
for; the pictures inside go through everything an import does. After each case there must be: no status of 500 and above,
no traceback in what came back nor in the job, no file left in the imports folder, and nothing opened for writing outside
DATA_DIR. Prints one line of JSON.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import traceback
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from tests.datasetviewer import fuzzing

LAYOUTS = ("folders", "images", "cufs", "cufs-uncropped", "cufsf", "webcaricature", "fs2k")
SLUGS = ("fuzz", "fuzz", "fuzz", "", "../fuzz", "FUZZ", "a" * 200, "fuzz\x00", "é", "import", "-", "<script>")
TYPES = ("application/zip", "text/plain", "multipart/form-data", "image/png", "")
PAGE, REST = "/datasets/import/upload/", "/api/v1/datasets/imports/"
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Watch:
    """Notes what this process opens for writing, makes, moves or links outside the folders it may write to."""

    def __init__(self, *allowed: Path) -> None:
        self.allowed = tuple(str(folder.resolve()) for folder in allowed)
        self.found: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, _mode, flags = arguments
            if flags & WRITING:
                self._note(event, path)
        elif event in ("os.rename", "os.link", "os.symlink"):
            self._note(event, arguments[1])
        elif event in ("os.mkdir", "os.truncate", "os.chmod", "os.remove", "os.rmdir"):
            self._note(event, arguments[0])

    def _note(self, event: str, path: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        # What is named relative to an open folder (dir_fd) was opened by its whole name before.
        whole = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - no links are to be followed here
        if whole == os.devnull or whole.startswith(self.allowed):
            return
        if not os.path.isabs(os.fsdecode(path)) and event in ("os.remove", "os.rmdir"):  # noqa: PTH117
            return
        self.found.append(f"{event} {whole}")


def request_of(rng: random.Random, good: list[bytes]) -> dict[str, Any]:
    """One request as the test client takes it, and the `kind` of case it is."""
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    chance = rng.random()
    name = "case.zip"
    if chance < 0.5:
        kind, content = "zip", fuzzing.archive(rng, good)
    elif chance < 0.9:
        kind = "pictures"
        files = {f"photos/{number}.jpg": fuzzing.spoilt(rng.choice(good), rng) for number in range(2)}
        files |= {f"sketches/{number}.png": fuzzing.spoilt(rng.choice(good), rng) for number in range(2)}
        content = fuzzing.packed(files)
    else:
        kind, content = "request", rng.choice((rng.choice(good), b"", b"PK", fuzzing.archive(rng, good)))
        name = rng.choice(fuzzing.NAMES).replace("\n", "_") or "x"
    fields: dict[str, Any] = {"layout": rng.choice(LAYOUTS) if rng.random() < 0.3 else "folders"}
    fields["slug"] = rng.choice(SLUGS) if kind == "request" else "fuzz"
    body = encode_multipart(BOUNDARY, fields | {"archive": Upload(name, content)})
    sent = {"data": body, "content_type": MULTIPART_CONTENT}
    if kind == "request" and rng.random() < 0.5:
        sent["data"] = fuzzing.spoilt(body, rng) if rng.random() < 0.7 else body[: rng.randrange(len(body))]
        if rng.random() < 0.3:
            sent["content_type"] = rng.choice(TYPES)
        if rng.random() < 0.2:
            sent["CONTENT_LENGTH"] = rng.choice(("0", "-1", "x", str(2**40), str(len(body) // 2), str(len(body) + 99)))
            # The test client's own stream refuses to be read beyond its end; a connection that breaks just ends.
            sent["wsgi.input"] = io.BytesIO(sent["data"])
    return {"kind": kind, "sent": sent}


class Upload:
    """A file as encode_multipart wants it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content
        self.content_type = "application/zip"

    def read(self) -> bytes:
        return self._content


def peak_mib() -> float:
    """Most memory this process has held, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


class Sender:
    """Sends requests, works the jobs off, and looks after each that nothing is wrong."""

    def __init__(self, folder: Path) -> None:
        from django.contrib.auth import get_user_model
        from django.core.signals import got_request_exception
        from django.test import Client
        from django.utils import timezone

        from workers.models import Worker

        self.folder, self.data = folder, folder / "data"
        owner = get_user_model().objects.create_user("sender", password="graphite-on-paper")
        self.client = Client(raise_request_exception=False, headers={"host": "localhost"})
        self.client.force_login(owner)
        now = timezone.now()
        self.worker = Worker.objects.create(
            id=uuid.uuid4(), host="here", pid=os.getpid(), queue="batch", started=now, last_seen=now
        )
        self.beside = {entry.name for entry in folder.iterdir()}
        self.watch = Watch(self.data)
        self.counts: Counter[str] = Counter()
        self.messages: set[str] = set()
        self.traces: list[str] = []
        got_request_exception.connect(self._trace)

    def _trace(self, **_more: Any) -> None:
        self.traces.append(traceback.format_exc())

    def send(self, address: str, kind: str, sent: dict[str, Any]) -> None:
        from workers.tasks import run_next

        answer = self.client.generic("POST", address, **sent)
        self.counts[f"{kind}_{'rest' if address == REST else 'page'}"] += 1
        self._look(answer, kind)
        if answer.status_code in (202, 302):
            self.counts["accepted"] += 1
            job = run_next("batch", self.worker)
            assert job is not None and job.state in ("succeeded", "failed"), (kind, job and job.state)
            assert not job.detail, job.detail
            self.counts[f"jobs_{job.state}"] += 1
            self.messages.add(job.message[:60])
            for link in (job.link, answer.headers["Location"], f"/api/v1/jobs/{job.pk}/"):
                self._look(self.client.get(link), kind, expected=(200,))
            self._remove()
        else:
            self.counts["refused"] += 1
            assert answer.status_code in (400, 403, 404, 413, 415), (kind, answer.status_code)
        left = [entry.name for entry in (self.data / "imports").iterdir()] if (self.data / "imports").is_dir() else []
        assert not left, (kind, left)
        assert not self.watch.found, self.watch.found
        assert {entry.name for entry in self.folder.iterdir()} <= self.beside

    def _look(self, answer: Any, kind: str, expected: tuple[int, ...] = ()) -> None:
        text = answer.content
        assert answer.status_code < 500, (kind, answer.status_code, text[:2000], *self.traces)
        assert b"Traceback" not in text and b"most recent call last" not in text, text[:2000]
        assert not expected or answer.status_code in expected, (kind, answer.status_code, text[:300])

    def _remove(self) -> None:
        """The pictures that came in are counted and go, so that the next case finds none of its names taken."""
        from datasetviewer.models import Dataset, Image
        from datasetviewer.services import dataset_remove

        for dataset in Dataset.objects.all():
            self.counts["pictures_stored"] += Image.objects.filter(dataset=dataset).count()
            self.counts["files_left_out"] += sum(
                run.files.filter(verdict="left_out").count() for run in dataset.imports.all()
            )
            dataset_remove(dataset=dataset)
            assert not (self.data / "datasets" / dataset.slug).exists()


def main(folder: Path, cases: int, seed: int) -> dict[str, Any]:
    import logging
    import warnings

    warnings.simplefilter("ignore", UserWarning)  # zipfile says that a name comes twice
    sys.dont_write_bytecode = True
    os.environ["DATA_DIR"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ.pop("DATABASE_URL", None)
    (folder / "data").mkdir()
    every = "1" if cases >= 1000 else "5"
    # Made in a process of its own: making them is not what is measured.
    subprocess.run([sys.executable, "-m", "tests.datasetviewer.fuzzing", str(folder / "large"), every], check=True)
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    logging.disable(logging.ERROR)
    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0)
    rng = random.Random(seed)
    good = fuzzing.pictures(rng)
    sender = Sender(folder)
    for number in range(cases):
        sender.send(rng.choice((PAGE, REST)), **request_of(rng, good))
        if number % 500 == 0:
            print(number, dict(sender.counts), round(peak_mib()), file=sys.stderr, flush=True)  # noqa: T201
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    for path in sorted((folder / "large").iterdir()):
        archive = Upload("large.zip", fuzzing.packed({f"{path.name}.png": path.read_bytes()}))
        body = encode_multipart(BOUNDARY, {"layout": "images", "slug": "fuzz", "archive": archive})
        sender.send(REST, "large", {"data": body, "content_type": MULTIPART_CONTENT})
    return {
        **sender.counts,
        "cases": sum(number for name, number in sender.counts.items() if name.endswith(("_page", "_rest"))),
        "peak_mib": round(peak_mib()),
        "different_messages": len(sender.messages),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))  # noqa: T201
