"""manage.py stylize: in this process, without queue or rows."""

import json

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from stylized_face.choosing import MOST_FACES
from stylized_face.management.commands import stylize
from stylized_face.selectors import stylization_get

FIVE = [[138.0, 246.0], [262.0, 246.0], [200.0, 310.0], [150.0, 370.0], [250.0, 370.0]]
POINTS = [f"{x:g},{y:g}" for x, y in FIVE]


@pytest.fixture
def photo(tmp_path, portrait):
    path = tmp_path / "me.jpg"
    portrait.save(path, quality=92)
    return path


@pytest.fixture
def group(tmp_path, two_portraits):
    path = tmp_path / "group.png"
    two_portraits.save(path)
    return path


def refused(*arguments) -> str:
    """The sentence with which the command refuses, with exit code 2."""
    with pytest.raises(CommandError) as caught:
        call_command("stylize", *map(str, arguments))
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.fixture
def no_drawing(monkeypatch):
    """Nothing is read or drawn in this test."""
    monkeypatch.setattr(stylize, "read_photo", lambda *args, **options: pytest.fail("read the photo"))


def test_it_draws_a_file(photo, tmp_path, capsys):
    out, aligned = tmp_path / "sketch.png", tmp_path / "aligned.png"
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
        ([str(photo), "-o", str(photo / "s.png")], "me.jpg is not a folder"),
        ([str(photo), "-o", out, "--seed", "-4"], "seed"),
    ):
        with pytest.raises(CommandError, match=words) as caught:
            call_command("stylize", *arguments)
        assert caught.value.returncode == 2
    assert not (tmp_path / "s.png").exists()


def drawn_face(photo, out, capsys, *options):
    call_command("stylize", str(photo), "-o", str(out), "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_several_faces_are_refused_with_the_option_to_use_and_it_then_draws_the_one_chosen(group, tmp_path, capsys):
    out = tmp_path / "s.png"
    text = refused(group, "-o", out)
    assert "2 faces" in text and text.endswith(" Use --face 0 to 1.")
    boxes = [drawn_face(group, out, capsys, "--face", str(index))["face_box"] for index in (0, 1)]
    assert {box[0] < 450 for box in boxes} == {True, False}
    assert boxes[0][2] - boxes[0][0] >= boxes[1][2] - boxes[1][0], "the largest is 0"


def test_a_face_that_is_not_there_is_refused_as_rest_does_and_says_which_are(photo, group, tmp_path):
    out = tmp_path / "s.png"
    assert refused(group, "-o", out, "--face", "5").endswith("counted from 0. Use --face 0 to 1.")
    assert refused(photo, "-o", out, "--face", "1").endswith("counted from 0. Use --face 0.")
    for face in ("-1", MOST_FACES):
        assert f"The face is a whole number from 0, the largest, to {MOST_FACES - 1}." in refused(
            photo, "-o", out, "--face", face
        )


def test_a_face_that_is_too_small_has_no_option_to_use(portrait, tmp_path):
    scene = Image.new("RGB", (400, 400), "white")
    scene.paste(portrait.resize((48, 60)), (150, 150))
    scene.save(tmp_path / "far.png")
    for options in ((), ("--face", "0")):
        assert refused(tmp_path / "far.png", "-o", tmp_path / "s.png", *options).endswith("Use a larger photo.")


def test_where_no_face_is_found_the_points_are_asked_for_and_believed(tmp_path, capsys):
    Image.new("RGB", (400, 500), "grey").save(tmp_path / "blank.png")
    text = refused(tmp_path / "blank.png", "-o", tmp_path / "s.png")
    assert "No face was found" in text and "Use --points x,y x,y x,y x,y x,y: left eye, right eye" in text
    told = drawn_face(tmp_path / "blank.png", tmp_path / "s.png", capsys, "--points", *POINTS)
    assert told["eyes"] == FIVE[:2]


@pytest.mark.django_db
def test_the_same_points_in_a_large_photo_turned_by_its_exif_are_those_of_rest(
    portrait, tmp_path, capsys, client, run_jobs
):
    path, out = tmp_path / "large.jpg", tmp_path / "s.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    portrait.resize((2400, 3000)).transpose(Image.Transpose.ROTATE_90).save(path, quality=80, exif=exif)
    five = [[round(x * 2048 / 500, 1), round(y * 2048 / 500, 1)] for x, y in FIVE]
    with path.open("rb") as stream:
        sent = {"photo": stream, "model": "pencil", "points": json.dumps(five)}
        answer = client.post("/api/v1/stylizations/", sent)
    run_jobs("interactive")
    row = stylization_get(id=answer.json()["id"])
    told = drawn_face(path, out, capsys, "--model", "pencil", "--points", *[f"{x},{y}" for x, y in five])
    assert (told["eyes"], told["face_box"]) == (row.eyes, row.face_box)
    with Image.open(out) as here, Image.open(row.file("sketch")) as there:
        assert here.convert("L").tobytes() == there.convert("L").tobytes()


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (["a,b", *POINTS[1:]], "five pairs"),
        (["138", *POINTS[1:]], "five pairs"),
        (["1,2,3", *POINTS[1:]], "five pairs"),
        (["400,20", *POINTS[1:]], "outside the photo, which is 400 pixels wide"),
        ([POINTS[0], "140,246", *POINTS[2:]], "only 2 pixels apart"),
        ([POINTS[1], POINTS[0], *POINTS[2:]], "exchanged"),
    ],
)
def test_points_that_can_be_no_face_are_refused_as_rest_does(photo, tmp_path, points, words):
    assert words in refused(photo, "-o", tmp_path / "s.png", "--points", *points)
    assert not (tmp_path / "s.png").exists()


