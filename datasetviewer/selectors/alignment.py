"""Reading landmarks, alignments and filter runs for the pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workers.engine.alignment import template_from_data
from workers.engine.errors import InputError
from workers.engine.filtering import judge, radius
from workers.engine.geometry import FIVE, Similarity, Template, fit_similarity
from workers.engine.landmarks import named_points

from ..models import (
    AlignmentRun,
    Dataset,
    DetectionFailure,
    DetectionRun,
    FilterRun,
    Image,
    ImageDecision,
    LandmarkEdit,
    LandmarkSource,
    Verdict,
    VerdictReason,
)

# Where the five points stand in a picture nobody has marked yet: parts of its width and height.
START = ((0.375, 0.45), (0.625, 0.45), (0.5, 0.58), (0.4, 0.7), (0.6, 0.7))

# Single points by the names of workers.engine.landmarks; left and right are the viewer's.
POINT_LABELS = {
    "left_eye": gettext_lazy("left eye"),
    "right_eye": gettext_lazy("right eye"),
    "nose": gettext_lazy("nose tip"),
    "left_mouth": gettext_lazy("left mouth corner"),
    "right_mouth": gettext_lazy("right mouth corner"),
    "hairline": gettext_lazy("hairline"),
    "left_ear": gettext_lazy("left ear"),
    "right_ear": gettext_lazy("right ear"),
    "chin": gettext_lazy("chin"),
    "upper_lip": gettext_lazy("upper lip"),
    "lower_lip": gettext_lazy("lower lip"),
    "left_brow_left": gettext_lazy("left end of the left eyebrow"),
    "left_brow_right": gettext_lazy("right end of the left eyebrow"),
    "right_brow_left": gettext_lazy("left end of the right eyebrow"),
    "right_brow_right": gettext_lazy("right end of the right eyebrow"),
    "left_eye_left": gettext_lazy("left corner of the left eye"),
    "left_eye_right": gettext_lazy("right corner of the left eye"),
    "right_eye_left": gettext_lazy("left corner of the right eye"),
    "right_eye_right": gettext_lazy("right corner of the right eye"),
}


def five_labels() -> tuple[str, ...]:
    """The five points' names for people, in order."""
    return tuple(point_label(name) for name in FIVE)


def starting_points(image: Image) -> list[list[float]]:
    """The image's five points, or a place for each to be dragged from."""
    if image.five:
        return image.five
    return [[round(x * image.width, 1), round(y * image.height, 1)] for x, y in START]


def landmark_history(image: Image) -> QuerySet[LandmarkEdit]:
    """Corrections of a picture, the newest first."""
    return LandmarkEdit.objects.filter(image=image).select_related("user").order_by("-id")


def decisions_of(dataset: Dataset) -> QuerySet[ImageDecision]:
    """The standing decisions of a dataset, the newest first: its exclude list, and what was included by hand."""
    rows = ImageDecision.objects.filter(image__dataset=dataset, undone=None)
    return rows.select_related("user", "image", "image__subject").order_by("-id")


@dataclass(frozen=True)
class LandmarkCounts:
    """Pictures of a dataset by where their landmarks come from; `failed`: no face was found in them."""

    total: int
    read: int
    detected: int
    corrected: int
    failed: int

    @property
    def marked(self) -> int:
        return self.read + self.detected + self.corrected

    @property
    def missing(self) -> int:
        return self.total - self.marked

    @property
    def unsearched(self) -> int:
        return max(0, self.missing - self.failed)


def landmark_counts(dataset: Dataset) -> LandmarkCounts:
    rows = Image.objects.filter(dataset=dataset).order_by().values_list("landmark_source").annotate(n=Count("*"))
    counts = dict(rows)
    return LandmarkCounts(
        total=sum(counts.values()),
        read=counts.get(LandmarkSource.READ, 0),
        detected=counts.get(LandmarkSource.DETECTED, 0),
        corrected=counts.get(LandmarkSource.CORRECTED, 0),
        failed=DetectionFailure.objects.filter(image__dataset=dataset).count(),
    )


def detection_failures(dataset: Dataset) -> QuerySet[DetectionFailure]:
    """Pictures in which no face was found, by key, with what a tile needs."""
    rows = DetectionFailure.objects.filter(image__dataset=dataset)
    return rows.select_related("image", "image__subject", "image__dataset").order_by("image__key")


def last_detection(dataset: Dataset) -> DetectionRun | None:
    return DetectionRun.objects.filter(dataset=dataset).select_related("job").first()


def alignments_from(parent: Dataset) -> list[AlignmentRun]:
    """The newest run of each dataset aligned from this one."""
    newest: dict[int, AlignmentRun] = {}
    for run in AlignmentRun.objects.filter(dataset__parent=parent).select_related("job", "dataset"):
        newest.setdefault(run.dataset_id, run)
    return sorted(newest.values(), key=lambda run: run.dataset.slug)


