"""Imports that run as jobs: a folder on the server, an archive that was sent in, and the demo at the first start."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.models import Job
from workers.queue import enqueue, request_cancel

from ..layouts import LAYOUTS
from ..models import Dataset, DatasetImport
from .datasets import dataset_prepare
from .uploads import IncomingArchive, archive_name

DEMO_SLUG = "demo"
DEMO_LAYOUT = "demo"
# Layouts that a person can send a folder for; the demo is drawn, not brought.
SUBMITTED_LAYOUTS = tuple(name for name in LAYOUTS if name != DEMO_LAYOUT)


def import_folder(path: str) -> Path:
    """The folder meant by a path that was sent in: below DATASETS_ROOT, links followed. InputError otherwise.

    What lies elsewhere is never said to exist or not, or a visitor could look around on the server.
    """
    root = Path(settings.DATASETS_ROOT).resolve()
    try:
        folder = (root / path.strip()).resolve()
    except (OSError, ValueError, RuntimeError):
        folder = root.parent
    if not path.strip() or not folder.is_relative_to(root) or not folder.is_dir():
        raise InputError(
            _(
                "There is no folder %(path)s in %(root)s. "
                "Put the dataset there, or use manage.py import_dataset on the server."
            )
            % {"path": repr(path), "root": str(root)}
        )
    return folder


def _layout_check(layout: str) -> None:
    if layout not in SUBMITTED_LAYOUTS:
        known = ", ".join(SUBMITTED_LAYOUTS)
        raise InputError(
            _("There is no layout %(name)s. Known layouts: %(known)s.") % {"name": repr(layout), "known": known}
        )


def _dataset_for(layout: str, slug: str, owner: Any) -> Dataset:
    """The dataset of that name, made when it is not there; InputError when it is somebody else's."""
    dataset, created = dataset_prepare(layout=layout, slug=slug, owner=owner)
    if not (created or owner.is_staff or dataset.owner_id == owner.pk):
        raise InputError(
            _("The dataset %(slug)s belongs to somebody else. Choose another short name.") % {"slug": dataset.slug}
        )
    return dataset


@transaction.atomic
def dataset_import_submit(*, layout: str, path: str, slug: str = "", owner: Any) -> tuple[DatasetImport, bool]:
    """Queue the import of a folder below DATASETS_ROOT; (import, whether it is new). A live one is returned instead."""
    _layout_check(layout)
    folder = import_folder(path)
    dataset = _dataset_for(layout, slug, owner)
    return _submit(
        dataset=dataset,
        path=str(folder),
        handler="datasetviewer.jobs.import_dataset",
        title=_("Import %(name)s") % {"name": dataset.name},
        owner=owner,
        public=False,
    )


def archive_submit(*, layout: str, archive: IncomingArchive, slug: str = "", owner: Any) -> DatasetImport:
    """Queue the import of a zip that was sent in. Whether it is one is seen at once; the rest when it is unpacked."""
    _layout_check(layout)
    if not zipfile.is_zipfile(archive.path):
        raise InputError(
            _("%(name)s is no zip archive. Pack the dataset's folder as .zip and send that.")
            % {"name": repr(archive_name(archive.name))}
        )
    with transaction.atomic():
        dataset = _dataset_for(layout, slug, owner)
        submitted, _created = _submit(
            dataset=dataset,
            path=str(archive.keep()),
            archive=archive_name(archive.name),
            handler="datasetviewer.jobs.import_archive",
            title=_("Import %(name)s") % {"name": dataset.name},
            owner=owner,
            public=False,
        )
    return submitted


@transaction.atomic
def demo_enqueue() -> Job | None:
    """Queue drawing and importing the demo dataset; None when it is complete already. A live job for it is returned."""
    complete = DatasetImport.objects.filter(dataset__slug=DEMO_SLUG, layout=DEMO_LAYOUT).exclude(report={})
    if complete.exists():
        return None
    dataset, _created = dataset_prepare(
        layout=DEMO_LAYOUT,
        slug=DEMO_SLUG,
        description=_("Portraits, pencil sketches and caricatures drawn by a program, to try everything with."),
        public=True,
        drawn=True,
    )
    submitted, _new = _submit(
        dataset=dataset,
        path=str(Path(settings.DATA_DIR) / "demo"),
        handler="datasetviewer.jobs.import_demo",
        title=_("Draw the demo dataset"),
        owner=None,
        public=True,
    )
    return submitted.job


def _submit(
    *, dataset: Any, path: str, handler: str, title: str, owner: Any, public: bool, archive: str = ""
) -> tuple[DatasetImport, bool]:
    """The job and its row, together; a live job for the same dataset and folder is taken instead of a new one."""
    job, created = enqueue(
        kind="import",
        handler=handler,
        queue="batch",
        arguments={"dataset": dataset.pk},
        owner=owner,
        title=title,
        link=reverse("datasetviewer:dataset-detail", args=[dataset.slug]),
        public=public,
        dedupe_key=f"import:{dataset.slug}:{path}"[:200],
        time_limit=4 * 3600,
    )
    if not created:
        return DatasetImport.objects.get(job=job), False
    run = DatasetImport.objects.create(dataset=dataset, job=job, path=path, archive=archive, layout=dataset.layout)
    if not public:
        job.link = reverse("datasetviewer:dataset-import-detail", args=[dataset.slug, run.pk])
        job.save(update_fields=["link"])
    return run, True


def import_cancel(*, run: DatasetImport) -> str:
    """Ask an import to stop; what was stored stays. Returns the job's state."""
    if run.job is None:
        raise InputError(_("This import was run from the command line; stop it there."))
    return request_cancel(run.job)
