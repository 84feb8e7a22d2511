"""What workers do about landmarks: finding faces, aligning a dataset, judging its pictures."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from workers.context import JobContext

from .models import AlignmentRun, DetectionRun, FilterRun
from .services.aligning import pictures_align
from .services.detection import landmarks_detect
from .services.filtering import dataset_judge, filter_store


def detect_landmarks(context: JobContext) -> None:
    """Search the pictures without landmarks of the job's DetectionRun."""
    run = DetectionRun.objects.select_related("dataset").get(job_id=context.job_id)
    report = _reporter(context, "looking at")
    counts = landmarks_detect(
        dataset=run.dataset, find=largest_face, again=bool(context.arguments.get("again")), report=report
    )
    with context.finish(_("Faces found in %(found)d pictures, none in %(failed)d.") % counts):
        DetectionRun.objects.filter(pk=run.pk).update(report=counts)


def align_dataset(context: JobContext) -> None:
    """Fill the aligned dataset of the job's AlignmentRun. Repeating it changes nothing."""
    run = AlignmentRun.objects.select_related("dataset", "dataset__parent").get(job_id=context.job_id)
    outcome = pictures_align(dataset=run.dataset, report=_reporter(context, "aligning"))
    with context.finish(outcome.headline()):
        AlignmentRun.objects.filter(pk=run.pk).update(report=outcome.as_dict())


def filter_dataset(context: JobContext) -> None:
    """Judge every picture of the job's FilterRun; the verdicts change all at once, at the end."""
    run = FilterRun.objects.select_related("dataset").get(job_id=context.job_id)
    filtered = dataset_judge(run=run, report=_reporter(context, "judging"))
    kept, judged = filtered.report["reasons"].get("kept", 0), filtered.report["judged"]
    with context.finish(_("%(kept)d of %(judged)d pictures fit the template.") % {"kept": kept, "judged": judged}):
        filter_store(run=run, filtered=filtered)


def largest_face(picture: Any) -> Any:
    """The (68, 2) points of the largest face, or None."""
    from workers.engine.faces import find_faces

    faces = find_faces(picture)
    return faces[0].landmarks68 if faces else None


def _reporter(context: JobContext, verb: str) -> Any:
    def report(done: int, total: int, text: str) -> None:
        context.report(done / max(total, 1), f"{verb} {done} of {total}: {text}" if text else "")

    return report
