"""Pages of blind preference tests: the list, a new one, voting, and what came of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from evaluation import preference_tables
from evaluation.forms.preference import PreferenceForm
from evaluation.models import PreferenceTest
from evaluation.selectors import preferences as selectors
from evaluation.services import ballots
from evaluation.services import preferences as services
from evaluation.voters import voter_known, voter_of
from workers.engine.errors import InputError

TESTS_A_PAGE = 20
DOWNLOADS = {"results": preference_tables.results_csv, "votes": preference_tables.votes_csv}


@never_cache
@require_GET
def preference_list(request: HttpRequest) -> HttpResponse:
    tests = selectors.with_votes(selectors.preferences_visible_to(request.user))
    page = Paginator(tests, TESTS_A_PAGE).get_page(request.GET.get("page"))
    for test in page.object_list:
        test.results_shown = selectors.preference_results_shown(  # type: ignore[attr-defined]
            test=test, user=request.user
        )
    return render(request, "evaluation/preference_list.html", {"page": page})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def preference_new(request: HttpRequest) -> HttpResponse:
    form = PreferenceForm(request.POST if request.method == "POST" else request.GET, request.user)
    error = ""
    if request.method == "POST":
        try:
            test = form.submit()
        except InputError as refused:
            error = str(refused)
        else:
            messages.success(request, _("The test is ready. Send its address to the people who are to vote."))
            return redirect("evaluation:preference-results", test.pk)
    context = {"form": form, "error": error, "most": services.MOST_CANDIDATES, "fewest_faces": services.FEWEST_FACES}
    context |= {"most_faces": services.MOST_FACES, "most_questions": services.MOST_QUESTIONS}
    return render(request, "evaluation/preference_new.html", context, status=400 if error else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def preference_vote(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    """The next question; a POST begins, answers one or takes the last answer back, and comes back here.

    Who only looks, a crawler say, gets no question: questions are rows, and their voters are counted.
    """
    test = _seen(request, test_id)
    if request.method == "POST":
        voter = voter_of(request, test)
        try:
            if request.POST.get("begin"):
                ballots.ballot_next(test=test, voter=voter)
            elif request.POST.get("undo"):
                ballots.ballot_undo(test=test, voter=voter)
            else:
                token, side = request.POST.get("question", ""), request.POST.get("choice", "")
                ballots.ballot_answer(test=test, voter=voter, token=token, side=side)
        except InputError as refused:
            messages.error(request, str(refused))
        return redirect("evaluation:preference-vote", test.pk)
    voter = voter_known(request, test)
    context = {
        "test": test,
        "progress": selectors.voter_progress(test, voter),
        "results_shown": selectors.preference_results_shown(test=test, user=request.user),
        "begin": test.closed is None and not selectors.voter_has_begun(test, voter),
    }
    if not context["begin"]:
        try:
            context["ballot"] = ballots.ballot_next(test=test, voter=voter)
        except InputError as refused:
            context["error"] = str(refused)
    return render(request, "evaluation/preference_vote.html", context)


@cache_control(private=True, max_age=3600)
@require_safe
def preference_picture(request: HttpRequest, test_id: uuid.UUID, token: str, which: str) -> FileResponse:
    """A picture of a question. Its address holds the question's token, and nothing of who drew it."""
    path = selectors.ballot_picture(user=request.user, test_id=test_id, token=token, which=which)
    try:
        if path is None:
            raise FileNotFoundError
        answer = FileResponse(path.open("rb"), content_type="image/png")
    except OSError:
        raise Http404 from None
    # Without this the header would hold the name of the copy, which numbers the candidates.
    answer["Content-Disposition"] = f'inline; filename="{which}.png"'
    return answer


@never_cache
@require_GET
def preference_results(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    """Scores, wins and agreement: for the owner at any time, for others when the test is closed."""
    test = _seen(request, test_id)
    if not selectors.preference_results_shown(test=test, user=request.user):
        return render(request, "evaluation/preference_waiting.html", {"test": test}, status=403)
    context = {
        "test": test,
        "shown": preference_tables.shown(test),
        "may_manage": selectors.preference_managed_by(test=test, user=request.user),
        "address": request.build_absolute_uri(reverse("evaluation:preference-vote", args=[test.pk])),
    }
    return render(request, "evaluation/preference_results.html", context)


@never_cache
@require_GET
def preference_download(request: HttpRequest, test_id: uuid.UUID, name: str) -> HttpResponse:
    test = _seen(request, test_id)
    if name not in DOWNLOADS:
        raise Http404
    if not selectors.preference_results_shown(test=test, user=request.user):
        raise PermissionDenied
    answer = HttpResponse(DOWNLOADS[name](test), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="preference-{name}.csv"'
    return answer


@require_POST
@login_required
def preference_change(request: HttpRequest, test_id: uuid.UUID) -> HttpResponse:
    """Close it, open it again, or delete it."""
    test = _seen(request, test_id)
    if not selectors.preference_managed_by(test=test, user=request.user):
        raise PermissionDenied
    action = request.POST.get("action", "")
    if action == "delete":
        services.preference_delete(test=test)
        messages.success(request, _("The test and its votes are deleted."))
        return redirect("evaluation:preference-list")
    if action in ("close", "open"):
        services.preference_close(test=test, closed=action == "close")
    return redirect("evaluation:preference-results", test.pk)


def _seen(request: HttpRequest, test_id: uuid.UUID) -> PreferenceTest:
    test = selectors.preference_get(user=request.user, test_id=test_id)
    if test is None:
        raise Http404
    return test
