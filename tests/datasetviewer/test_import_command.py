import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from datasetviewer.models import Dataset, Image
from tests.datasetviewer.conftest import draw_face

pytestmark = pytest.mark.django_db


def test_it_imports_and_ends_with_a_summary(cufs_folder, capsys):
    draw_face(cufs_folder / "CUHK/photos/holiday.jpg")
    call_command("import_dataset", "cufs", str(cufs_folder))
    out = capsys.readouterr().out
    assert "Dataset cufs: 6 pairs, 12 images of 6 persons." in out
    assert "Added 12, already there 0, left out 1" in out
    assert "pairs -600 (of 606)" in out
    assert "left out: CUHK/photos/holiday.jpg: is not named like a photo of CUHK." in out
    assert Dataset.objects.get().slug == "cufs"


def test_a_second_run_says_that_nothing_is_new(cufs_folder, capsys):
    call_command("import_dataset", "cufs", str(cufs_folder))
    capsys.readouterr()
    call_command("import_dataset", "cufs", str(cufs_folder))
    out = capsys.readouterr().out
    assert "Added 0, already there 12" in out and "Nothing new was added." in out


def test_json_is_one_object_and_nothing_else(cufs_folder, capsys):
    call_command("import_dataset", "cufs", str(cufs_folder), "--json")
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert (report["dataset"], report["pairs"], report["added"], report["problems"]) == ("cufs", 6, 12, [])
    assert report["differences"]["pairs"] == -600
    assert captured.err == ""


def test_name_split_file_and_public_are_taken(paired_folder, tmp_path):
    root = paired_folder(2)
    split = tmp_path / "s.csv"
    split.write_text("name,split\np000,validation\np001,validation\n")
    call_command("import_dataset", "folders", str(root), "--name", "faces", "--split-file", str(split), "--public")
    dataset = Dataset.objects.get()
    assert (dataset.slug, dataset.public) == ("faces", True)
    assert set(Image.objects.values_list("split", flat=True)) == {"validation"}


def test_plain_lines_stand_where_there_is_no_terminal(cufs_folder, capsys):
    call_command("import_dataset", "cufs", str(cufs_folder))
    err = capsys.readouterr().err
    assert "12 of 12 pictures" in err and "\r" not in err


@pytest.mark.parametrize(
    ("layout", "path", "sentence"),
    [
        ("imagenet", ".", "Known layouts"),
        ("cufs", "nowhere", "There is no folder"),
        ("cufs", ".", "does not look like CUFS"),
    ],
)
def test_a_bad_layout_or_path_is_a_sentence_with_exit_code_2(tmp_path, layout, path, sentence):
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_dataset", layout, str(tmp_path / path))
    assert error.value.returncode == 2
    assert not Dataset.objects.exists()


def test_help_and_missing_arguments_from_the_shell():
    done = subprocess.run(
        [sys.executable, "manage.py", "import_dataset", "--help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "--split-file" in done.stdout
    done = subprocess.run([sys.executable, "manage.py", "import_dataset"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "LAYOUT" in done.stderr
