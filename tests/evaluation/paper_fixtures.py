"""Result pictures for the eight pairs of the tests' dataset, tables of them, and a command's exit code."""

import io
import zipfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image as Picture

from evaluation.selectors.paper_tables import table_shown
from evaluation.services import paper_tables as services
from evaluation.services.published import Provenance, Selection, SentFile, published_create
from tests.engine.drawing import blobs
from tests.evaluation.conftest import EXTRACTOR

COLUMNS = ["psnr", "ssim", f"fid:{EXTRACTOR}"]


def stems(pairs):
    """The names of the sketches without ending, by the key of their pairs."""
    return {key: Path(sketch.key).stem for key, (sketch, _photo) in pairs.items()}


def written(folder, names, *, size=(40, 50), start=900):
    """Result pictures of these names in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Picture.fromarray(blobs(start + number, size=size)).save(path)
        files.append(SentFile(name, path))
    return files


def a_zip(names, *, size=(40, 50), start=900, name="method.zip", more=None):
    """The same as a zip that is uploaded."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, each in enumerate(names):
            content = io.BytesIO()
            Picture.fromarray(blobs(start + number, size=size)).save(content, format="PNG")
            archive.writestr(each, content.getvalue())
        for each, content in (more or {}).items():
            archive.writestr(each, content)
    return SimpleUploadedFile(name, stream.getvalue())


def call(*arguments):
    """Exit code of a command."""
    try:
        call_command(*arguments)
    except SystemExit as ended:
        return ended.code
    return 0


def published_of_eight(dataset, pairs, folder):
    """Somebody's results for the eight pairs."""
    files = written(folder, [f"{stem}.png" for stem in stems(pairs).values()])
    said = Provenance("R&D_net 100%", citation="A. Author, 2020", url="https://example.org/r.zip")
    return published_create(owner=None, files=files, selection=Selection(dataset, "test", "sketch"), provenance=said)[0]


def table_maker(user):
    """make(...): a table of faces:test:sketch, not measured yet."""

    def create(*candidates, columns=COLUMNS, owner=user, name="Table 2"):
        return services.table_create(
            user=owner,
            name=name,
            reference="faces:test:sketch",
            candidates=list(candidates or ["photo"]),
            columns=columns,
        )

    return create


def filled(make, run_jobs, user, *candidates, **more):
    table = make(*candidates, **more)
    services.table_measure(user=user, table=table)
    run_jobs()
    return table, table_shown(table, user)


def cell(shown, row, column):
    """Cell of the row's place and the column's name."""
    return next(one for one in shown.rows[row].cells if str(one.column) == column)
