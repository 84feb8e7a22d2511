"""Pages of recognition tests: the list, a new one, one with its curves and confusions, several side by side."""

from __future__ import annotations

import mimetypes
import uuid

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from evaluation import recognition_json
from evaluation.forms.recognition import RecognitionForm
from evaluation.models import RecognitionTest, RecognitionValue
from evaluation.recognition import Task, measure_title, plan_of
from evaluation.selectors import recognitions as found
from evaluation.services import recognitions as services
from evaluation.snippets.recognition import snippets_of
from workers.engine.errors import InputError
from workers.models import JobState
from workers.selectors import job_managed_by

PAGE_SIZE = 25
SHOWN = 12  # confusions of each kind


@never_cache
@require_GET
def recognition_list(request: HttpRequest) -> HttpResponse:
    tests = found.recognitions_visible_to(request.user)
    page = Paginator(tests, PAGE_SIZE).get_page(request.GET.get("page"))
    choices = found.choices_visible_to(request.user)[:10]
    context = {"page": page, "choices": choices, "any_too_few": any(test.too_few for test in page)}
    return render(request, "evaluation/recognition_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def recognition_new(request: HttpRequest) -> HttpResponse:
    """The form; its choices stand in the address. Several recognisers give a test each."""
    if request.method == "GET":
        form = RecognitionForm(request.GET, request.user)
        return render(request, "evaluation/recognition_new.html", {"form": form})
    form = RecognitionForm(request.POST, request.user)
    if not request.user.is_authenticated:
        return redirect_to_login(form.address)
    try:
        tests = submit_each(request, form.task(), form.names())
    except InputError as error:
        return render(request, "evaluation/recognition_new.html", {"form": form, "error": str(error)}, status=400)
    if len(tests) > 1:
        return redirect(f"{reverse('evaluation:recognition-compare')}?protocol={tests[0].protocol}")
    return redirect("evaluation:recognition-detail", tests[0].id)


def submit_each(request: HttpRequest, task: Task, names: list[str]) -> list[RecognitionTest]:
    """A test of each recogniser. Nothing is queued when one of them cannot be used: InputError."""
    services.extractors_checked(names, user=request.user, everything=False)
    for name in names:
        services.found_weights(name)
    plan = plan_of(task, request.user)
    tests = []
    for name in names:
        test, created = services.recognition_submit(user=request.user, task=task, extractors=[name], plan=plan)
        if not created:
            messages.info(request, _("%(name)s was submitted before; here it is.") % {"name": name})
        tests.append(test)
    return tests


def visible_test(request: HttpRequest, test_id: uuid.UUID) -> RecognitionTest:
    test = found.recognition_get(user=request.user, test_id=test_id)
    if test is None:
        raise Http404
    return test


@never_cache
@require_GET
def recognition_detail(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    test = visible_test(request, test_id)
    others = found.comparable_with(test, request.user).exclude(pk=test.pk).count()
    confusions = {kind: rows[:SHOWN] for kind, rows in found.confusions_of(test).items()}
    values = list(test.values.all())
    context = {
        "test": test,
        "done": test.job.state == JobState.SUCCEEDED,
        "may_manage": job_managed_by(job=test.job, user=request.user),
        "measures": [measure_title(name) for name in found.measures_shown(values)],
        "rows": found.part_rows(test),
        "confusions": confusions,
        "others": others,
        "nlda_url": RecognitionForm.nlda_address_of(test.task),
        "again_url": RecognitionForm.address_of(test.task, test.extractors),
        "data": recognition_json.curves_json([test]),
        "snippets": snippets_of(test, request.build_absolute_uri(reverse("evaluation_api:recognition-list"))),
    }
    return render(request, "evaluation/recognition_detail.html", context)


@never_cache
@require_GET
def recognition_compare(request: HttpRequest) -> HttpResponse:
    """Every finished test of one protocol in one table and one drawing.

    `protocol` is the fingerprint or its beginning; without it, the newest by which several were tested.
    """
    visible = found.recognitions_visible_to(request.user)
    protocols = recognition_json.protocols_with_several(visible)
    wanted = request.GET.get("protocol", "") or (protocols[0]["protocol"] if protocols else "")
    tests = list(visible.filter(plan_digest__startswith=wanted)) if len(wanted) >= 12 else []
    if wanted and len({test.plan_digest for test in tests}) != 1:
        raise Http404
    finished = [test for test in tests if test.job.state == JobState.SUCCEEDED]
    finished.sort(key=lambda test: (test.leaky, test.extractor))
    shown = finished[: found.MOST_COMPARED]
    measures = found.measures_shown([value for test in shown for value in test.summary])
    best = recognition_json.best_values(shown)
    context = {
        "tests": shown,
        "first": tests[0] if tests else None,
        "waiting": [test for test in tests if test.job.is_live],
        "measures": [measure_title(name) for name in measures],
        "rows": [(test, [_cell(test, measure, best) for measure in measures]) for test in shown],
        "any_too_few": any(test.too_few for test in shown),
        "any_leaky": any(test.leaky for test in shown),
        "data": recognition_json.curves_json(shown),
        "protocols": protocols,
    }
    return render(request, "evaluation/recognition_compare.html", context)


def _cell(test: RecognitionTest, measure: str, best: dict[str, float]) -> tuple[RecognitionValue | None, bool]:
    """A test's number, None where it has none, and whether it is the best of its column; a leaky one never is."""
    value = next((value for value in test.summary if value.measure == measure), None)
    return value, value is not None and not test.leaky and value.value == best.get(measure)


@require_POST
def recognition_stop(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    test = _managed(request, test_id)
    if not test.job.is_live:
        messages.warning(request, _("There was nothing to cancel: the test is over."))
    elif services.recognition_cancel(job=test.job) == JobState.CANCELLED:
        messages.success(request, _("The test is cancelled."))
    else:
        messages.info(request, _("The test will stop at its next step, usually within two seconds."))
    return redirect("evaluation:recognition-detail", test.id)


@require_POST
def recognition_delete(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    test = _managed(request, test_id)
    try:
        services.recognition_delete(test=test)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("evaluation:recognition-detail", test.id)
    messages.success(request, _("The test is deleted."))
    return redirect("evaluation:recognition-list")


def _managed(request: HttpRequest, test_id: uuid.UUID) -> RecognitionTest:
    test = visible_test(request, test_id)
    if not job_managed_by(job=test.job, user=request.user):
        raise PermissionDenied(_("Only the owner of a test and staff may do this."))
    return test


@never_cache
@require_GET
def recognition_csv(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    """The numbers of every part and of the whole."""
    test = visible_test(request, test_id)
    answer = HttpResponse(recognition_json.values_csv(test), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="recognition-{test.protocol}-{test.id}.csv"'
    return answer


@cache_control(private=True, max_age=3600)
@require_safe
def recognition_picture(request: HttpRequest, test_id: uuid.UUID, place: int) -> FileResponse:
    """A picture behind an error, for those who may see it."""
    test = visible_test(request, test_id)
    path = found.recognition_picture(user=request.user, test=test, place=place)
    if path is None:
        raise Http404
    try:
        return FileResponse(path.open("rb"), content_type=mimetypes.guess_type(path.name)[0] or "image/png")
    except OSError:
        raise Http404 from None
