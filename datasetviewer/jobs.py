"""What workers do for this app: importing a folder, and drawing and importing the demo."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from workers.context import JobContext

from .models import DatasetImport
from .services import ImportReport, pictures_import


def import_dataset(context: JobContext) -> None:
    """Import the folder of the job's DatasetImport row; only files below DATASETS_ROOT, whatever links say."""
    row = _row(context)
    root = Path(settings.DATASETS_ROOT).resolve()
    _finish(context, row, _import(context, row, start=0.0, confine_to=root))


def import_demo(context: JobContext) -> None:
    """Draw the demo, the first half of the way, and import it, the second. Repeating it changes nothing."""
    from .drawing import draw_demo

    row = _row(context)

    def drawn(done: int, total: int, _name: str) -> None:
        context.report(0.5 * done / total, f"drawing {done} of {total}")

    draw_demo(Path(row.path), report=drawn)
    _finish(context, row, _import(context, row, start=0.5, confine_to=None))


def _row(context: JobContext) -> DatasetImport:
    return DatasetImport.objects.select_related("dataset").get(job_id=context.job_id)


def _import(context: JobContext, row: DatasetImport, *, start: float, confine_to: Path | None) -> ImportReport:
    def imported(done: int, total: int, text: str) -> None:
        context.report(start + (1 - start) * done / max(total, 1), f"importing {done} of {total}: {text}")

    return pictures_import(dataset=row.dataset, path=Path(row.path), confine_to=confine_to, report=imported)


def _finish(context: JobContext, row: DatasetImport, result: ImportReport) -> None:
    with context.finish(result.headline()):
        DatasetImport.objects.filter(pk=row.pk).update(report=result.as_dict())
