"""What the chaos tests do to a running workbench, from a process that shares its database and broker.

`python -m tests.chaos.scenarios NAME [ARGUMENT ...]` prints one JSON object.
"""

import json
import os
import random
import shutil
import signal
import sys
import time

import django

RECORD = "tests.workers.handlers.record"


def put(queue: str, seconds: float, count: int = 1) -> list:
    from workers.queue import enqueue

    return [
        enqueue(kind="record", handler=RECORD, queue=queue, arguments={"seconds": seconds}, public=True)[0]
        for _ in range(count)
    ]


def wait(condition, seconds: float) -> float:
    """Seconds until the condition held, or -1."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if condition():
            return time.monotonic() - begin
        time.sleep(0.02)
    return -1.0


def seen(job):
    job.refresh_from_db()
    return job


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def outcome(jobs) -> dict:
    """How the jobs ended, and how many rows they wrote: exactly one a success."""
    from django.contrib.auth.models import Group

    states = [seen(job).state for job in jobs]
    written = {str(job.id): Group.objects.filter(name__startswith=str(job.id)).count() for job in jobs}
    return {
        "states": {state: states.count(state) for state in sorted(set(states))},
        "twice": sum(count > 1 for count in written.values()),
        "succeeded_without_row": sum(
            job.state == "succeeded" and written[str(job.id)] == 0 for job in jobs
        ),
    }  # fmt: skip


def kill_one(queue: str, victim: str) -> dict:
    """Kill -9 the worker or the pool child in the middle of a job."""
    (job,) = put(queue, 3)
    assert wait(lambda: seen(job).state == "running", 30) >= 0, "never started"
    time.sleep(0.5)
    assert kill(job.worker.pid if victim == "worker" else job.pid)
    noticed = wait(lambda: seen(job).attempt > 1 or job.state != "running", 60)
    ended = wait(lambda: seen(job).state in {"succeeded", "failed"}, 60)
    return {"noticed_s": noticed, "ended_s": ended, "attempt": job.attempt, "losses": job.losses, **outcome([job])}


def kill_company() -> dict:
    """Kill -9 the child that does four jobs at once, in the middle of them; one of them is cancelled just before."""
    from workers.queue import enqueue, request_cancel

    (busy,) = put("interactive", 3)  # so that the four wait until all of them are there
    assert wait(lambda: seen(busy).state == "running", 30) >= 0, "never started"
    jobs = [
        enqueue(kind="record", handler=f"{RECORD}_together", queue="interactive", arguments={"seconds": 4}, alike="a",
                public=True)[0]
        for _ in range(4)
    ]  # fmt: skip
    assert wait(lambda: all(seen(job).state == "running" for job in jobs), 30) >= 0, "never started"
    wait(lambda: all(seen(job).together == 4 for job in jobs), 2)  # written after the last of them was taken
    together, pids = [job.together for job in jobs], {job.pid for job in jobs}
    request_cancel(jobs[2])
    assert kill(jobs[0].pid)
    back = wait(lambda: all(seen(job).attempt > 1 or job.state != "running" for job in jobs), 60)
    ended = wait(lambda: all(seen(job).state not in {"queued", "running"} for job in jobs), 90)
    kept = [job for job in jobs if job.state == "succeeded"]
    return {
        "together": together, "processes": len(pids), "noticed_s": back, "ended_s": ended, "cancelled": jobs[2].state,
        "losses": [job.losses for job in kept], "together_after": [job.together for job in kept], **outcome(jobs),
    }  # fmt: skip


def wipe_broker(queue: str) -> dict:
    """Throw the broker's content away while jobs wait."""
    from django.conf import settings

    jobs = put(queue, 0.2, 8)
    if settings.BROKER_URL:
        import redis

        redis.Redis.from_url(settings.BROKER_URL).flushdb()
    else:
        shutil.rmtree(settings.BROKER_DIR / "messages", ignore_errors=True)
    took = wait(lambda: all(seen(job).state == "succeeded" for job in jobs), 90)
    return {"took_s": took, **outcome(jobs)}


def storm(count: str, kills: str, seconds: str) -> dict:
    """Many jobs on both queues while workers and children are killed at random moments."""
    from workers.models import Job, Worker

    chance = random.Random(1)
    jobs = [job for number in range(int(count)) for job in put(("interactive", "batch")[number % 2], 0.3)]
    done_kills = 0
    gap = float(seconds) / int(kills)
    while done_kills < int(kills):
        time.sleep(gap * chance.uniform(0.5, 1.5))
        running = list(Job.objects.filter(state="running").values_list("pid", flat=True))
        alive = list(Worker.objects.filter(state="alive").values_list("pid", flat=True))
        victims = running + alive
        chance.shuffle(victims)
        done_kills += any(kill(pid) for pid in victims)  # the first that is still there
    took = wait(lambda: all(seen(job).state not in {"queued", "running"} for job in jobs), 230)
    return {"kills": done_kills, "took_s": took, **outcome(jobs)}


