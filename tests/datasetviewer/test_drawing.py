"""The drawn faces: what face software sees in them, what makes them a dataset, and that they come out the same."""

import csv
import hashlib
import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasetviewer.drawing import Person, draw_caricature, draw_demo, draw_photo, draw_sketch, person_parameters
from datasetviewer.drawing.anatomy import landmarks
from datasetviewer.drawing.demo import split_of
from datasetviewer.drawing.exaggeration import measures, norm, unusual
from workers.engine.errors import InputError

SEED, PERSONS = 2026, 32
EYES = np.array([(75.0, 125.0), (125.0, 125.0)])


@pytest.fixture(scope="module")
def persons() -> list[Person]:
    return [person_parameters(index, SEED) for index in range(PERSONS)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("demo")
    draw_demo(root, persons=PERSONS, seed=SEED)
    return root


@pytest.fixture(scope="module")
def seen(demo) -> dict[str, dict[str, list]]:
    """What dlib finds in each photo and sketch: number of faces, eye centres (2, 2), descriptor (128,)."""
    dlib = pytest.importorskip("dlib")
    # The package of the model files is found, not imported: importing it needs pkg_resources.
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("face_recognition_models is not installed")
    models = Path(next(iter(spec.submodule_search_locations))) / "models"
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
    found: dict[str, dict[str, list]] = {}
    for folder in ("photos", "sketches"):
        rows: dict[str, list] = {"faces": [], "eyes": [], "descriptors": []}
        for path in sorted((demo / folder).glob("*.png")):
            pixels = np.array(Image.open(path).convert("RGB"))
            faces = detector(pixels, 1)
            rows["faces"].append(len(faces))
            if faces:
                shape = predictor(pixels, faces[0])
                points = np.array([(part.x, part.y) for part in shape.parts()], float)
                rows["eyes"].append([points[36:42].mean(axis=0), points[42:48].mean(axis=0)])
                rows["descriptors"].append(np.array(network.compute_face_descriptor(pixels, shape)))
        found[folder] = rows
    return found


@pytest.mark.parametrize("folder", ["photos", "sketches"])
def test_dlib_finds_exactly_one_face_in_every_picture(seen, folder):
    assert seen[folder]["faces"] == [1] * PERSONS


def test_the_eyes_of_photos_lie_on_the_template(seen):
    misses = np.linalg.norm(np.array(seen["photos"]["eyes"]) - EYES, axis=-1)
    assert misses.max() <= 6.0, f"person-{misses.max(axis=1).argmax() + 1:02d} is {misses.max():.1f} px off"


def test_a_sketch_is_recognised_as_the_person_of_its_photo(seen):
    photos, sketches = (np.array(seen[folder]["descriptors"]) for folder in ("photos", "sketches"))
    distance = np.linalg.norm(sketches[:, None] - photos[None], axis=-1)
    same, others = np.diag(distance), distance[~np.eye(PERSONS, dtype=bool)]
    assert (distance.argmin(axis=1) == np.arange(PERSONS)).mean() >= 0.8
    assert same.mean() + 0.12 < others.mean()


def test_two_persons_are_never_alike(seen):
    photos = np.array(seen["photos"]["descriptors"])
    distance = np.linalg.norm(photos[:, None] - photos[None], axis=-1)[~np.eye(PERSONS, dtype=bool)]
    assert distance.min() > 0.2
    assert distance.mean() > 0.4


def test_pictures_have_the_sizes_and_modes_of_the_dataset(demo):
    for path in demo.glob("*/*.png"):
        picture = Image.open(path)
        expected = {"photos": ("RGB", (200, 250)), "sketches": ("L", (200, 250)), "caricatures": ("RGB", (240, 300))}
        assert (picture.mode, picture.size) == expected[path.parent.name]


def test_photos_are_in_colour_and_sketches_on_white_paper(demo):
    for path in (demo / "photos").glob("*.png"):
        photo = np.asarray(Image.open(path)).astype(float)
        assert photo.std() > 25
        sketch = np.asarray(Image.open(demo / "sketches" / path.name)).astype(float)
        assert np.median(sketch[:18, :18]) > 240
        assert sketch.min() < 40


def test_persons_differ_and_cover_skins_ages_and_hair(persons):
    assert len({person.shape for person in persons}) == PERSONS
    depths = [person.colouring.skin_depth for person in persons]
    assert min(depths) < 0.1 and max(depths) > 0.9
    assert min(person.age for person in persons) < 28 and max(person.age for person in persons) > 60
    assert len({person.hairstyle for person in persons}) >= 14
    assert {person.glasses for person in persons} == {"none", "round", "square"}
    assert len({person.beard for person in persons}) == 5


def test_names_are_neutral_and_numbered_from_one():
    assert person_parameters(0, 5).name == "person-01"
    assert person_parameters(31, 5).name == "person-32"


def test_index_and_seed_make_the_person():
    assert person_parameters(4, 7) == person_parameters(4, 7)
    assert person_parameters(4, 7) != person_parameters(5, 7)
    assert person_parameters(4, 7).shape != person_parameters(4, 8).shape


def test_the_eyes_of_everybody_are_at_the_template_by_construction():
    for index in range(200):
        shape = person_parameters(index, 11).shape
        assert (100 - shape.eye_gap, shape.eye_y) == (75, 125)


def digest(person: Person) -> str:
    pictures = (draw_photo(person), draw_sketch(person), draw_caricature(person)[0])
    return hashlib.sha256(b"".join(picture.tobytes() for picture in pictures)).hexdigest()


def test_the_same_pixels_come_out_in_another_process_on_a_plainer_processor():
    """Without numpy's vector instructions the rounding of anything inexact would show."""
    vector_units = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    code = (
        "from tests.datasetviewer.test_drawing import digest\n"
        "from datasetviewer.drawing import person_parameters\n"
        "print(digest(person_parameters(1, 2026)))"
    )
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(vector_units)}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == digest(person_parameters(1, 2026))


