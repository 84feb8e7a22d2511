"""`manage.py export_samples`: the faces that checkpoints drew, on one sheet."""

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from datasetviewer.models import Dataset
from tests.evaluation.study_rows import make_checkpoints, make_run


@pytest.fixture
def dataset(db):
    return Dataset.objects.create(slug="faces", name="Faces", layout="folders")


def with_samples(run, epochs, count=3):
    """Checkpoints whose faces have the grey value of their epoch."""
    made = make_checkpoints(run, epochs, files=True)
    for checkpoint in made:
        (checkpoint.folder / "samples").mkdir()
        for place in range(count):
            Image.new("RGB", (40, 50), (checkpoint.epoch,) * 3).save(checkpoint.folder / "samples" / f"{place:02}.png")
    return made


def export(capsys, *arguments):
    try:
        call_command("export_samples", *map(str, arguments))
        status = 0
    except SystemExit as ended:
        status = ended.code
    return status, capsys.readouterr()


def greys_down(file):
    """The grey of the right end of every row of a sheet."""
    sheet = np.asarray(Image.open(file).convert("L"))
    column = sheet[:, -12]
    return [int(column[place]) for place in range(6 + 25, len(column), 56)], sheet.shape


def test_one_run_is_shown_from_its_first_checkpoint_to_its_last(dataset, user, tmp_path, capsys):
    run = make_run(dataset, user, name="U-Net")
    with_samples(run, range(10, 130, 10))
    status, said = export(capsys, run.pk, "-o", tmp_path / "sheet.png", "--rows", 4, "--faces", 2, "--height", 50)
    assert status == 0, said.err
    greys, shape = greys_down(tmp_path / "sheet.png")
    assert greys == [10, 50, 80, 120] and shape[0] == 4 * 56 + 6
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["sheet.png"]


def test_of_several_runs_the_last_checkpoint_is_shown_each_under_its_name(dataset, user, tmp_path, capsys):
    runs = [make_run(dataset, user, name=name, seed=seed) for seed, name in enumerate(("one", "two", "none"))]
    with_samples(runs[0], (30, 60))
    with_samples(runs[1], (90,))
    status, said = export(capsys, *(run.pk for run in runs), "-o", tmp_path / "sheet.png", "--height", 50)
    assert status == 0, said.err
    assert greys_down(tmp_path / "sheet.png")[0] == [60, 90]
    assert "2 rows" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nonsense", "-o", "sheet.png"), "There is no training 'nonsense'"),
        (("00000000-0000-0000-0000-000000000000", "-o", "sheet.png"), "There is no training"),
        (("nonsense", "-o", "missing/sheet.png"), "There is no folder"),
        (("nonsense", "-o", "sheet.png", "--rows", "0"), "at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_nothing_written(db, tmp_path, capsys, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    status, said = export(capsys, *arguments)
    assert status == 2 and told in said.err and not list(tmp_path.iterdir())


def test_a_run_without_faces_is_refused(dataset, user, tmp_path, capsys):
    run = make_run(dataset, user)
    make_checkpoints(run, (10,))
    status, said = export(capsys, run.pk, "-o", tmp_path / "sheet.png")
    assert status == 2 and "sample faces" in said.err
