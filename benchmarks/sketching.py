"""How long a sketch takes from the POST to the finished picture, with one visitor and with four, against a running server.

    python -m benchmarks.sketching ADDRESS TOKEN PHOTOS [--model ID] [--visitors 1 4] [--each 24] [--look 0] [--pid PID]
        [--json]
    python -m benchmarks.sketching bare [CHECKPOINT_FOLDER] [--threads 1 2] [--json]
    DATA_DIR=... python -m benchmarks.sketching untrained USER

The first sends the photos of a folder over REST as a script would, asks with `?wait=`, and reports median and 95th
percentile of the whole, of the POST itself, of the steps that the job recorded (read, detect, align, network, store), and of
all that is not the network; sketches a minute; and with `--pid`, the process of `manage.py up`, the processor's time that all
its processes spent on one sketch. Each visitor sends the next photo when the last sketch is there; the first of each is
not counted. The second times the bare network on faces of 200x250, alone and in batches, wall clock and processor's time.
The third puts an untrained network of the right size (pix2pix.modern at 256) among the user's own checkpoints, offered to
nobody, and prints its model id: for timing where there is no trained one. Its drawings are noise.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
WAIT_SECONDS, PAUSE_SECONDS = 10, 0.02
GIVE_UP_SECONDS = 120
PRESET = "pix2pix.modern"
Times = dict[str, float]


class NotDrawn(Exception):
    """A photo of which there is no sketch, and why."""


def one_sketch(client: Any, photo: Path, model: str) -> Times:
    """Send a photo and wait for its sketch; seconds by part."""
    form = {"model": model} if model else {}
    begin = time.perf_counter()
    answer = client.post("/api/v1/stylizations/", data=form, files={"photo": (photo.name, photo.read_bytes())})
    posted = time.perf_counter()
    if answer.status_code != 202:
        raise NotDrawn(f"{photo.name}: the server answered {answer.status_code}: {answer.text[:300]}")
    address = answer.headers["Location"]
    while True:
        body = client.get(address, params={"wait": WAIT_SECONDS}).json()
        if body["state"] not in ("queued", "running"):
            break
        if time.perf_counter() - begin > GIVE_UP_SECONDS:
            raise NotDrawn(f"{photo.name}: no sketch within {GIVE_UP_SECONDS} s")
        time.sleep(PAUSE_SECONDS)  # it was not done within the wait, or too many wait already
    whole = time.perf_counter() - begin
    client.delete(address)
    if body["state"] != "succeeded":
        raise NotDrawn(f"{photo.name}: {body['state']}: {body['message']}")
    steps = dict(body.get("seconds") or {})
    return {"whole": whole, "post": posted - begin, **steps, "not_network": whole - steps.get("network", 0.0)}


def visit(
    address: str, token: str, photos: list[Path], model: str, visitors: int, each: int, look: float
) -> tuple[list[Times], float]:
    """What `visitors` at once measured, and how long all of it took without everybody's first sketch."""
    import httpx

    times: list[Times] = []
    failed: list[str] = []
    begun = threading.Barrier(visitors + 1)

    def visitor(number: int) -> None:
        turn = itertools.cycle(photos[number:] + photos[:number])
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
            try:
                one_sketch(client, next(turn), model)
                begun.wait()
                for _ in range(each):
                    time.sleep(look)
                    times.append(one_sketch(client, next(turn), model))
            except NotDrawn as reason:
                failed.append(str(reason))
                begun.abort()

    threads = [threading.Thread(target=visitor, args=(number,), daemon=True) for number in range(visitors)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        begun.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"{failed[0]}\nEvery photo has to show one face; take the others out of the folder.")
    return times, time.perf_counter() - begin


def summary(times: list[Times], seconds: float) -> dict[str, Any]:
    """Median and 95th percentile of every part in milliseconds."""
    parts = sorted({name for one in times for name in one}, key=lambda name: list(times[0]).index(name))
    found: dict[str, Any] = {"sketches": len(times), "a_minute": round(60 * len(times) / seconds, 1)}
    for name in parts:
        values = sorted(one.get(name, 0.0) * 1000 for one in times)
        found[name] = {
            "median_ms": round(statistics.median(values), 1),
            "p95_ms": round(values[min(len(values) - 1, round(0.95 * (len(values) - 1)))], 1),
        }
    return found


def processor_seconds(pid: int) -> float:
    """Of a process and all its living descendants."""
    import psutil

    root = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:2]) for one in [root, *root.children(recursive=True)])


