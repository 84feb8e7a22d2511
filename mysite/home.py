"""What the home page shows: how much there is of everything, as this person sees it. A handful of aggregate queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from datasetviewer.models import Dataset, Image, Modality
from datasetviewer.selectors import dataset_visible_to, last_import, sample_images
from datasetviewer.services import DEMO_SLUG
from evaluation.selectors import evaluations_visible_to, results_visible_to
from workers.models import Job
from workers.selectors import QueueSummary, jobs_succeeded, queue_summaries

STRIP_PAIRS = 6


@dataclass(frozen=True)
class Counts:
    """How much there is, and what the queues do."""

    datasets: int
    pairs: int
    sketches: int
    evaluations: int
    results: int
    queues: list[QueueSummary]

    @property
    def workers(self) -> int:
        return sum(queue.alive for queue in self.queues)

    @property
    def queued(self) -> int:
        return sum(queue.queued for queue in self.queues)

    @property
    def running(self) -> int:
        return sum(queue.running for queue in self.queues)


@dataclass(frozen=True)
class Demo:
    """The demo dataset, the job that draws it, and some of its pictures: photo and sketch by turns."""

    dataset: Dataset | None
    job: Job | None
    pictures: list[Image]

    @property
    def first_pair(self) -> list[Image]:
        """A photo and its sketch, for the slider; empty when there is none. Reads prefetched rows only."""
        for photo in self.pictures:
            partners = photo.pair.images.all() if photo.pair and photo.modality == Modality.PHOTO else []
            for sketch in partners:
                if sketch.modality == Modality.SKETCH and (sketch.width, sketch.height) == (photo.width, photo.height):
                    sketch.dataset = photo.dataset  # its address needs the slug; no query for it
                    return [photo, sketch]
        return []


def home_counts(*, user: Any) -> Counts:
    visible = dataset_visible_to(user)
    found = visible.aggregate(datasets=Count("id", distinct=True), pairs=Count("pairs"))
    return Counts(
        datasets=found["datasets"],
        pairs=found["pairs"],
        sketches=jobs_succeeded(kind="stylize"),
        evaluations=evaluations_visible_to(user).count(),
        results=results_visible_to(user).count(),
        queues=queue_summaries(),
    )


def home_demo(*, user: Any) -> Demo:
    demo = dataset_visible_to(user).filter(slug=DEMO_SLUG).first()
    if demo is None:
        return Demo(None, None, [])
    latest = last_import(demo)
    job = latest.job if latest is not None else None
    return Demo(demo, job, sample_images([demo], each=STRIP_PAIRS).get(demo.pk, []))
