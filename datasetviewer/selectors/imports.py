"""Reading imports: which there were, and what became of each file."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from ..models import DatasetImport, FileVerdict, ImportedFile
from .datasets import dataset_may_publish, dataset_visible_to


def imports_visible_to(user: Any) -> QuerySet[DatasetImport]:
    """Imports of the datasets a signed-in person may see, newest first. Visitors see none: file names are not theirs."""
    runs = DatasetImport.objects.select_related("dataset", "job", "dataset__owner").order_by("-created", "-pk")
    if user is None or not user.is_authenticated:
        return runs.none()
    return runs.filter(dataset__in=dataset_visible_to(user))


def import_managed_by(run: DatasetImport, user: Any) -> bool:
    """Whether this person may cancel the import: who sent it in, the dataset's owner, and staff."""
    mine = run.job is not None and run.job.owner_id is not None and run.job.owner_id == user.pk
    return bool(user.is_authenticated and (mine or dataset_may_publish(user, run.dataset)))


def import_place(run: DatasetImport, user: Any) -> str:
    """Where it was imported from: the archive's name; a place on the server only for who may manage the import."""
    return run.archive or (run.path if import_managed_by(run, user) else "")


def verdict_counts(run: DatasetImport) -> dict[str, int]:
    """Verdict -> number of files, in the order of FileVerdict; those that occur."""
    found = dict(ImportedFile.objects.filter(run=run).order_by().values_list("verdict").annotate(n=Count("*")))
    return {verdict: found[verdict] for verdict in FileVerdict.values if verdict in found}


def imported_files(
    run: DatasetImport, *, verdict: str = "", remarked: bool = False, q: str = ""
) -> QuerySet[ImportedFile]:
    """The files of an import by path. `remarked`: only those something is to be said about."""
    files = ImportedFile.objects.filter(run=run).order_by("path")
    if verdict:
        files = files.filter(verdict=verdict)
    if remarked:
        files = files.exclude(reason="")
    if q:
        files = files.filter(path__icontains=q)
    return files
