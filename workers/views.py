"""Pages of jobs and workers."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from workers import selectors
from workers.filters import JobFilter
from workers.models import FINAL_STATES, Job, JobState, WorkerState
from workers.queue import request_cancel, retry
from workers.version import code_version

PAGE_SIZES = (25, 50, 100)
STOP_POLLING = 286  # htmx swaps the answer in and polls no more


def asked_by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@never_cache
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """The list; asked by htmx, only its rows."""
    found = JobFilter(request.GET, queryset=selectors.jobs_listed_for(request.user), request=request)
    wanted = request.GET.get("page_size", "")
    size = int(wanted) if wanted in {str(number) for number in PAGE_SIZES} else PAGE_SIZES[0]
    page = Paginator(found.qs, size).get_page(request.GET.get("page"))
    jobs = list(page.object_list)
    estimator = selectors.Estimator(jobs)
    context = {
        "filter": found,
        "page": page,
        "rows": [(job, estimator.outlook(job)) for job in jobs],
        "page_size": size,
        "page_sizes": PAGE_SIZES,
        "queues": selectors.queue_summaries(),
        "kinds": selectors.kinds_known(request.user),
        "states": JobState.choices,
        "filtered": any(request.GET.get(name) for name in JobFilter.base_filters),
        "live": request.GET.get("live") != "off",
    }
    return render(request, "workers/job_rows.html" if asked_by_htmx(request) else "workers/job_list.html", context)


def visible_job(job_id: uuid.UUID) -> Job:
    job = selectors.job_get(job_id=job_id)
    if job is None:
        raise Http404
    return job


@never_cache
@require_GET
def job_detail(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job; asked by htmx, only its facts."""
    job = visible_job(job_id)
    if asked_by_htmx(request):
        return render(
            request, "workers/job_facts.html", {"job": job}, status=STOP_POLLING if job.state in FINAL_STATES else 200
        )
    context = {
        "job": job,
        "link": selectors.job_link_for(job=job, user=request.user),
        "may_manage": selectors.job_managed_by(job=job, user=request.user),
        "may_retry": job.state in {JobState.FAILED, JobState.CANCELLED},
    }
    return render(request, "workers/job_detail.html", context)


@never_cache
@require_GET
def job_live(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The card of a job that polls itself. `?reload=1` reloads the page around it once the job has ended."""
    job = visible_job(job_id)
    over = job.state in FINAL_STATES
    response = render(
        request,
        "partials/job_progress.html",
        {"job": job, "poll_url": request.get_full_path(), "compact": "compact" in request.GET},
        status=STOP_POLLING if over else 200,
    )
    if over and request.GET.get("reload") == "1":
        response["HX-Refresh"] = "true"
    return response


def managed_job(request: HttpRequest, job_id: uuid.UUID) -> Job:
    job = visible_job(job_id)
    if not selectors.job_managed_by(job=job, user=request.user):
        raise PermissionDenied(_("Only the owner of a job and staff may do this. Sign in as one of them."))
    return job


@require_POST
def job_cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = managed_job(request, job_id)
    if not job.is_live:
        messages.warning(request, _("There was nothing to cancel: the job is over."))
    elif request_cancel(job) == JobState.CANCELLED:
        messages.success(request, _("The job is cancelled."))
    else:
        messages.info(request, _("The job will stop at its next step, usually within two seconds."))
    return redirect("workers:job-detail", job_id)


@require_POST
def job_retry(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = managed_job(request, job_id)
    if retry(job):
        messages.success(request, _("The job is in the queue again."))
    else:
        text = _("It was not queued again: only a failed or cancelled job can be, while no equal one waits or runs.")
        messages.warning(request, text)
    return redirect("workers:job-detail", job_id)


@never_cache
@require_GET
def worker_list(request: HttpRequest) -> HttpResponse:
    """The list; asked by htmx, only its live part."""
    version = code_version()
    limit = timedelta(seconds=settings.LEASE_SECONDS)
    rows = [
        {
            "worker": worker,
            "silent": worker.state == WorkerState.ALIVE and timezone.now() - worker.last_seen > limit,
            "same_code": worker.code_version == version,
        }
        for worker in selectors.workers_listed()
    ]
    context = {
        "rows": rows,
        "listed": set(
            selectors.jobs_listed_for(request.user).filter(state=JobState.RUNNING).values_list("id", flat=True)
        ),
        "queues": selectors.queue_summaries(),
        "version": version,
    }
    return render(
        request, "workers/worker_rows.html" if asked_by_htmx(request) else "workers/worker_list.html", context
    )
