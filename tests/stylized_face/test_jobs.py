"""The handler: one face in, three pictures out; anything else is a sentence."""

import numpy as np
import pytest
from PIL import Image

from stylized_face.jobs import draw, warm_up
from stylized_face.models import Stylization
from stylized_face.services import stylization_delete
from workers.engine.errors import InputError
from workers.models import JobState
from workers.queue import request_cancel

pytestmark = pytest.mark.django_db


def test_it_draws_the_sketch(drawn):
    stylization = drawn(seed=3)
    assert stylization.job.state == JobState.SUCCEEDED, stylization.job.message
    for name, mode in (("photo", "RGB"), ("aligned", "RGB"), ("sketch", "L")):
        with Image.open(stylization.file(name)) as picture:
            assert (picture.size, picture.mode) == ((400, 500), mode)
    (left, right), box = stylization.eyes, stylization.face_box
    assert box[0] < left[0] < right[0] < box[2]
    assert np.allclose([left, right], [(150, 250), (250, 250)], atol=12)
    with Image.open(stylization.file("sketch")) as picture:
        pixels = np.asarray(picture, dtype=float)
    assert pixels[:40, :40].mean() > 220  # paper in the corner
    assert pixels[240:262, 130:170].min() < 110  # an eye where the template has it


def test_seed_and_strength_reach_the_pencil(portrait):
    one, same, other, bold = (
        np.asarray(draw(portrait, model="pencil", seed=seed, strength=strength).sketch, dtype=float)
        for seed, strength in ((1, 1.0), (1, 1.0), (2, 1.0), (1, 1.6))
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert bold.mean() < one.mean()


def test_a_photo_without_a_face_fails_with_a_sentence(drawn):
    stylization = drawn(Image.new("RGB", (300, 300), (90, 120, 150)))
    assert stylization.job.state == JobState.FAILED
    assert "No face was found" in stylization.job.message
    assert not stylization.file("sketch").exists()


def test_two_faces_are_counted(drawn, two_portraits):
    stylization = drawn(two_portraits)
    assert stylization.job.state == JobState.FAILED
    assert "There are 2 faces in the photo. Choose the one" in stylization.job.message
    assert len(stylization.found) == 2, "what was found is kept, so that one can be chosen"
    assert not stylization.file("sketch").exists()


def test_the_face_that_was_chosen_is_drawn(two_portraits, portrait):
    left, right = (draw(two_portraits, model="pencil", index=index) for index in (0, 1))
    assert {left.face.box[0] < 450, right.face.box[0] < 450} == {True, False}


def test_points_set_by_a_person_say_where_the_face_is(create, run_jobs):
    """No detector finds a face in an even picture, but the person knows better."""
    photo = Image.new("RGB", (300, 300), (150, 150, 150))
    points = [[100, 120], [180, 120], [140, 160], [115, 200], [165, 200]]
    stylization = create(photo, points=points)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail
    stylization.refresh_from_db()
    assert moved(stylization.transform, points[:2]) == pytest.approx(EYES, abs=0.01)


def moved(transform, points):
    """What the stored [scale, angle, x, y] makes of points."""
    scale, angle, tx, ty = transform
    turned = np.array(points) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.ravel(scale * turned + (tx, ty)).tolist()


EYES = [150.5, 250.5, 250.5, 250.5]  # of the template, at twice its size


def test_the_row_knows_how_the_photo_came_to_the_aligned_picture_and_how_long_it_took(drawn, portrait):
    stylization = drawn(portrait.rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor="white"))
    assert moved(stylization.transform, stylization.eyes) == pytest.approx(EYES, abs=0.3)
    assert set(stylization.seconds) == {"read", "detect", "align", "network", "store"}
    assert all(0 <= value < 60 for value in stylization.seconds.values()) and stylization.seconds["detect"] > 0
    assert len(stylization.found) == 1 and len(stylization.found[0]["points"]) == 5


def test_the_quality_report_comes_after_the_sketch_and_its_failure_costs_none(drawn, monkeypatch):
    assert drawn().quality["face"]["faces"] == 1

    def broken(*args, **more):
        raise RuntimeError("no report")

    monkeypatch.setattr("workers.engine.quality.quality_report", broken)
    stylization = drawn()
    assert (stylization.job.state, stylization.quality) == (JobState.SUCCEEDED, None)


