"""Pages: correcting landmarks, aligning a dataset."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workers.engine.errors import InputError

from ..alignment_forms import TEMPLATE_LABELS, AlignForm, PreviewForm
from ..models import Dataset, Image
from ..selectors import alignment as selectors
from ..selectors import dataset_may_publish, dataset_visible_to
from ..services.alignment import alignment_submit
from ..services.detection import landmarks_detect_submit
from ..services.landmarks import LandmarksChanged, landmarks_correct, landmarks_revert, landmarks_version
from ..services.previewing import alignment_preview

SAMPLES = 6
FAILURES_A_PAGE = 24


def visible_dataset(request: HttpRequest, slug: str) -> Dataset:
    """The dataset if this person may see it, else 404, so that a visitor does not learn that it is there."""
    return get_object_or_404(dataset_visible_to(request.user), slug=slug)


def editable_dataset(request: HttpRequest, slug: str) -> Dataset:
    """The dataset if this person may change its pictures' landmarks and verdicts: its owner and staff, else 403."""
    dataset = visible_dataset(request, slug)
    if not dataset_may_publish(request.user, dataset):
        raise PermissionDenied
    return dataset


# --- one picture's landmarks ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def image_landmarks(request: HttpRequest, slug: str, image_id: int) -> HttpResponse:
    """The five points of a picture, to look at and, for owner and staff, to correct."""
    dataset = editable_dataset(request, slug) if request.method == "POST" else visible_dataset(request, slug)
    image = get_object_or_404(Image.objects.select_related("dataset", "subject"), dataset=dataset, pk=image_id)
    error, status, points = "", 200, None
    if request.method == "POST":
        try:
            points = _points_sent(request)
            version = _version_sent(request)
            landmarks_correct(image=image, five=points, user=request.user, version=version)
        except LandmarksChanged as changed:
            error, status, points = str(changed), 409, None
            image.refresh_from_db()
        except InputError as refused:
            error, status = str(refused), 400
        else:
            messages.success(request, _("The five points are saved."))
            following = _next_by_key(image) if request.POST.get("then") == "next" else None
            return redirect("datasetviewer:image-landmarks", slug=slug, image_id=(following or image).pk)
    return render(
        request, "datasetviewer/image_landmarks.html", _editor(request, dataset, image, points, error), status=status
    )


def _editor(
    request: HttpRequest, dataset: Dataset, image: Image, points: list[list[float]] | None, error: str
) -> dict[str, Any]:
    shown = points or selectors.starting_points(image)
    names = selectors.five_labels()
    history = list(selectors.landmark_history(image)[:20])
    return {
        "dataset": dataset,
        "image": image,
        "points": [
            {"name": name, "number": number, "x": x, "y": y}
            for number, (name, (x, y)) in enumerate(zip(names, shown, strict=True), start=1)
        ],
        "marked": bool(image.five),
        "other_points": image.landmarks if image.landmarks and len(image.landmarks) > 5 else [],
        "with_all": request.GET.get("all") == "1",
        "radius": f"{max(image.width, image.height) / 60:.2f}",
        "hit_radius": f"{max(image.width, image.height) / 18:.2f}",
        "small_radius": f"{max(image.width, image.height) / 160:.2f}",
        "version": landmarks_version(image),
        "history": history,
        "may_revert": any(edit.reverted is None for edit in history),
        "may_edit": dataset_may_publish(request.user, dataset),
        "failure": getattr(image, "detection_failure", None),
        "previous": Image.objects.filter(dataset=dataset, key__lt=image.key).order_by("-key").only("pk").first(),
        "next": _next_by_key(image),
        "error": error,
    }


def _points_sent(request: HttpRequest) -> list[list[float]]:
    try:
        return [[float(request.POST.get(f"{axis}{n}", "")) for axis in "xy"] for n in range(1, 6)]
    except ValueError:
        raise InputError(_("Each of the five points needs two numbers, x and y in pixels.")) from None


