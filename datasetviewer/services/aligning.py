"""The work of an alignment: each picture of the parent onto the template. Run again, it does only what changed."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.utils.translation import gettext as _
from PIL.Image import Image as Pixels

from workers.engine.alignment import fit_to_template, template_from_data
from workers.engine.errors import InputError
from workers.engine.geometry import Similarity, Template, warp
from workers.engine.images import MAX_PIXELS, read_photo
from workers.engine.whole_files import write_whole

from ..models import GREY_MODES, AlignedImage, Dataset, Decision, Image, ImageDecision
from ..pictures import Picture, read_picture
from ..storage import THUMBNAIL_SIZES, dataset_folder, file_path, thumbnail_path
from .aligned_rows import Outcome, Task, aligned_write, numbers_of, orphans_drop, pairs_follow
from .counts import dataset_recount
from .reports import Report, no_report
from .verdicts import judge_image

BATCH = 64
THREADS = 4

NO_LANDMARKS, NO_TRANSFORM, UNREADABLE, EXCLUDED = "no_landmarks", "no_transform", "unreadable", "excluded"


def pictures_align(*, dataset: Dataset, report: Report = no_report) -> Outcome:
    """Fill an aligned dataset from its parent, by its recipe.

    report  called after each picture; may raise to stop, what was stored so far stays
    """
    began = time.monotonic()
    parent = dataset.parent
    if parent is None:
        raise InputError(_("The dataset that %(slug)s was made from is gone.") % {"slug": dataset.slug})
    template, padding = template_from_data(dataset.recipe["template"]), dataset.recipe["padding"]
    r = dataset.recipe["r"]
    outcome = Outcome()
    ids = list(Image.objects.filter(dataset=parent).order_by("key").values_list("pk", flat=True))
    done = 0
    report(0, len(ids), "")
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(ids), BATCH):
            images = list(
                Image.objects.filter(pk__in=ids[start : start + BATCH]).select_related("subject").order_by("key")
            )
            tasks, dropped = _sort_out(dataset, images, template, r, outcome)
            futures = [(task, pool.submit(_make, parent.slug, dataset.slug, task, template, padding)) for task in tasks]
            made: list[tuple[Task, Picture, int]] = []
            try:
                done += len(images) - len(tasks)
                for task, future in futures:
                    try:
                        made.append((task, *future.result()))
                    except InputError as error:
                        outcome.leave_out(task.origin.key, UNREADABLE, str(error))
                        if task.before is not None:
                            dropped.append(task.before.image_id)
                    except OSError as error:
                        raise InputError(
                            _("The aligned pictures cannot be stored in %(folder)s: %(error)s. What was stored stays.")
                            % {"folder": str(dataset_folder(dataset.slug)), "error": error.strerror or str(error)}
                        ) from error
                    done += 1
                    report(done, len(ids), task.origin.key)
            except BaseException:
                for _task, future in futures:
                    future.cancel()
                raise
            aligned_write(dataset, made, dropped, outcome)
    orphans_drop(dataset, outcome)
    outcome.pairs = pairs_follow(dataset, parent)
    dataset_recount(dataset=dataset)
    outcome.seconds = time.monotonic() - began
    return outcome


def _sort_out(
    dataset: Dataset, images: list[Image], template: Template, r: float | None, outcome: Outcome
) -> tuple[list[Task], list[int]]:
    """What has to be made, and the ids of pictures of the derived dataset that are no longer wanted."""
    decisions = dict(ImageDecision.objects.filter(image__in=images, undone=None).values_list("image_id", "decision"))
    copies = AlignedImage.objects.filter(origin__in=images, image__dataset=dataset).select_related("image")
    before = {copy.origin_id: copy for copy in copies}
    tasks: list[Task] = []
    dropped: list[int] = []
    for image in images:
        reason, transform = _reason(image, decisions.get(image.pk), template, r)
        copy = before.get(image.pk)
        if reason or transform is None:
            outcome.leave_out(image.key, reason)
            if copy is not None:
                dropped.append(copy.image_id)
        elif copy is not None and _is_current(dataset, copy, image, transform):
            outcome.present += 1
        else:
            tasks.append(Task(image, transform, copy))
    return tasks, dropped


def _reason(image: Image, decision: str | None, template: Template, r: float | None) -> tuple[str, Similarity | None]:
    """Why the picture is left out, "" when it is not; and its transform."""
    if decision == Decision.EXCLUDE:
        return EXCLUDED, None
    if not image.five:
        return NO_LANDMARKS, None
    if r is not None and decision != Decision.INCLUDE:
        judgement = judge_image(image, template)
        reason = NO_TRANSFORM if judgement is None else judgement.reason(r)
        if reason:
            return reason, None
    try:
        return "", fit_to_template(image.five, template)
    except InputError:
        return NO_TRANSFORM, None


def _is_current(dataset: Dataset, copy: AlignedImage, origin: Image, transform: Similarity) -> bool:
    if copy.origin_sha256 != origin.sha256 or copy.transform != numbers_of(transform):
        return False
    same_facts = (copy.image.split, copy.image.source, copy.image.modality) == (
        origin.split,
        origin.source,
        origin.modality,
    )
    sha, ending = copy.image.sha256, copy.image.format
    files = [file_path(dataset.slug, sha, ending), *(thumbnail_path(dataset.slug, sha, s) for s in THUMBNAIL_SIZES)]
    return same_facts and all(path.is_file() for path in files)


def _make(parent: str, slug: str, task: Task, template: Template, padding: str) -> tuple[Picture, int]:
    """Warp one picture and store its files; the picture and its size in bytes. Runs in a thread: no database here."""
    warped = picture_warp(slug=parent, image=task.origin, transform=task.transform, template=template, padding=padding)
    stream = io.BytesIO()
    warped.save(stream, format="PNG", compress_level=4)
    content = stream.getvalue()
    picture = read_picture(content)
    for size, thumbnail in picture.thumbnails.items():
        write_whole(thumbnail_path(slug, picture.sha256, size), thumbnail)
    write_whole(file_path(slug, picture.sha256, picture.format), content)
    return picture, len(content)


def picture_warp(*, slug: str, image: Image, transform: Similarity, template: Template, padding: str) -> Pixels:
    """The stored picture brought onto the template; grey stays grey. InputError when the file cannot be read.

    slug  of the picture's dataset
    """
    source = read_photo(Path(file_path(slug, image.sha256, image.format)), max_side=MAX_PIXELS)
    if image.mode in GREY_MODES:
        source = source.convert("L")
    return warp(source, transform, template.size, padding=padding)
