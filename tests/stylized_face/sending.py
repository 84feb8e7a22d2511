"""Sends hostile uploads to a real web process, and lets a real worker draw what was taken.

    python -m tests.stylized_face.sending FOLDER COUNT [SEED]

FOLDER must be there and empty; the workbench's data goes into it. The web process is started as `manage.py up` starts it, but
once, so that every request meets the same memory, and with the 1,024 open files that most systems allow. After each refused
request there must be no new row, no new file and nothing in the folder for temporary files; no answer may be of status 500 and
above or hold a traceback. Then every large picture comes from as many visitors at once as the process has threads. In the end
every job must have ended in a sentence, the stored photos must be clean, and no log may hold a traceback.
What is found wrong is told on standard error, and the run goes on. Prints one line of JSON, with the number of `faults`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

from tests.stylized_face.hostile_pictures import Arsenal
from tests.stylized_face.hostile_requests import REST, Case, draw, joined, part, request
from tests.stylized_face.real_site import Answer, Site

ROOT = Path(__file__).resolve().parents[2]
ACCEPTED = (202, 302)
REFUSED = (400, 401, 403, 404, 405, 406, 409, 411, 413, 414, 415, 417, 422, 429, 431)
# GET, HEAD and OPTIONS show the empty form; a redirect to https where the proxy is believed; gunicorn on odd encodings; a
# connection that was closed without a word. Only a request that is no whole request may get these.
UNUSUAL = (200, 301, 307, 501, 0)
OPEN_FILES = 1024
AT_ONCE = 8  # threads of the web process
TRACE = (b"Traceback (most recent", b"Internal Server Error")


class Sender:
    """Sends cases one after the other and looks after each that nothing is wrong."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.kinds: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.accepted: list[str] = []
        self.faults = 0
        self.most_cpu: tuple[float, str] = (0.0, "")
        self.before = site.kept()
        self.cpu = site.cpu_seconds()

    def check(self, fine: bool, *said: Any) -> None:
        if not fine:
            self.faults += 1
            if self.faults <= 50:
                print("FAULT", *(repr(one)[:1500] for one in said), file=sys.stderr, flush=True)  # noqa: T201

    def send(self, case: Case) -> None:
        answer = self.site.send(case.request, whole=case.whole)
        self.kinds[case.kind] += 1
        self._look(case, answer)
        now, after = self.site.cpu_seconds(), self.site.kept()
        self.most_cpu = max(self.most_cpu, (round(now - self.cpu, 2), case.kind))
        if answer.status not in ACCEPTED:
            changed = {name: value for name, value in after.items() if value != self.before.get(name)}
            self.check(not changed, "kept", case.kind, answer.status, case.request[:400], changed, self.before)
        self.before, self.cpu = after, now

    def crowd(self, contents: list[bytes]) -> None:
        """The same large picture from all sides at once."""
        for content in contents:
            case = Case("large at once", REST, request(REST, joined([part("photo", content, filename="large.png")])))
            with ThreadPoolExecutor(AT_ONCE) as senders:
                for answer in senders.map(lambda _number, case=case: self.site.send(case.request), range(AT_ONCE)):
                    self.kinds[case.kind] += 1
                    self._look(case, answer)
        self.before, self.cpu = self.site.kept(), self.site.cpu_seconds()

    def _look(self, case: Case, answer: Answer) -> None:
        said = (case.kind, case.address, answer.status, case.request[:400], answer.content[:600])
        self.statuses[str(answer.status or "closed")] += 1
        if answer.status in ACCEPTED:
            self.accepted.append(answer.location)
        fine = answer.status in (*ACCEPTED, *REFUSED) or (
            answer.status in UNUSUAL and case.kind in ("frame", "header", "form")
        )
        trace = any(words in answer.content for words in TRACE)
        self.check(fine and not trace, *said, "" if fine else self.site.logs()[-1500:])

    def wait_for_the_worker(self, seconds: float) -> dict[str, int]:
        """How the jobs of what was taken ended; no trace may be among them."""
        deadline = time.monotonic() + seconds
        live = "SELECT COUNT(*) FROM workers_job WHERE state IN ('queued', 'running')"
        while left := self.site.count(live):
            assert time.monotonic() < deadline, f"{left} jobs are still waiting"
            assert self.site.worker.running, self.site.logs()[-3000:]
            time.sleep(0.5)
        for row in self.site.rows("SELECT message, detail FROM workers_job WHERE detail != '' OR message = ''"):
            self.check(False, "a job", *row)
        return {
            f"jobs_{state}": n for state, n in self.site.rows("SELECT state, COUNT(*) FROM workers_job GROUP BY state")
        }

    def look_at_what_was_made(self) -> None:
        """Every page of what was taken opens, and the stored pictures are pixels and nothing else."""
        for location in sorted(set(self.accepted)):
            path = "/" + location.split("/", 3)[3] if "://" in location else location
            answer = self.site.ask(path)
            self.check(answer.status == 200 and not any(words in answer.content for words in TRACE), path, answer)
        self._wait_for_the_packing(60)
        for path in (self.site.data / "stylizations").rglob("*"):
            if path.is_dir() or _half_written(path):
                continue
            with Image.open(path) as picture:
                clean = picture.format == "PNG" and not picture.info and max(picture.size) <= 2048
                self.check(clean, path.name, picture.format, picture.size, picture.info)

    def _wait_for_the_packing(self, seconds: float) -> None:
        """The worker packs the files of finished sketches when nobody waits for one; none may stay half written."""
        deadline = time.monotonic() + seconds
        while left := [path for path in (self.site.data / "stylizations").rglob("*") if _half_written(path)]:
            if time.monotonic() > deadline:
                return self.check(False, "left half written", left)
            time.sleep(0.2)