def test_points_and_a_face_at_once_are_refused(photo, tmp_path, no_drawing):
    assert "either --points or --face" in refused(photo, "-o", tmp_path / "s.png", "--face", "0", "--points", *POINTS)


def test_no_file_takes_the_place_of_another(portrait, tmp_path, monkeypatch, no_drawing):
    photo, out = tmp_path / "me.png", tmp_path / "s.png"
    portrait.save(photo)
    before = photo.read_bytes()
    (tmp_path / "link.png").symlink_to(photo)
    monkeypatch.chdir(tmp_path)
    assert "would overwrite the sketch" in refused(photo, "-o", out, "--aligned", out)
    assert "would overwrite the sketch" in refused(
        photo, "-o", out, "--aligned", tmp_path / ".." / tmp_path.name / "s.png"
    )
    for arguments in (["-o", "me.png"], ["-o", "link.png"], ["-o", out, "--aligned", photo]):
        assert "would overwrite the photo itself" in refused(photo, *arguments)
    assert photo.read_bytes() == before and not out.exists()


def test_a_folder_that_is_not_there_is_named_and_not_made(photo, tmp_path, no_drawing):
    gone = tmp_path / "gone" / "deeper"
    for arguments in (["-o", gone / "s.png"], ["-o", tmp_path / "s.png", "--aligned", gone / "a.png"]):
        assert f"There is no folder {gone};" in refused(photo, *arguments)
    assert not gone.parent.exists()


def test_what_cannot_be_written_after_all_is_a_sentence(photo, tmp_path):
    (tmp_path / "taken.png").mkdir()
    assert "taken.png could not be written" in refused(photo, "-o", tmp_path / "taken.png")


@pytest.mark.parametrize("model", ["pencil", "lines", "the shipped one"])
def test_seed_and_strength_are_checked_whatever_draws(on_shelf, photo, tmp_path, no_drawing, model):
    what = (photo, "-o", tmp_path / "s.png", "--model", on_shelf if model == "the shipped one" else model)
    assert "The seed is a whole number" in refused(*what, "--seed", "-4")
    for strength in ("9", "nan"):
        assert "The strength is a number from 0.2 to 2" in refused(*what, "--strength", strength)


def test_it_says_when_the_model_knows_neither_seed_nor_strength_and_they_were_given(on_shelf, photo, tmp_path, capsys):
    def said(*options):
        call_command("stylize", str(photo), "-o", str(tmp_path / "s.png"), "--json", *options)
        told = capsys.readouterr()
        json.loads(told.out)
        return told.err.strip()

    assert said("--seed", "0", "--strength", "1").endswith(
        "seed nor strength: --seed and --strength will change nothing."
    )
    assert said("--strength", "1.5").endswith("seed nor strength: --strength will change nothing.")
    assert said() == ""
    assert said("--model", "pencil", "--seed", "4", "--strength", "1.5") == ""
