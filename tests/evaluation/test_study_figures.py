"""`manage.py export_figures`: the drawings of the pages as files."""

import shutil
from xml.dom import minidom

import pytest
from django.core.management import call_command

from datasetviewer.models import Dataset
from evaluation import study_figures
from tests.evaluation.study_rows import add_values, make_checkpoints, make_run


@pytest.fixture
def run(db, user):
    dataset = Dataset.objects.create(slug="faces", name="Faces", layout="folders")
    run = make_run(dataset, user, name='</script><b>"plain"')
    add_values(make_checkpoints(run, range(10, 130, 10)), [100.0 - place for place in range(12)], half=3.0, floor=12.5)
    return run


def export(capsys, *arguments):
    try:
        call_command("export_figures", *arguments)
        status = 0
    except SystemExit as ended:
        status = ended.code
    return status, capsys.readouterr()


@pytest.mark.browser
def test_a_curve_becomes_pictures_and_a_table(run, tmp_path, capsys):
    if not any(shutil.which(name) for name in study_figures.BROWSERS):
        pytest.skip("no Chromium here")
    status, said = export(capsys, "curve", "-o", str(tmp_path), "--name", "fid", "--query", f"run={run.pk}")
    assert status == 0, said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fid.csv", "fid.png", "fid.svg"]
    drawing = minidom.parse(str(tmp_path / "fid.svg")).documentElement
    words = [text.firstChild.data for text in drawing.getElementsByTagName("text") if text.firstChild]
    assert run.name in words
    assert "epoch" in words
    assert (tmp_path / "fid.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "fid.csv").read_text().splitlines()) == 13


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("curve", "--query", "run=x"), "no number of a training run"),
        (("scatter", "--query", "x=beauty"), "Known"),
        (("curve", "--query", "measure=kid:inception.mixed6e"), "nothing to draw"),
        (("curve", "-o", "/nowhere/at/all"), "no folder"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(run, capsys, arguments, said):
    status, answer = export(capsys, *arguments)
    assert status == 2
    assert said in answer.err


def test_without_a_browser_it_says_what_to_install(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study_figures.shutil, "which", lambda name: None)
    status, answer = export(capsys, "curve", "-o", str(tmp_path))
    assert status == 2
    assert "Chromium" in answer.err
    assert list(tmp_path.iterdir()) == []