def _half_written(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".tmp"


def unexpected_traces(words: str) -> list[str]:
    """Tracebacks of a log but for those that Django itself writes when it answers that a request is bad.

    One that an exception before it led to stands below that one, and is as expected as it.
    """
    before, *found = words.split("Traceback (most recent call last)")
    last = [part.rstrip().rsplit("\n", 1)[-1].lower() for part in (before, *found)]
    known = (
        "warning django.request bad request", "error django.security.toomany", "error django.security.requestdata",
        "error django.security.disallowedhost",
    )  # fmt: skip
    unexpected, expected = [], False
    for above, trace in zip(last, found, strict=False):
        expected = expected if "above exception" in above else any(one in above for one in known)
        if not expected:
            unexpected.append(trace[:1500])
    return unexpected


def main(folder: Path, cases: int, seed: int) -> dict[str, Any]:
    (folder / "data").mkdir()
    (folder / "temporary").mkdir()
    for name in ("DATABASE_URL", "BROKER_URL", "HTTPS", "DEBUG"):
        os.environ.pop(name, None)
    os.environ |= {
        "DATA_DIR": str(folder / "data"), "VISITOR_SKETCHES_PER_HOUR": "100000",
        "DJANGO_SETTINGS_MODULE": "mysite.settings", "DEVICE": "cpu", "LOG_LEVEL": "INFO", "LEASE_SECONDS": "60",
    }  # fmt: skip
    os.chdir(ROOT)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)
    every = "1" if cases >= 1000 else "5"
    subprocess.run([sys.executable, "-m", "tests.datasetviewer.fuzzing", str(folder / "large"), every], check=True)
    from datasetviewer.drawing import draw_photo, person_parameters

    arsenal = Arsenal(draw_photo(person_parameters(0, seed=0)).convert("RGB").resize((320, 400)))
    rng = random.Random(seed)
    with Site(folder) as site:
        sender = Sender(site)
        begin_files = site.open_files()
        for number in range(cases):
            sender.send(draw(rng, arsenal))
            if number % 500 == 499:
                site.note_peaks()
                so_far = (number + 1, dict(sender.statuses), dict(site.peaks), sender.most_cpu)
                print(*so_far, file=sys.stderr, flush=True)  # noqa: T201
        alone = (site.note_peaks(), site.peaks["web"])[1]
        sender.crowd([path.read_bytes() for path in sorted((folder / "large").iterdir())])
        site.note_peaks()
        jobs = sender.wait_for_the_worker(120 + 3 * len(sender.accepted))
        sender.look_at_what_was_made()
        kept_open = site.open_files() - begin_files
        sender.check(kept_open < 40, "files were left open", kept_open)
    for words in unexpected_traces(site.logs()):
        sender.check(False, "in a log", words)
    return {
        "sent": sum(sender.kinds.values()), "kinds": dict(sender.kinds), "statuses": dict(sender.statuses),
        "accepted": len(sender.accepted), **jobs, "peak_mib": site.peaks["web"], "peak_mib_one_by_one": alone,
        "peak_mib_worker": site.peaks["worker"], "most_cpu_seconds": sender.most_cpu,
        "different_sketches": len(set(sender.accepted)), "faults": sender.faults,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))  # noqa: T201
