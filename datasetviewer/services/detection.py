"""Finding faces in pictures without landmarks, as a job: what is found and what is not is stored a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.images import MAX_PIXELS, read_photo
from workers.queue import enqueue

from ..models import Dataset, DetectionRun, Image, LandmarkSource
from ..storage import file_path
from .counts import dataset_recount
from .landmarks import landmarks_found
from .reports import Report, no_report

BATCH = 16  # pictures: a second or two of work
# find(RGB picture) -> the (68, 2) points of its largest face, or None. Comes from the engine, by the job handler.
Find = Callable[[Any], Any]


def images_without_landmarks(dataset: Dataset, *, again: bool) -> QuerySet[Image]:
    """Those to search; with `again` also those where no face was found before."""
    images = Image.objects.filter(dataset=dataset, landmark_source=LandmarkSource.NONE)
    return images if again else images.filter(detection_failure=None)


@transaction.atomic
def landmarks_detect_submit(*, dataset: Dataset, again: bool = False, owner: Any) -> tuple[DetectionRun, bool]:
    """Queue the search; (run, whether it is new). InputError when there is nothing to search."""
    if not images_without_landmarks(dataset, again=again).exists():
        raise InputError(_("Every picture has landmarks already, or was searched before. Nothing to do."))
    job, created = enqueue(
        kind="detect_landmarks",
        handler="datasetviewer.alignment_jobs.detect_landmarks",
        queue="batch",
        arguments={"again": again},
        owner=owner,
        title=_("Find faces in %(name)s") % {"name": dataset.name},
        link=reverse("datasetviewer:dataset-align", args=[dataset.slug]),
        public=dataset.public,
        dedupe_key=f"detect:{dataset.pk}",
        time_limit=12 * 3600,
    )
    if not created:
        return DetectionRun.objects.get(job=job), False
    return DetectionRun.objects.create(dataset=dataset, job=job), True


def landmarks_detect(
    *, dataset: Dataset, find: Find, again: bool = False, report: Report = no_report
) -> dict[str, int]:
    """Search here and now; {"found", "failed"}. Stopped at any moment and run again, it goes on where it was."""
    waiting = list(images_without_landmarks(dataset, again=again).order_by("key").values_list("pk", flat=True))
    counts = {"found": 0, "failed": 0}
    done = 0
    report(0, len(waiting), "")
    for start in range(0, len(waiting), BATCH):
        found: dict[int, Any] = {}
        failed: dict[int, str] = {}
        for image in Image.objects.filter(pk__in=waiting[start : start + BATCH]).order_by("key"):
            try:
                picture = read_photo(file_path(dataset.slug, image.sha256, image.format), max_side=MAX_PIXELS)
                points = find(picture)
            except InputError as error:
                failed[image.pk] = str(error)
            else:
                if points is None:
                    failed[image.pk] = _("No face was found. Mark the five points by hand.")
                else:
                    found[image.pk] = points
            done += 1
            report(done, len(waiting), image.key)
        landmarks_found(found=found, failed=failed)
        counts["found"] += len(found)
        counts["failed"] += len(failed)
    dataset_recount(dataset=dataset)
    return counts