def test_the_sketch_is_drawn_from_the_person_and_not_from_the_photo(persons):
    person = persons[3]
    recoloured = replace(person, colouring=replace(person.colouring, ground=(0.1, 0.6, 0.2), lip=(0.1, 0.1, 0.9)))
    assert draw_photo(recoloured).tobytes() != draw_photo(person).tobytes()
    assert draw_sketch(recoloured).tobytes() == draw_sketch(person).tobytes()


def test_the_caricature_goes_further_where_the_person_is_unusual(persons):
    from datasetviewer.drawing.exaggeration import exaggerated

    means, further = norm(), []
    for person in persons:
        drawn = exaggerated(person.shape)
        likeness = measures(person.shape)
        values = {name: getattr(drawn, name) for name in likeness if hasattr(drawn, name)}
        values |= {"nose_length": drawn.nose_tip_y - drawn.eye_y, "philtrum": drawn.mouth_y - drawn.nose_tip_y}
        values |= {"chin_length": drawn.chin_y - drawn.mouth_y, "brow_rise": drawn.eye_y - drawn.brow_y}
        for name in list(unusual(person.shape))[:3]:
            if name in values and name != "neck_width":
                mean = means[name][0]
                further.append((values[name] - mean) / (likeness[name] - mean))
    # Some are held back where features would collide; none goes to the other side of the mean.
    assert min(further) > 0
    assert np.mean(np.array(further) > 1.2) > 0.75
    assert np.median(further) > 1.8


def test_landmarks_of_a_caricature_are_its_own_and_in_order(persons):
    off_template = []
    for person in persons:
        picture, points = draw_caricature(person) if person.index < 4 else (None, landmarks(person.shape))
        points = np.array(points)
        assert points.shape == (17, 2)
        hairline, left_ear, chin, right_ear = points[:4]
        assert hairline[1] < points[4:8, 1].min() < points[8:12, 1].mean() < points[12, 1] < points[13, 1]
        assert points[13, 1] < points[15, 1] < chin[1]
        assert left_ear[0] < points[4, 0] < points[5, 0] < points[6, 0] < points[7, 0] < right_ear[0]
        assert list(points[8:12, 0]) == sorted(points[8:12, 0])
        assert points[14, 0] < points[12, 0] < points[16, 0]
        if picture is not None:
            assert (points > 0).all() and (points < picture.size).all()
            eyes = np.array([points[8:10].mean(axis=0), points[10:12].mean(axis=0)])
            off_template.append(np.abs(eyes - EYES).max())
    assert min(off_template) > 5


def test_drawing_the_demo_reports_every_person_and_writes_the_tables_last(tmp_path):
    calls = []

    def report(done: int, total: int, name: str) -> None:
        assert not (tmp_path / "split.csv").exists()
        assert (tmp_path / "photos" / f"{name}.png").is_file()
        calls.append((done, total, name))

    assert draw_demo(tmp_path, persons=2, seed=9, report=report) == ("person-01", "person-02")
    assert calls == [(1, 2, "person-01"), (2, 2, "person-02")]
    rows = list(csv.DictReader((tmp_path / "split.csv").open()))
    assert [row["photo"] for row in rows] == ["photos/person-01.png", "photos/person-02.png"]
    landmark_rows = list(csv.reader((tmp_path / "landmarks.csv").open()))
    assert len(landmark_rows) == 1 + 6 and {len(row) for row in landmark_rows} == {35}
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    calls.clear()
    (tmp_path / "split.csv").unlink()
    draw_demo(tmp_path, persons=2, seed=9)
    assert {path: path.read_bytes() for path in before} == before


def test_a_stopped_drawing_leaves_whole_pictures_and_no_split(tmp_path):
    class Stop(Exception):
        pass

    def stop(done: int, total: int, name: str) -> None:
        raise Stop

    with pytest.raises(Stop):
        draw_demo(tmp_path, persons=3, seed=9, report=stop)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["caricatures/person-01.png", "photos/person-01.png", "sketches/person-01.png"]


@pytest.mark.parametrize("persons", [0, -3, 100_000])
def test_it_refuses_a_number_of_persons_that_cannot_be_drawn(tmp_path, persons):
    with pytest.raises(InputError, match="1 to 1000 persons"):
        draw_demo(tmp_path, persons=persons)


def test_the_split_has_its_shares_and_depends_on_the_seed():
    names = split_of(32, 2026)
    assert {name: names.count(name) for name in names} == {"train": 20, "validation": 4, "test": 8}
    assert split_of(32, 2026) == names != split_of(32, 1)