def test_a_small_face_in_the_background_does_not_matter(portrait):
    scene = Image.new("RGB", (700, 500), "white")
    scene.paste(portrait, (0, 0))
    scene.paste(portrait.resize((160, 200)), (480, 250))
    assert draw(scene, model="pencil").face.box[2] < 420


def test_the_small_faces_are_looked_for_once_the_sketch_is_there(drawn, portrait, monkeypatch):
    scene = Image.new("RGB", (1000, 800), "white")
    scene.paste(portrait.resize((600, 750)), (0, 0))
    scene.paste(portrait.resize((160, 200)), (800, 550))
    stylization = drawn(scene)
    assert stylization.job.state == JobState.SUCCEEDED
    widths = [one["box"][2] - one["box"][0] for one in stylization.found]
    assert len(widths) == 2 and widths[1] < 0.5 * widths[0]
    assert stylization.quality["face"]["faces"] == 2


def test_the_photo_is_packed_once_the_sketch_is_there(create, run_jobs, portrait):
    stylization = create(portrait)
    path = stylization.file("photo")
    with Image.open(path) as stored:
        pixels = stored.tobytes()
    before = path.stat().st_size
    run_jobs("interactive")
    assert path.stat().st_size < 0.8 * before
    with Image.open(path) as packed:
        assert packed.tobytes() == pixels


def test_the_photo_is_packed_also_where_no_face_was_found(create, run_jobs):
    stylization = create(Image.new("RGB", (300, 300), (90, 120, 150)))
    before = stylization.file("photo").stat().st_size
    (job,) = run_jobs("interactive")
    assert job.state == JobState.FAILED
    assert stylization.file("photo").stat().st_size < 0.1 * before


def test_what_is_deleted_while_its_photo_is_packed_stays_deleted(create, run_jobs, monkeypatch):
    stylization = create()
    from workers.engine import png_files

    def deleted_meanwhile(path, **more):
        png_files.pack_png(path, **more)
        stylization_delete(stylization=stylization)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"the packed file, put in its place after the folder was emptied")

    monkeypatch.setattr("stylized_face.jobs.judging.pack_png", deleted_meanwhile)
    run_jobs("interactive")
    assert not stylization.folder.exists()


def test_a_tiny_face_is_refused_with_its_width(portrait):
    with pytest.raises(InputError, match=r"only \d\d pixels wide; at least 40"):
        draw(portrait.resize((60, 75)), model="pencil")


def test_a_turned_photo_comes_out_upright(portrait):
    tilted = portrait.rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    from workers.engine.faces import find_faces

    done = draw(tilted, model="pencil")
    (left, right) = find_faces(done.aligned)[0].eyes
    assert np.allclose([left, right], [(150.5, 250.5), (250.5, 250.5)], atol=4)


def test_a_deleted_photo_is_not_drawn(create, run_jobs, monkeypatch):
    stylization = create()
    Stylization.objects.filter(id=stylization.id).update(removed="2026-01-01T00:00:00Z")
    (job,) = run_jobs("interactive")
    assert (job.state, "deleted" in job.message) == (JobState.FAILED, True)


def test_a_lost_file_is_told_without_its_path(create, run_jobs, own_data_folder):
    stylization = create()
    stylization.file("photo").unlink()
    (job,) = run_jobs("interactive")
    assert job.state == JobState.FAILED
    assert "deleted" in job.message and str(own_data_folder) not in job.message


def test_deleting_while_it_waits_means_it_never_runs(create, run_jobs):
    stylization_delete(stylization=create())
    assert run_jobs("interactive") == []


def test_a_cancelled_drawing_writes_nothing(create, run_jobs, monkeypatch):
    stylization = create()
    find = "workers.engine.faces.find_leading_faces"
    from workers.engine.faces import find_leading_faces

    def slow(photo, rival):
        import time

        request_cancel(stylization.job)
        time.sleep(1.2)
        return find_leading_faces(photo, rival)

    monkeypatch.setattr(find, slow)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.CANCELLED
    assert not stylization.file("sketch").exists()


def test_warm_up_loads_what_the_first_sketch_needs():
    from workers.engine.faces import landmark_predictor

    landmark_predictor.cache_clear()
    warm_up()
    assert landmark_predictor.cache_info().currsize == 1
