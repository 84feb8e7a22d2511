"""manage.py stylize: in this process, without queue or rows."""

import json

import pytest
from django.core.management import CommandError, call_command
from PIL import Image


@pytest.fixture
def photo(tmp_path, portrait):
    path = tmp_path / "me.jpg"
    portrait.save(path, quality=92)
    return path


def test_it_draws_a_file(photo, tmp_path, capsys):
    out, aligned = tmp_path / "new" / "sketch.png", tmp_path / "aligned.png"
    call_command("stylize", str(photo), "--model", "pencil", "-o", str(out), "--aligned", str(aligned))
    assert "400x500, drawn by pencil" in capsys.readouterr().out
    with Image.open(out) as sketch, Image.open(aligned) as straight:
        assert (sketch.size, sketch.mode) == ((400, 500), "L")
        assert (straight.size, straight.mode) == ((400, 500), "RGB")


def test_json_is_one_object(photo, tmp_path, capsys):
    call_command("stylize", str(photo), "-o", str(tmp_path / "s.png"), "--seed", "3", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["model"], result["seed"], result["width"], result["height"]) == ("pencil", 3, 400, 500)
    assert len(result["eyes"]) == 2


@pytest.mark.django_db  # a name that is not built in may be that of a trained model
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(photo, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("RGB", (90, 90)).save(blank)
    out = str(tmp_path / "s.png")
    for arguments, words in (
        ([str(tmp_path / "gone.jpg"), "-o", out], "no file"),
        ([str(blank), "-o", out], "No face was found"),
        ([str(photo), "-o", out, "--model", "pensil"], "Known: pencil"),
        ([str(photo), "-o", str(tmp_path / "s.jpg")], "ends in .png"),
        ([str(photo), "-o", str(photo / "s.png")], "could not be written"),
        ([str(photo), "-o", out, "--seed", "-4"], "seed"),
    ):
        with pytest.raises(CommandError, match=words) as caught:
            call_command("stylize", *arguments)
        assert caught.value.returncode == 2
    assert not (tmp_path / "s.png").exists()
