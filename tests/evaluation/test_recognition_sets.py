"""Probes against a gallery: who is in each picture, numbers against loops, folders, sets that have nobody in common."""

import numpy as np
import pytest

from datasetviewer.models import Image
from evaluation.recognition import SetsTask
from evaluation.services.recognitions import recognition_submit
from evaluation.sets import parse_text
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import plain_features, sketch_dataset, web_dataset
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(db):
    return web_dataset()


def two_sets(probe, gallery):
    return SetsTask(parse_text(probe, "probe"), parse_text(gallery, "gallery"))


def value(test, measure, part=""):
    return test.values.get(measure=measure, part=part)


def test_sketches_look_for_photos_of_the_same_persons(user, run_jobs):
    dataset = sketch_dataset(missing=2)
    test, _ = recognition_submit(
        user=user, task=two_sets("sketches:test:sketch", "sketches:test:photo"), extractors=[EXTRACTOR]
    )
    run_jobs()
    images = Image.objects.filter(dataset=dataset).select_related("dataset", "subject")
    seen = {(image.modality, image.subject.name): plain_features(image) for image in images}
    known = [name for modality, name in seen if modality == "photo"]
    hits = [
        min(known, key=lambda name: np.linalg.norm(seen["photo", name] - seen["sketch", person])) == person
        for person in known
    ]
    assert value(test, "rank1").value == pytest.approx(np.mean(hits))
    assert value(test, "rank1").details["unknown"] == 2  # an open set: two persons have no photo
    assert test.values.filter(measure="dir@0.1").exists() and value(test, "auc").value > 0.5
    test.refresh_from_db()
    assert {"open_set", "few_negatives"} <= {fact["code"] for fact in test.facts}


def test_a_folder_is_matched_by_the_names_of_its_files(user, run_jobs, tmp_path):
    from PIL import Image as Picture

    dataset = sketch_dataset()
    for image in Image.objects.filter(dataset=dataset, modality="photo").select_related("dataset", "pair"):
        folder = tmp_path / "results"
        folder.mkdir(exist_ok=True)
        from datasetviewer.selectors import image_path

        Picture.open(image_path(image)).save(folder / f"{image.pair.key}.png")
    test, _ = recognition_submit(
        user=user,
        task=two_sets("sketches:test:photo", str(tmp_path / "results")),
        extractors=[EXTRACTOR],
        everything=True,
    )
    run_jobs()
    assert value(test, "rank1").value == 1.0  # the very same pictures


def test_sets_without_a_common_person_are_refused(user, web):
    sketch_dataset()
    with pytest.raises(InputError, match="No probe is of a person in the gallery"):
        recognition_submit(user=user, task=two_sets("sketches:test:sketch", "web:all:photo"), extractors=[EXTRACTOR])
