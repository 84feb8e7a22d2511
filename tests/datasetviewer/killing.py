"""An import as a job in processes of its own, to be killed for good.

python -m tests.datasetviewer.killing prepare|work|count      with DATA_DIR and DATASETS_ROOT in the environment
"""

import json
import os
import sys
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
os.environ.pop("DATABASE_URL", None)


def prepare() -> dict:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from datasetviewer.services import dataset_import_submit

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("alice")
    run, _created = dataset_import_submit(layout="folders", path="set", slug="mine", owner=user)
    return {"run": run.pk}


def work() -> dict:
    """What a worker does; a job that a killed worker left running is put back first, as the sweeper would."""
    from django.utils import timezone

    from workers.models import Job, JobState, Worker
    from workers.queue import put_back
    from workers.tasks import run_next

    for job in Job.objects.filter(state=JobState.RUNNING):
        put_back(job, lost=True)
    now = timezone.now()
    worker = Worker.objects.create(
        id=uuid.uuid4(), host="here", pid=os.getpid(), queue="batch", started=now, last_seen=now
    )
    job = run_next("batch", worker)
    return {"state": job.state, "message": job.message, "attempt": job.attempt}


def count() -> dict:
    from collections import Counter

    from datasetviewer.models import DatasetImport, Image, ImportedFile, Pair

    return {
        "images": Image.objects.count(),
        "pairs": Pair.objects.count(),
        "unpaired": Image.objects.filter(pair=None).count(),
        "verdicts": dict(Counter(ImportedFile.objects.values_list("verdict", flat=True))),
        "report": DatasetImport.objects.get().report,
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"prepare": prepare, "work": work, "count": count}[sys.argv[1]]()), flush=True)  # noqa: T201
