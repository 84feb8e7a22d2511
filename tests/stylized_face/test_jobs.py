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
    job = drawn(two_portraits).job
    assert job.state == JobState.FAILED
    assert "There are 2 faces in the photo. Crop it to one" in job.message


def test_a_small_face_in_the_background_does_not_matter(portrait):
    scene = Image.new("RGB", (700, 500), "white")
    scene.paste(portrait, (0, 0))
    scene.paste(portrait.resize((160, 200)), (480, 250))
    assert draw(scene, model="pencil").face.box[2] < 420


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
    find = "workers.engine.faces.find_faces"
    from workers.engine.faces import find_faces

    def slow(photo):
        import time

        request_cancel(stylization.job)
        time.sleep(1.2)
        return find_faces(photo)

    monkeypatch.setattr(find, slow)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.CANCELLED
    assert not stylization.file("sketch").exists()


def test_warm_up_loads_what_the_first_sketch_needs():
    from workers.engine.faces import landmark_predictor

    landmark_predictor.cache_clear()
    warm_up()
    assert landmark_predictor.cache_info().currsize == 1