def _version_sent(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _next_by_key(image: Image) -> Image | None:
    return Image.objects.filter(dataset=image.dataset_id, key__gt=image.key).order_by("key").only("pk").first()


@require_POST
@login_required
def image_landmarks_revert(request: HttpRequest, slug: str, image_id: int) -> HttpResponse:
    """Take the last correction back."""
    dataset = editable_dataset(request, slug)
    image = get_object_or_404(Image, dataset=dataset, pk=image_id)
    try:
        landmarks_revert(image=image, version=_version_sent(request))
    except (InputError, LandmarksChanged) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The last correction was taken back."))
    return redirect("datasetviewer:image-landmarks", slug=slug, image_id=image_id)


# --- aligning a dataset -----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def dataset_align(request: HttpRequest, slug: str) -> HttpResponse:
    """Where landmarks are missing, what a template would cut out, and making the aligned dataset."""
    dataset = visible_dataset(request, slug)
    if request.method == "POST" and not request.user.is_authenticated:
        raise PermissionDenied
    shown = _recipe_shown(request)
    form = AlignForm(request.POST if request.method == "POST" else None, initial=shown.data)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                _run, created = alignment_submit(
                    parent=dataset,
                    template=form.cleaned_data["chosen"],
                    padding=form.cleaned_data["padding"],
                    r=form.cleaned_data["r"],
                    slug=form.cleaned_data["slug"],
                    owner=request.user,
                )
            except InputError as error:
                form.add_error(None, str(error))
            else:
                text = _("The alignment was queued.") if created else _("This alignment is already queued or running.")
                messages.success(request, text)
                return redirect("datasetviewer:dataset-align", slug=slug)
        status = 400
        shown = _recipe_shown(request, form.data) if PreviewForm(form.data).is_valid() else shown
    template, r = shown.cleaned_data["chosen"], shown.cleaned_data["r"]
    counts = selectors.landmark_counts(dataset)
    failures = Paginator(selectors.detection_failures(dataset), FAILURES_A_PAGE).get_page(request.GET.get("page", 1))
    samples = (
        Image.objects.filter(dataset=dataset).exclude(five=None).select_related("dataset", "subject").order_by("key")
    )
    return render(
        request,
        "datasetviewer/dataset_align.html",
        {
            "dataset": dataset,
            "form": form,
            "counts": counts,
            "failures": failures,
            "detection": selectors.last_detection(dataset),
            "shown": shown,
            "refused": _refused(request),
            "templates": [(name, label, name == template.name) for name, label in TEMPLATE_LABELS.items()],
            "samples": [(image, selectors.drawing_of(image, template, r)) for image in samples[:SAMPLES]],
            "template": template,
            "runs": selectors.alignments_from(dataset),
            "may_edit": dataset_may_publish(request.user, dataset),
            "command": f"python manage.py align_dataset {dataset.slug} --template {template.name}",
        },
        status=status,
    )


def _recipe_shown(request: HttpRequest, params: Any = None) -> PreviewForm:
    """The recipe of the address, checked; the usual one instead of one that will not do."""
    form = PreviewForm(request.GET if params is None else params)
    if not form.is_valid():
        form = PreviewForm({})
        form.full_clean()
    return form


def _refused(request: HttpRequest) -> list[str]:
    """What is wrong with the recipe of the address, a sentence each."""
    return [str(error) for errors in PreviewForm(request.GET).errors.values() for error in errors]


@require_safe
def image_aligned(request: HttpRequest, slug: str, image_id: int) -> HttpResponse:
    """The picture as the recipe in the address would store it."""
    dataset = visible_dataset(request, slug)
    image = get_object_or_404(Image, dataset=dataset, pk=image_id)
    image.dataset = dataset
    form = PreviewForm(request.GET)
    if not form.is_valid():
        return HttpResponse(" ".join(_refused(request)), status=400, content_type="text/plain; charset=utf-8")
    try:
        content = alignment_preview(
            image=image, template=form.cleaned_data["chosen"], padding=form.cleaned_data["padding"]
        )
    except InputError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    # Points may be corrected at any time, so nobody keeps it for long.
    headers = {"Cache-Control": "private, max-age=60", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/png", headers=headers)


@require_POST
@login_required
def dataset_detect(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue the search for faces in pictures without landmarks; again=1 repeats it where none was found."""
    dataset = editable_dataset(request, slug)
    try:
        _run, created = landmarks_detect_submit(
            dataset=dataset, again=request.POST.get("again") == "1", owner=request.user
        )
    except InputError as error:
        messages.error(request, str(error))
    else:
        text = _("The search for faces was queued.") if created else _("This search is already queued or running.")
        messages.success(request, text)
    return redirect("datasetviewer:dataset-align", slug=slug)
