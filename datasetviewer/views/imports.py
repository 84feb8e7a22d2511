"""Pages of imports: sending a folder or an archive in, watching it, and what became of each file."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from workers.engine.errors import InputError

from .. import selectors, services
from ..forms import ArchiveForm, ImportForm
from ..models import DatasetImport, FileVerdict
from ..services.uploads import max_bytes
from .visible import dataset_or_404

FILES_PAGE = 100
IMPORTS_PAGE = 30


def _page(request: HttpRequest, folder: ImportForm, archive: ArchiveForm, status: int = 200) -> HttpResponse:
    context = {
        "form": folder,
        "archive_form": archive,
        "folders": selectors.incoming_folders(),
        "limit_gib": max_bytes() / 1024**3,
    }
    return render(request, "datasetviewer/dataset_import.html", context, status=status)


@login_required
def dataset_import(request: HttpRequest) -> HttpResponse:
    """Import a folder that lies on the server, below DATASETS_ROOT, as a job."""
    form = ImportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            submitted, created = services.dataset_import_submit(
                layout=form.cleaned_data["layout"],
                path=form.cleaned_data["path"],
                slug=form.cleaned_data["slug"],
                owner=request.user,
            )
        except InputError as error:
            form.add_error(None, str(error))
        else:
            return _queued(request, submitted, created)
    return _page(request, form, ArchiveForm(), status=400 if request.method == "POST" else 200)


def _queued(request: HttpRequest, submitted: DatasetImport, created: bool) -> HttpResponse:
    text = _("The import was queued.") if created else _("This import is already queued or running.")
    messages.success(request, text)
    return redirect("datasetviewer:dataset-import-detail", submitted.dataset.slug, submitted.pk)


@csrf_exempt
@require_POST
@login_required
def dataset_import_upload(request: HttpRequest) -> HttpResponse:
    """Import an archive that is sent in. The handlers must be set before the body is read, which the check of the
    form's token does; so that check comes inside."""
    try:
        services.upload_check(request)
    except InputError as error:
        form = ArchiveForm({})
        form.full_clean()
        form.errors.clear()
        form.add_error(None, str(error))
        return _page(request, ImportForm(), form, status=413)
    services.ArchiveUpload.install(request)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    try:
        form = ArchiveForm(request.POST, request.FILES)
    except MultiPartParserError:
        form = ArchiveForm({})
    sent = request.FILES.get("archive")
    try:
        if services.was_too_large(request):
            form.full_clean()
            form.add_error(None, services.too_large_text())
            return _page(request, ImportForm(), form, status=413)
        if form.is_valid() and isinstance(sent, services.IncomingArchive):
            try:
                submitted = services.archive_submit(
                    layout=form.cleaned_data["layout"],
                    archive=sent,
                    slug=form.cleaned_data["slug"],
                    owner=request.user,
                )
            except InputError as error:
                form.add_error(None, str(error))
            else:
                return _queued(request, submitted, True)
        return _page(request, ImportForm(), form, status=400)
    finally:
        for _name, files in request.FILES.lists():
            for file in files:
                file.close()


def _run(request: HttpRequest, slug: str, import_id: int) -> DatasetImport:
    dataset_or_404(request, slug)
    return get_object_or_404(selectors.imports_visible_to(request.user), dataset__slug=slug, pk=import_id)


@require_safe
@login_required
def import_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All imports of a dataset, newest first."""
    dataset = dataset_or_404(request, slug)
    runs = selectors.imports_visible_to(request.user).filter(dataset=dataset)
    page = Paginator(runs, IMPORTS_PAGE).get_page(request.GET.get("page", 1))
    for run in page.object_list:
        run.place = selectors.import_place(run, request.user)  # type: ignore[attr-defined]
    return render(request, "datasetviewer/import_list.html", {"dataset": dataset, "page": page})


@require_safe
@login_required
def import_detail(request: HttpRequest, slug: str, import_id: int) -> HttpResponse:
    """How one import is doing, what came in, and the verdict on each file."""
    run = _run(request, slug, import_id)
    counts = selectors.verdict_counts(run)
    verdict = request.GET.get("verdict", "")
    if verdict not in FileVerdict.values:
        verdict = ""
    remarked = request.GET.get("remarked") == "1"
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    files = selectors.imported_files(run, verdict=verdict, remarked=remarked, q=q)
    page = Paginator(files, FILES_PAGE).get_page(request.GET.get("page", 1))
    differences = [
        {"name": name, "official": run.report["official"][name], "here": run.report["official"][name] + difference,
         "difference": difference}
        for name, difference in run.report.get("differences", {}).items()
    ]  # fmt: skip
    context = {
        "dataset": run.dataset,
        "run": run,
        "job": run.job,
        "place": selectors.import_place(run, request.user),
        "counts": [(name, FileVerdict(name).label, n) for name, n in counts.items()],
        "total": sum(counts.values()),
        "verdict": verdict,
        "remarked": remarked,
        "q": q,
        "page": page,
        "differences": differences,
        "complete": bool(run.report.get("official")) and not differences,
        "may_cancel": run.job is not None and run.job.is_live and selectors.import_managed_by(run, request.user),
    }
    return render(request, "datasetviewer/import_detail.html", context)


@require_POST
@login_required
def import_cancel(request: HttpRequest, slug: str, import_id: int) -> HttpResponse:
    run = _run(request, slug, import_id)
    if not selectors.import_managed_by(run, request.user):
        raise PermissionDenied
    try:
        services.import_cancel(run=run)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The import is being cancelled; what was stored stays."))
    return redirect("datasetviewer:dataset-import-detail", slug, import_id)
