"""What workers do for this app: importing a folder, and drawing and importing the demo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from workers.context import JobContext
from workers.engine.errors import InputError

from .layouts import Problem, layout_root, load_layout
from .models import Dataset, DatasetImport
from .services import ImportReport, duplicates_found, duplicates_write, pictures_hash, pictures_import
from .services.archives import archive_unpack, remove_folder
from .services.uploads import archive_forget


def import_dataset(context: JobContext) -> None:
    """Import the folder of the job's DatasetImport row; only files below DATASETS_ROOT, whatever links say."""
    row = _row(context)
    root = Path(settings.DATASETS_ROOT).resolve()
    _finish(context, row, _import(context, row, Path(row.path), start=0.0, confine_to=root))


def import_archive(context: JobContext) -> None:
    """Unpack the archive of the job's row, the first fifth of the way, and import what was in it.

    What is unpacked lies beside the archive and goes when the attempt ends, however it ends; one that was killed left it
    behind, so it is removed first. The archive itself stays for another try when the import was stopped.
    """
    row = _row(context)
    archive = Path(row.path)
    folder = archive.with_suffix("")
    if not archive.is_file():
        raise InputError(_("The archive is not on the server any more; send it again."))

    def unpacked(done: float, name: str) -> None:
        context.report(0.2 * done, _("unpacking %(name)s") % {"name": name})

    remove_folder(folder)
    try:
        try:
            problems = archive_unpack(archive, folder, report=unpacked)
            root = layout_root(folder, load_layout(row.layout))
            prefix = root.relative_to(folder).as_posix()
            problems = [replace(entry, path=entry.path.removeprefix(f"{prefix}/")) for entry in problems]
            result = _import(context, row, root, start=0.2, confine_to=folder.resolve(), remarks=problems)
        except InputError as error:
            archive_forget(row)
            # The folder's place on the server is nobody's business.
            raise InputError(str(error).replace(str(folder), _("the archive"))) from error
        _finish(context, row, result)
    finally:
        remove_folder(folder)
    archive_forget(row)


def import_demo(context: JobContext) -> None:
    """Draw the demo, the first half of the way, and import it, the second. Repeating it changes nothing."""
    from .drawing import draw_demo

    row = _row(context)

    def drawn(done: int, total: int, _name: str) -> None:
        context.report(0.5 * done / total, f"drawing {done} of {total}")

    draw_demo(Path(row.path), report=drawn)
    _finish(context, row, _import(context, row, Path(row.path), start=0.5, confine_to=None))


def find_duplicates(context: JobContext) -> None:
    """Hash what is not hashed yet, the first 0.7 of the way, and compare every picture with every other."""
    dataset = Dataset.objects.get(pk=context.arguments["dataset"])

    def hashed(done: int, total: int) -> None:
        context.report(
            0.7 * done / total, _("looking at %(done)s of %(total)s pictures") % {"done": done, "total": total}
        )

    def compared(done: int, total: int) -> None:
        context.report(0.7 + 0.3 * done / total, _("comparing %(done)s of %(total)s") % {"done": done, "total": total})

    unread = pictures_hash(dataset, hashed)
    n, found = duplicates_found(dataset, compared)
    text = _("%(n)s pictures compared, %(found)s pairs look alike.") % {"n": n, "found": len(found)}
    if unread:
        text += " " + _("%(n)s thumbnails are missing; import the dataset again to restore them.") % {"n": unread}
    with context.finish(text):
        duplicates_write(dataset=dataset, compared=n, found=found)


def _row(context: JobContext) -> DatasetImport:
    return DatasetImport.objects.select_related("dataset").get(job_id=context.job_id)


def _import(
    context: JobContext,
    row: DatasetImport,
    path: Path,
    *,
    start: float,
    confine_to: Path | None,
    remarks: Iterable[Problem] = (),
) -> ImportReport:
    def imported(done: int, total: int, text: str) -> None:
        step = _("importing %(done)s of %(total)s: %(name)s") % {"done": done, "total": total, "name": text}
        context.report(start + (1 - start) * done / max(total, 1), step)

    return pictures_import(
        run=row, path=path, confine_to=confine_to, remarks=remarks, report=imported, check=context.check
    )


def _finish(context: JobContext, row: DatasetImport, result: ImportReport) -> None:
    with context.finish(result.headline()):
        DatasetImport.objects.filter(pk=row.pk).update(report=result.counts())
