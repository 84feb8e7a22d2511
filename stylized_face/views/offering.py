"""The list of models, their cards and samples, and offering a checkpoint to visitors."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from evaluation.selectors import checkpoint_get, training_managed_by
from evaluation.services import checkpoint_update
from workers.engine.catalogue import SHIPPED
from workers.engine.shipped.shelf import meta_on_shelf

from ..cards import card_html
from ..model_list import checkpoints_listed, checkpoints_not_offered, models_listed
from ..offered import model_of
from ..samples import samples_folder
from ..services import sample_request

PAGE_SIZE = 12
SAMPLE_NAME = re.compile(r"[0-9a-f]{24}|source-(photo|sketch)-\d{1,6}-\d{1,6}")


@never_cache
@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Everything that can draw; for signed-in users also what is not offered to visitors."""
    page = Paginator(checkpoints_not_offered(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    listed = models_listed(request.user)
    others = checkpoints_listed(page.object_list, request.user)
    changed = request.GET.get("changed", "")
    context = {
        "built_in": [one for one in listed if one.model.checkpoint is None],
        "offered": [one for one in listed if one.model.checkpoint is not None and one.offered],
        "others": others,
        "page": page,
        "changed": next(
            (
                one
                for one in [*listed, *others]
                if one.may_manage and changed and one.model.checkpoint and one.model.checkpoint.id == changed
            ),
            None,
        ),
    }
    return render(request, "stylized_face/models.html", context)


@require_safe
def model_card(request: HttpRequest, name: str) -> HttpResponse:
    """The card of a model that ships."""
    shipped = SHIPPED.get(name)
    if shipped is None or meta_on_shelf(shipped) is None or not shipped.card.is_file():
        raise Http404(_("There is no such model card."))
    card = card_html(shipped.card.read_text(encoding="utf-8"))
    return render(request, "stylized_face/model_card.html", {"title": _(shipped.title), "card": card})


@require_safe
@cache_control(max_age=86_400)
def model_sample(request: HttpRequest, name: str) -> FileResponse:
    """A drawing of the drawn face, or that face. Nobody's picture, so it is for everybody."""
    if not SAMPLE_NAME.fullmatch(name):
        raise Http404
    try:
        stream = (samples_folder() / f"{name}.png").open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(stream, content_type="image/png")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def model_offer(request: HttpRequest, checkpoint_id: str) -> HttpResponse:
    """Offer a checkpoint to visitors or take it back. The page it leads to can undo it."""
    checkpoint = checkpoint_get(user=request.user, checkpoint_id=checkpoint_id)
    if checkpoint is None:
        raise Http404
    if not training_managed_by(run=checkpoint.run, user=request.user):
        raise PermissionDenied
    published = {"on": True, "off": False}.get(request.POST.get("published", ""))
    if published is None:
        messages.error(request, _("Say whether the model is to be offered: published is on or off."))
        return redirect("stylized_face:model-list")
    checkpoint_update(checkpoint=checkpoint, published=published)
    if published:
        sample_request(model_of(checkpoint))
    return redirect(f"{reverse('stylized_face:model-list')}?changed={checkpoint.id}")
