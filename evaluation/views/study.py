"""Pages of the study: curve, scatter, choice, runs side by side, and measuring the checkpoints of a run."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from evaluation import selectors, study_json, study_queries
from evaluation.forms.batch import BatchForm
from evaluation.models import TrainingRun
from evaluation.selectors import study
from evaluation.selectors.study.batch import batch
from evaluation.selectors.study.moved import generated_path, moved
from evaluation.selectors.study.points import UnknownScale
from workers.engine.errors import InputError
from workers.engine.study import correlation, jumps

Read = Callable[[Any, QueryDict], Any]
SCALES = ("protocol", "x_protocol", "y_protocol", "on")  # parameters that hold for a measure, and not for another one
HEADS = {
    "curve": (gettext_lazy("Curve"), gettext_lazy("A measure over the epochs of training, with its odd jumps.")),
    "scatter": (
        gettext_lazy("Scatter"), gettext_lazy("Do two measures agree on which checkpoint is better? One dot a checkpoint."),
    ),
    "choice": (
        gettext_lazy("Choose the best checkpoint"),
        gettext_lazy("Choose on pictures kept for choosing; then look at the test once."),
    ),
    "comparison": (
        gettext_lazy("Compare runs"), gettext_lazy("Which options differ, and what came of it, over the seeds."),
    ),
}  # fmt: skip


def _page(request: HttpRequest, kind: str, read: Read, more: Callable[[Any], dict[str, Any]]) -> HttpResponse:
    """The study that the address asks for; a bad address is answered with what is wrong and the way back."""
    context: dict[str, Any] = {
        "kind": kind,
        "measured": study.measured_runs(request.user),
        "picked": {part for text in request.GET.getlist("run") for part in text.split(",")},
        "trainings": selectors.trainings_visible_to(request.user).exists(),
        "heading": HEADS[kind][0],
        "lead": HEADS[kind][1],
        "runs_query": _runs_query(request),
    }
    try:
        found = read(request.user, request.GET)
    except UnknownScale:
        # Another measure was chosen in the form, beside the protocol of the one before.
        kept = request.GET.copy()
        for name in SCALES:
            kept.pop(name, None)
        return redirect(f"{request.path}?{kept.urlencode()}")
    except InputError as error:
        return render(request, "evaluation/study_refused.html", {**context, "error": str(error)}, status=400)
    query = request.GET.urlencode()
    context |= {"found": found, "query": query, **more(found)}
    if not request.GET.getlist("run"):
        context["picked"] = {str(run.pk) for run in found.runs}
    context["data_url"] = f"{reverse(f'evaluation_api:study-{kind}')}?{query}{'&' if query else ''}format="
    return render(request, f"evaluation/study_{kind}.html", context)


def _runs_query(request: HttpRequest) -> str:
    """The chosen runs, carried from page to page."""
    query = QueryDict(mutable=True)
    query.setlist("run", request.GET.getlist("run"))
    return f"?{query.urlencode()}" if query.getlist("run") else ""


@never_cache
@require_GET
def study_curve(request: HttpRequest) -> HttpResponse:
    """A metric over epochs. Everything shown stands in the address."""

    def more(found: study.Curve) -> dict[str, Any]:
        words = {
            "epoch": _("epoch"),
            "floor": _("real against real"),
            "jump": _("jump"),
            "interval": _("95 % interval"),
        }
        return {
            "data": {**study_json.curve_json(found), "words": words},
            "measures": study.measures_of(request.user),
            "limit": jumps.LIMIT,
            "fewest": jumps.FEWEST,
        }

    return _page(request, "curve", study_queries.curve_of, more)


@never_cache
@require_GET
def study_scatter(request: HttpRequest) -> HttpResponse:
    """One measure against another, and how well they agree."""

    def more(found: study.Scatter) -> dict[str, Any]:
        data = {**study_json.scatter_json(found), "words": {"epoch": _("epoch")}}
        return {"data": data, "few": correlation.FEW}

    return _page(request, "scatter", study_queries.scatter_of, more)


@never_cache
@require_GET
def study_choice(request: HttpRequest) -> HttpResponse:
    """The best checkpoints by a rule."""

    def more(found: study.Choice) -> dict[str, Any]:
        return {"evaluate": _evaluate_links(found), "ks": [1, 2, 3, 5, 10]}

    return _page(request, "choice", study_queries.choice_of, more)


def _evaluate_links(found: study.Choice) -> list[tuple[TrainingRun, int, str]]:
    """For each run with chosen checkpoints that lack test values: how many, and the form filled in for them."""
    by_run: dict[uuid.UUID, list[str]] = {}
    runs = {run.pk: run for run in found.runs}
    for candidate in found.untested:
        by_run.setdefault(candidate.checkpoint.run_id, []).append(candidate.checkpoint.pk)
    dataset, split, *source = [*found.test_on.split(":"), ""][:3]
    extractors = list(dict.fromkeys(measure.extractor for measure in found.wanted if measure.extractor))
    metrics = list(dict.fromkeys(measure.metric for measure in found.wanted))
    links = []
    for run_id, ids in by_run.items():
        query = {
            "checkpoint": ids, "dataset": dataset, "split": split, "source": source, "extractor": extractors,
            "metrics": metrics,
        }  # fmt: skip
        address = reverse("evaluation:training-evaluations", args=[run_id])
        links.append((runs[run_id], len(ids), f"{address}?{urlencode(query, doseq=True)}#measure"))
    return links


@never_cache
@require_GET
def study_comparison(request: HttpRequest) -> HttpResponse:
    """Runs side by side."""
    return _page(request, "comparison", study_queries.comparison_of, lambda found: {})


@never_cache
@require_GET
def study_moved(request: HttpRequest, before: str, after: str) -> HttpResponse:
    """The faces that two checkpoints draw most differently, side by side."""
    on, extractor = request.GET.get("on", ""), request.GET.get("extractor", "")
    try:
        found = moved(request.user, before=before, after=after, on=on, extractor=extractor)
    except InputError as error:
        refused = {"kind": "curve", "error": str(error), "anew": reverse("evaluation:study-curve")}
        return render(request, "evaluation/study_refused.html", refused, status=400)
    if found is None:
        raise Http404
    context = {"kind": "curve", "found": found, "wanted": extractor, "runs_query": f"?run={found.after.run_id}"}
    return render(request, "evaluation/study_moved.html", context)


@cache_control(private=True, max_age=3600)
@require_safe
def generated_picture(request: HttpRequest, checkpoint_id: str, sha256: str) -> FileResponse:
    """What a checkpoint drew of a picture, for those who may see both."""
    path = generated_path(request.user, checkpoint_id=checkpoint_id, sha256=sha256)
    try:
        if path is None:
            raise FileNotFoundError
        return FileResponse(path.open("rb"), content_type="image/png")
    except OSError:
        raise Http404 from None


@never_cache
@require_http_methods(["GET", "POST"])
def training_evaluations(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """All evaluations of a run's checkpoints with their progress, and the form that queues more."""
    run = selectors.training_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404
    error = ""
    form = BatchForm(request.POST if request.method == "POST" else request.GET, request.user, run)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        try:
            made = form.submit()
        except InputError as refused:
            error = str(refused)
        else:
            new = sum(created for _evaluation, created in made)
            text = ngettext("%(n)s evaluation queued.", "%(n)s evaluations queued.", new) % {"n": new}
            if old := len(made) - new:
                text += " " + ngettext("%(n)s existed before.", "%(n)s existed before.", old) % {"n": old}
            messages.success(request, text)
            on = ":".join(filter(None, [form.dataset, form.split, form.source]))
            return redirect(f"{request.path}?{urlencode({'on': on})}")
    found = batch(request.user, run, request.GET.dict())
    context = {"run": run, "form": form, "found": found, "error": error, "chosen": request.GET}
    template = "evaluation/batch_progress.html" if request.headers.get("HX-Request") else "evaluation/batch.html"
    return render(request, template, context, status=400 if error else 200)