def filter_runs(dataset: Dataset) -> tuple[FilterRun | None, FilterRun | None]:
    """(the newest run, the newest one that has finished); each may be none, and they may be the same."""
    runs = FilterRun.objects.filter(dataset=dataset).select_related("job")
    return runs.first(), runs.exclude(report={}).first()


def verdict_counts(dataset: Dataset) -> dict[str, int]:
    """Pictures by verdict: kept, unjudged, and rejected ones by reason."""
    rows = Image.objects.filter(dataset=dataset).order_by().values_list("verdict", "verdict_reason")
    counts: dict[str, int] = {}
    for verdict, reason, n in rows.annotate(n=Count("*")):
        name = reason if verdict == Verdict.REJECTED else verdict or "unjudged"
        counts[name] = counts.get(name, 0) + n
    return counts


def rejected_images(dataset: Dataset, reason: str = "") -> QuerySet[Image]:
    """Rejected pictures by key, of one reason if it is given (InputError when there is no such reason)."""
    images = Image.objects.filter(dataset=dataset, verdict=Verdict.REJECTED)
    if reason:
        known = [value for value in VerdictReason.values if value]
        if reason not in known:
            raise InputError(
                _("There is no reason %(name)s. Choices: %(known)s.")
                % {"name": repr(reason)[:60], "known": ", ".join(known)}
            )
        images = images.filter(verdict_reason=reason)
    return images.select_related("dataset", "subject", "judgement").order_by("key")


@dataclass(frozen=True)
class Drawing:
    """What the filter saw, in the picture's own pixel coordinates; numbers are written for SVG.

    frame    corners of the crop;  centres where the template wants the five points, radius how far they may be away
    points   (x, y, whether it failed) of the five points;  lines between two points that stand in the wrong order
    """

    frame: str
    centres: tuple[tuple[str, str], ...]
    radius: str
    points: tuple[tuple[str, str, bool], ...]
    lines: tuple[tuple[str, str, str, str], ...]
    stroke: str
    sentence: str


def drawing_of(image: Image, template: Template, r: float | None) -> Drawing | None:
    """The crop and the reason drawn for one picture; None without usable points."""
    if not image.five:
        return None
    names = [name for name, _x, _y in template.points]
    chosen = [image.five[FIVE.index(name)] for name in names]
    try:
        to_crop = fit_similarity(chosen, template.array())
        back = to_crop.inverse()
    except InputError:
        return None
    width, height = template.size
    corners = back.apply([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])
    wrong: tuple[str, ...] = ()
    lines: tuple[tuple[str, str, str, str], ...] = ()
    sentence = ""
    if r is not None and set(names) >= set(FIVE):
        points = image.landmarks if image.landmarks and len(image.landmarks) in (17, 68) else image.five
        judgement = judge(points, template, five=image.five)
        reason = judgement.reason(r)
        if reason == VerdictReason.SIDE_FACE:
            lines = _lines(image, points, judgement.detail)
            sentence = _("%(first)s and %(second)s stand in the wrong order") % {
                "first": point_label(judgement.detail[0]),
                "second": point_label(judgement.detail[1]),
            }
        elif reason == VerdictReason.OUTSIDE:
            wrong = judgement.detail
            sentence = _("%(point)s lies outside the crop") % {"point": point_label(wrong[0])}
        elif reason == VerdictReason.TOO_FAR:
            wrong = _too_far(image, template, to_crop, r)
            sentence = _("%(point)s is too far from its place: kept only from r = %(r)s") % {
                "point": point_label(judgement.farthest),
                "r": f"{judgement.deviation:.3f}",
            }
    return Drawing(
        frame=" ".join(f"{x:.1f},{y:.1f}" for x, y in corners),
        centres=tuple((f"{x:.1f}", f"{y:.1f}") for x, y in back.apply(template.array())),
        radius=f"{radius(template, r) * back.scale:.1f}" if r is not None else "0",
        points=tuple((f"{x:.1f}", f"{y:.1f}", name in wrong) for name, (x, y) in zip(FIVE, image.five, strict=True)),
        lines=lines,
        stroke=f"{max(image.width, image.height) / 90:.2f}",
        sentence=sentence,
    )


def point_label(name: str) -> str:
    """A point's name for people."""
    return str(POINT_LABELS.get(name, name))


def _too_far(image: Image, template: Template, to_crop: Similarity, r: float) -> tuple[str, ...]:
    away = to_crop.apply(image.five or []) - template.array(FIVE)
    limit = radius(template, r)
    return tuple(name for name, (x, y) in zip(FIVE, away, strict=True) if (x * x + y * y) ** 0.5 > limit)


def _lines(image: Image, points: Any, names: tuple[str, ...]) -> tuple[tuple[str, str, str, str], ...]:
    known = named_points(points) | named_points(image.five)
    (x1, y1), (x2, y2) = known[names[0]], known[names[1]]
    return ((f"{x1:.1f}", f"{y1:.1f}", f"{x2:.1f}", f"{y2:.1f}"),)


def filter_template(run: FilterRun) -> Template:
    return template_from_data(run.template)
