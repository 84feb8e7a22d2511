"""Reading recognition tests: who may see which, tests that may be ranked with each other, what there is to test on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image, Protocol
from datasetviewer.selectors import dataset_visible_to, image_path, newest_protocols
from evaluation.models import PublishedResults, RecogniserChoice, RecognitionTest, RecognitionValue, UploadedSet
from evaluation.recognition import MEASURES, TESTABLE, SetsTask, task_from_json
from evaluation.selectors.study.moved import generated_path
from evaluation.sets import ALL, CheckpointSet, FolderSet, PublishedSet, StylizerSet, UploadSpec
from evaluation.sets.stylizers import generated_folder
from workers.models import JobState

MOST_COMPARED = 16


def recognitions_visible_to(user: Any) -> QuerySet[RecognitionTest]:
    """Tests with their numbers, newest first. Visitors see what comes from public datasets and checkpoints alone."""
    tests = RecognitionTest.objects.select_related("job", "owner").prefetch_related("values")
    if user is not None and user.is_authenticated:
        return tests
    public = Q(probe_dataset__public=True, gallery_dataset__public=True, shown_to_visitors=True)
    return tests.filter(public)


def recognition_get(*, user: Any, test_id: uuid.UUID) -> RecognitionTest | None:
    """The test, or None when there is none that this user may see."""
    return recognitions_visible_to(user).filter(id=test_id).first()


def choices_visible_to(user: Any) -> QuerySet[RecogniserChoice]:
    """Choices are for those who are signed in: they name checkpoints and datasets of everybody."""
    choices = RecogniserChoice.objects.select_related("job", "owner", "test")
    return choices if user is not None and user.is_authenticated else choices.none()


def comparable_with(test: RecognitionTest, user: Any) -> QuerySet[RecognitionTest]:
    """Finished tests of the very same comparisons by any recogniser, the given one included."""
    tests = recognitions_visible_to(user).filter(plan_digest=test.plan_digest, job__state=JobState.SUCCEEDED)
    return tests.order_by("extractor", "-created")


@dataclass(frozen=True)
class Offered:
    """A dataset with the protocols that a recogniser can be tested by, each list in its newest version."""

    dataset: Dataset
    protocols: list[Protocol]


def protocols_offered(user: Any) -> list[Offered]:
    """The datasets with protocols of verification or identification. One query a dataset that has any."""
    datasets = dataset_visible_to(user).filter(protocols__kind__in=TESTABLE).distinct()
    return [
        Offered(dataset, list(newest_protocols(dataset).filter(kind__in=TESTABLE).order_by("name")))
        for dataset in datasets
    ]


def sets_written(user: Any) -> list[str]:
    """The parts of the datasets that have pictures, as sets are written: cufs:test:sketch. One query."""
    images = Image.objects.filter(dataset__in=dataset_visible_to(user)).order_by("dataset__slug", "split", "modality")
    parts = images.values_list("dataset__slug", "split", "modality").distinct()
    return [f"{slug}:{split or ALL}:{modality}" for slug, split, modality in parts]


@dataclass(frozen=True)
class PartRow:
    """A line of the table of parts: the numbers of one part in the order of `measures_shown`; None where there is none."""

    part: str
    values: list[RecognitionValue | None]


def measures_shown(values: Iterable[RecognitionValue]) -> list[str]:
    """The measures that there are, in the order of tables."""
    there = {value.measure for value in values}
    return [name for name in MEASURES if name in there]


def part_rows(test: RecognitionTest) -> list[PartRow]:
    """The parts in their order, then the whole; of one part alone nothing twice."""
    values = list(test.values.all())
    measures = measures_shown(values)
    found = {(value.part, value.measure): value for value in values}
    parts = [part for part in dict.fromkeys(value.part for value in values) if part]
    shown = parts if len(parts) == 1 else [*parts, ""]
    return [PartRow(part, [found.get((part, measure)) for measure in measures]) for part in shown]


@dataclass(frozen=True)
class Shown:
    """A picture behind an error: its place in the plan, who is in it, its name and the address of its page ("" without)."""

    place: int
    person: str
    name: str
    image: int | None


@dataclass(frozen=True)
class Confusion:
    """Pictures side by side, with what was measured between them; `score_text` as the recogniser compares."""

    kind: str
    pictures: list[Shown]
    part: str
    wrong: bool
    score: float | None = None
    score_text: str = ""
    rank: int = 0
    own_distance: float | None = None
    other_distance: float | None = None


def confusions_of(test: RecognitionTest) -> dict[str, list[Confusion]]:
    """false_accepts, false_rejects and mistakes, the surest first; empty lists while there are none."""
    curves = getattr(test, "curves", None)
    if curves is None:
        return {"false_accepts": [], "false_rejects": [], "mistakes": []}

    def shown(place: int) -> Shown:
        row = curves.pictures[str(place)]
        return Shown(place, row["person"].removeprefix("?").strip(), row["name"], row["image"])

    distances = test.protocol_detail["distance"]

    def said(score: float) -> str:
        if distances == ["cosine"]:
            return _("cosine %(value)s") % {"value": f"{score:.3f}"}
        if distances == ["euclidean"]:  # its score is the distance with a minus
            return _("distance %(value)s") % {"value": f"{-score:.3f}"}
        return f"{score:.3f}"

    found: dict[str, list[Confusion]] = {}
    for kind in ("false_accepts", "false_rejects"):
        found[kind] = [
            Confusion(
                kind,
                [shown(row["first"]), shown(row["second"])],
                row["part"],
                row["wrong"],
                row["score"],
                said(row["score"]),
            )
            for row in curves.confused[kind]
        ]
    found["mistakes"] = [
        Confusion(
            "mistakes", [shown(row[side]) for side in ("probe", "taken", "own")], row["part"], True,
            rank=row["rank"], own_distance=row["own_distance"], other_distance=row["other_distance"],
        )
        for row in curves.confused["mistakes"]
    ]  # fmt: skip
    return found


def recognition_picture(*, user: Any, test: RecognitionTest, place: int) -> Path | None:
    """Where a picture behind an error lies; None when there is none or this user may not see it.

    Pictures of a dataset are for whom the dataset is, drawings of a checkpoint also need the checkpoint; uploads and
    folders are for the test's owner and for staff.
    """
    curves = getattr(test, "curves", None)
    row = curves.pictures.get(str(place)) if curves is not None else None
    if row is None:
        return None
    task = task_from_json(test.task)
    spec = (task.probe, task.gallery)[row["set"]] if isinstance(task, SetsTask) else None
    if isinstance(spec, PublishedSet):
        return _path_of_published(spec, row["name"], user)
    if row["image"] is None:
        own = user is not None and user.is_authenticated and (user.is_staff or test.owner_id == user.pk)
        return _path_of_own(spec, row["name"]) if own and isinstance(spec, FolderSet | UploadSpec) else None
    image = (
        Image.objects.filter(pk=row["image"], dataset__in=dataset_visible_to(user)).select_related("dataset").first()
    )
    if image is None:
        return None
    if isinstance(spec, CheckpointSet):
        return generated_path(user, checkpoint_id=spec.checkpoint, sha256=image.sha256)
    if isinstance(spec, StylizerSet):
        return generated_folder(spec) / f"{image.sha256}.png"
    return image_path(image)


def _path_of_own(spec: FolderSet | UploadSpec, name: str) -> Path | None:
    if isinstance(spec, FolderSet):
        return Path(spec.folder) / name
    uploaded = UploadedSet.objects.filter(pk=spec.upload).first()
    if uploaded is None:
        return None
    kept = (uploaded.path_of(sha256, kind) for key, sha256, kind in uploaded.pictures if key == name)
    return next((path.absolute() for path in kept), None)


def _path_of_published(spec: PublishedSet, name: str, user: Any) -> Path | None:
    published = PublishedResults.objects.filter(pk=spec.published, dataset__in=dataset_visible_to(user)).first()
    if published is None:
        return None
    kept = (published.path_of(sha256, kind) for _key, own, sha256, kind in published.pictures if own == name)
    return next((path.absolute() for path in kept), None)