def latency(queue: str, count: str) -> dict:
    """Seconds from the commit of a job to its start on an idle worker; for the batch queue the next child is waited for."""
    times = []
    for _ in range(int(count)):
        (job,) = put(queue, 0)
        assert wait(lambda job=job: seen(job).state == "succeeded", 30) >= 0
        times.append((job.started - job.created).total_seconds())
        time.sleep(0.2 if queue == "interactive" else 2.5)
    times.sort()
    return {"median_s": times[len(times) // 2], "worst_s": times[-1], "n": len(times)}


def crowd(count: str) -> dict:
    """Only put jobs in."""
    return {"ids": [str(job.id) for job in put("interactive", 0.1, int(count))]}


def slow(seconds: str) -> dict:
    """One long job on the interactive queue."""
    return {"ids": [str(job.id) for job in put("interactive", float(seconds), 1)]}


def lost_shard(each: str) -> dict:
    """Kill -9 a worker in the middle of one shard of an evaluation of twice `each` pictures, four shards in all."""
    from datetime import timedelta

    from django.conf import settings
    from django.db import transaction
    from django.utils import timezone

    from datasetviewer.models import Image
    from datasetviewer.selectors import image_path
    from evaluation.jobs import evaluate
    from evaluation.models import FeatureShard
    from evaluation.services import evaluation_submit
    from evaluation.sets import FolderSet
    from workers.context import JobContext, PartsAwaited
    from workers.engine.features.extract import extract
    from workers.engine.metrics.frechet import frechet_distance
    from workers.heartbeat import heartbeat
    from workers.models import Job, Worker
    from workers.queue import claim

    assert wait(lambda: Image.objects.filter(dataset__slug="demo").count() >= 72, 120) >= 0, "the demo was never drawn"
    folders = []
    for modality in ("sketch", "photo"):
        folder = settings.DATA_DIR / "lost" / modality
        folder.mkdir(parents=True)
        for image in Image.objects.filter(dataset__slug="demo", modality=modality).order_by("key")[: int(each)]:
            shutil.copy(image_path(image), folder)
        folders.append(folder)
    # This process takes the evaluation first and cuts it; the workers compute the pieces and the number.
    settings.SHARD_PICTURES = int(each) // 2
    now = timezone.now()
    here = Worker.objects.create(
        host="here", pid=os.getpid(), queue="batch", started=now, last_seen=now + timedelta(hours=1)
    )
    with transaction.atomic():
        evaluation, _new = evaluation_submit(
            user=None, reference=FolderSet(str(folders[0])), candidate=FolderSet(str(folders[1])),
            extractor="dlib.face128", metrics=["fid"], everything=True,
        )  # fmt: skip
        Job.objects.filter(id=evaluation.job_id).update(priority=99)
        job = claim("batch", here, os.getpid())
        assert job.id == evaluation.job_id
    context = JobContext(job)
    try:
        with heartbeat([context]):
            evaluate(context)
    except PartsAwaited:
        here.delete()
    running = FeatureShard.objects.filter(job__state="running").select_related("job__worker")
    assert wait(running.exists, 60) >= 0, "no shard ever ran"
    time.sleep(0.3)
    lost = running.get().job
    assert kill(lost.worker.pid)
    assert wait(lambda: seen(evaluation.job).state not in {"queued", "running"}, 200) >= 0, "never ended"
    assert evaluation.job.state == "succeeded", evaluation.job.message
    undisturbed = [extract(sorted(folder.iterdir()), "dlib.face128").features for folder in folders]
    return {
        "disturbed": evaluation.results.get(metric="fid").value, "undisturbed": frechet_distance(*undisturbed),
        "lost": seen(lost).attempt, "losses": lost.losses,
        "attempts": [shard.job.attempt for shard in FeatureShard.objects.exclude(job=lost).select_related("job")],
    }  # fmt: skip


SCENARIOS = {
    "kill_one": kill_one, "wipe_broker": wipe_broker, "storm": storm, "latency": latency, "crowd": crowd, "slow": slow,
    "lost_shard": lost_shard, "kill_company": kill_company,
}  # fmt: skip

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    django.setup()
    print(json.dumps(SCENARIOS[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