def bare(folder: Path, threads: list[int], repeats: int = 12) -> list[dict[str, Any]]:
    """The network alone, by threads and batch."""
    import numpy as np
    import torch

    from workers.engine.families.use import open_checkpoint

    generator = open_checkpoint(folder, "auto")
    rng = np.random.default_rng(0)
    faces = [rng.integers(0, 256, (250, 200, 3), dtype=np.uint8) for _ in range(4)]
    rows = []
    for count in threads:
        torch.set_num_threads(count)
        for batch in (1, 2, 4):
            generator.apply(faces[:batch])
            walls, processors = [], []
            for _ in range(repeats):
                wall, processor = time.perf_counter(), time.process_time()
                generator.apply(faces[:batch])
                walls.append((time.perf_counter() - wall) / batch)
                processors.append((time.process_time() - processor) / batch)
            rows.append(
                {
                    "device": str(generator.device),
                    "threads": count,
                    "batch": batch,
                    "median_ms_a_picture": round(1000 * statistics.median(walls), 1),
                    "processor_ms_a_picture": round(1000 * statistics.median(processors), 1),
                }
            )
    return rows


def write_untrained(folder: Path, name: str = "0" * 12) -> Any:
    """A checkpoint's folder with untrained weights of the right size; returns its description."""
    import torch
    from safetensors.torch import save_file

    from workers.engine.catalogue import options_checked
    from workers.engine.families import build
    from workers.engine.families.canvas import geometry
    from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, write_meta
    from workers.engine.weights import sha256_of

    options = options_checked(PRESET, {"size": 256})
    torch.manual_seed(0)
    state = build.family(PRESET, options).generator().state_dict()
    folder.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in state.items()}, folder / GENERATOR)
    meta = CheckpointMeta(
        id=name, run_id="untrained", preset=PRESET, family="pix2pix", options=options, direction=("photo", "sketch"), epoch=0,
        step=0, digest=sha256_of(folder / GENERATOR), seed=0, train_digest="", code_version="", geometry=geometry(256),
    )  # fmt: skip
    write_meta(folder, meta)
    return meta


def put_untrained(username: str) -> str:
    """Put it among the checkpoints of a user of the workbench in DATA_DIR; returns the model's id."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    import django

    django.setup()
    import secrets

    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from evaluation.models import Checkpoint, TrainingRun
    from workers.models import Job

    owner = get_user_model().objects.get(username=username)
    name, now = secrets.token_hex(6), timezone.now()
    meta = write_untrained(Path(settings.DATA_DIR) / "checkpoints" / name, name)
    job = Job.objects.create(
        kind="untrained", handler="", queue="batch", state="cancelled", created=now, available=now, finished=now, owner=owner
    )  # fmt: skip
    run = TrainingRun.objects.create(
        name="UNTRAINED, for timing only", preset=PRESET, options=meta.options, split="train", direction_from="photo",
        direction_to="sketch", n_train=0, n_validation=0, train_digest="", owner=owner, job=job, epochs_total=0,
    )  # fmt: skip
    size = (Path(settings.DATA_DIR) / "checkpoints" / name / "generator.safetensors").stat().st_size
    Checkpoint.objects.create(id=name, run=run, epoch=0, step=0, digest=meta.digest, bytes=size, published=False)
    return f"checkpoint:{name}"


def _bare(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sketching bare")
    parser.add_argument("folder", type=Path, nargs="?", help="of a checkpoint (default: an untrained one)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder
        if folder is None:
            folder = Path(temporary) / "untrained"
            write_untrained(folder)
        rows = bare(folder, options.threads)
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print("{device}, {threads} threads, batch {batch}: {median_ms_a_picture} ms a picture, processor "
              "{processor_ms_a_picture} ms".format(**row))  # fmt: skip


def _visits(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("photos", type=Path)
    parser.add_argument("--model", default="")
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--each", type=int, default=24, help="sketches of each visitor that count")
    parser.add_argument("--look", type=float, default=0.0, help="seconds that a visitor looks at a sketch before sending "
                        "the next photo (default: none, as a script does)")  # fmt: skip
    parser.add_argument("--pid", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    photos = sorted(path for path in options.photos.iterdir() if path.suffix.lower() in PICTURES)
    if not photos:
        sys.exit(f"There is no picture in {options.photos}.")
    answers = []
    for visitors in options.visitors:
        before = processor_seconds(options.pid) if options.pid else 0.0
        times, seconds = visit(
            options.address, options.token, photos, options.model, visitors, options.each, options.look
        )
        found = {"visitors": visitors, **summary(times, seconds)}
        if options.pid:  # with everybody's first sketch, which was not timed
            spent = processor_seconds(options.pid) - before
            found["processor_ms_a_sketch"] = round(1000 * spent / (len(times) + visitors), 1)
        answers.append(found)
    if options.json:
        print(json.dumps(answers))
        return
    for found in answers:
        print(f"{found.pop('visitors')} at once: {found.pop('sketches')} sketches, {found.pop('a_minute')} a minute")
        for name, value in found.items():
            text = (
                f"median {value['median_ms']:8.1f} ms, p95 {value['p95_ms']:8.1f} ms"
                if isinstance(value, dict)
                else value
            )
            print(f"  {name:22} {text}")


def main() -> None:
    words = sys.argv[1:]
    if words[:1] == ["bare"]:
        _bare(words[1:])
    elif words[:1] == ["untrained"] and len(words) == 2:
        print(put_untrained(words[1]))
    else:
        _visits(words)


if __name__ == "__main__":
    main()
