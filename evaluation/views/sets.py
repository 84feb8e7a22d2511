"""Pages around the sets of an evaluation: sending pictures in, and measuring again by another protocol."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import TooManyFilesSent
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from datasetviewer.services import IncomingArchive
from evaluation import selectors, services
from evaluation.forms.set_choice import UPLOAD, choice_of
from evaluation.forms.submission import SIDES, address_for
from evaluation.models import UploadedSet, warning_text
from workers.engine.errors import InputError

PUBLISHED = "published"
UPLOADS_PAGE = 25
PROTOCOLS_PAGE = 20


@never_cache
@require_GET
@login_required
def upload_list(request: HttpRequest) -> HttpResponse:
    """The sets this person sent in, with what was left out of each, and the form to send another."""
    return _upload_page(request)


def _upload_page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    page = Paginator(UploadedSet.objects.filter(owner=request.user.pk), UPLOADS_PAGE).get_page(request.GET.get("page"))
    for uploaded in page.object_list:
        uploaded.cautions = [warning_text(entry) for entry in uploaded.warnings]  # type: ignore[attr-defined]
    context = {
        "page": page,
        "error": error,
        "limits": services.upload_limits(),
        "state": request.POST.get("state", "") if status != 413 and request.method == "POST" else "",
        "sides": [*SIDES.items(), (PUBLISHED, _("Published results of a method"))],
        "side": request.GET.get("use", "candidate"),
    }
    return render(request, "evaluation/upload_list.html", context, status=status)


@csrf_exempt
@require_POST
@login_required
def upload_new(request: HttpRequest) -> HttpResponse:
    """Take a set in. The handlers must be set before the body is read, which the check of the form's token does; so
    that check comes inside."""
    try:
        services.incoming_check(request)
    except InputError as error:
        return _upload_page(request, str(error), status=413)
    services.PicturesUpload.install(request)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    try:
        data, files = request.POST, request.FILES
    except TooManyFilesSent:
        return _upload_page(request, services.incoming_too_many_text(), status=413)
    except MultiPartParserError:
        return _upload_page(request, _("The upload did not come in whole; send it again."), status=400)
    sent = [file for _name, some in files.lists() for file in some]
    try:
        if services.incoming_too_large(request):
            return _upload_page(request, services.incoming_too_large_text(), status=413)
        taken = [file for file in sent if isinstance(file, IncomingArchive)]
        uploaded, created = services.upload_create(owner=request.user, sent=taken, name=data.get("name", ""))
    except InputError as error:
        return _upload_page(request, str(error), status=400)
    finally:
        for file in sent:
            file.close()
    text = _("%(name)s: %(n)s pictures are kept.") if created else _("You sent these %(n)s pictures before: %(name)s.")
    messages.success(request, text % {"name": uploaded.name, "n": uploaded.n})
    if uploaded.refused:
        left_out = _("%(n)s files were left out; the list of your uploads says why.")
        messages.warning(request, left_out % {"n": len(uploaded.refused)})
    side = data.get("side", "")
    if side == PUBLISHED:
        return redirect(f"{reverse('evaluation:published-new')}?{urlencode({'upload': uploaded.id})}")
    if side not in SIDES:
        return redirect("evaluation:upload-list")
    return redirect(_chosen_in(data.get("state", ""), side, uploaded))


def _chosen_in(state: str, side: str, uploaded: UploadedSet) -> str:
    """The form as it was (`state` is its query), with the uploaded set chosen for one side."""
    query = QueryDict(state[:4000].lstrip("?"), mutable=True)
    query[f"{side}_kind"], query[f"{side}_upload"] = UPLOAD, str(uploaded.id)
    return f"{reverse('evaluation:evaluation-new')}?{query.urlencode()}"


@require_POST
@login_required
def upload_delete(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    uploaded = get_object_or_404(UploadedSet, owner=request.user, pk=upload_id)
    try:
        services.upload_delete(uploaded=uploaded)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The set is deleted; numbers measured on it stay."))
    return redirect("evaluation:upload-list")


@never_cache
@require_GET
def result_recompute(request: HttpRequest, result_id: int) -> HttpResponse:
    """Two ways on from a number: another candidate by its protocol, or its candidate by another protocol."""
    result = selectors.results_visible_to(request.user).filter(pk=result_id).first()
    if result is None:
        raise Http404
    evaluation = result.evaluation
    reference, candidate = choice_of("reference", evaluation.reference), choice_of("candidate", evaluation.candidate)
    visible = selectors.results_visible_to(request.user)
    others = selectors.protocols_of(visible.exclude(protocol=result.protocol))
    if request.GET.get("same") == "1":
        others = others.filter(metric=result.metric, extractor=result.extractor)
    page = Paginator(others, PROTOCOLS_PAGE).get_page(request.GET.get("page"))
    groups = selectors.protocol_groups(visible, list(page.object_list), "-created", each=1)
    context = {
        "result": result,
        "page": page,
        "same_url": address_for([reference], result.extractor, [result.metric], result.protocol),
        "others": [
            {
                "result": group.first,
                "count": group.count,
                "meets": group.first.n_candidate == result.n_candidate,
                "url": address_for(
                    [choice_of("reference", group.first.evaluation.reference), candidate],
                    group.first.extractor,
                    [group.first.metric],
                    group.protocol,
                ),
            }
            for group in groups
        ],
    }
    return render(request, "evaluation/result_recompute.html", context)
