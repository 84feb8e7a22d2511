"""Small datasets with stored files, and an extractor that needs no weights."""

import dataclasses
import hashlib
import io

import pytest
from rest_framework.test import APIClient

from datasetviewer.models import Dataset, Image, Subject
from datasetviewer.storage import file_path
from evaluation import sets
from evaluation.services import evaluation_submit
from tests.engine.drawing import blobs
from workers.engine import catalogue
from workers.engine.whole_files import write_whole

EXTRACTOR = "tests.colours"


@pytest.fixture(autouse=True)
def rooms(settings, tmp_path, monkeypatch):
    """Files in a folder of the test's own, and the tests' extractor beside the real ones."""
    settings.DATA_DIR = tmp_path / "data"
    settings.WEIGHTS_DIR = tmp_path / "weights"
    entry = dataclasses.replace(
        catalogue.extractor("dlib.face128"),
        name=EXTRACTOR, dimension=6, module="tests.evaluation.tiny.Colours", weights=(), needs_face=False,
    )  # fmt: skip
    monkeypatch.setitem(catalogue.EXTRACTORS, EXTRACTOR, entry)


@pytest.fixture
def second(monkeypatch):
    """Another recogniser, which sees the mean of one colour alone: a worse one."""
    entry = dataclasses.replace(
        catalogue.extractor(EXTRACTOR), name="tests.red", module="tests.evaluation.worse.Red", dimension=1
    )
    monkeypatch.setitem(catalogue.EXTRACTORS, "tests.red", entry)
    return "tests.red"


def add_pictures(dataset, modality, seeds, *, split="test", source=""):
    """Rows and stored PNG files of pictures that follow from their seeds."""
    from PIL import Image as Picture

    subject, _ = Subject.objects.get_or_create(dataset=dataset, name="somebody")
    for seed in seeds:
        stream = io.BytesIO()
        Picture.fromarray(blobs(seed)).save(stream, format="PNG")
        content = stream.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        write_whole(file_path(dataset.slug, sha256, "PNG"), content)
        Image.objects.create(
            dataset=dataset, subject=subject, modality=modality, split=split, source=source,
            key=f"{source}/{modality}/{split}/{seed:03d}.png", sha256=sha256, width=40, height=50, mode="RGB",
            bytes=len(content), format="PNG",
        )  # fmt: skip


def make_dataset(slug, *, public):
    """20 sketches of two sources and splits, 12 photos."""
    dataset = Dataset.objects.create(slug=slug, name=slug.title(), layout="folders", public=public)
    first = sum(slug.encode()) * 1000  # different pictures in every dataset
    add_pictures(dataset, "sketch", range(first, first + 10), source="CUHK")
    add_pictures(dataset, "sketch", range(first + 10, first + 20), source="AR", split="train")
    add_pictures(dataset, "photo", range(first + 20, first + 32), source="CUHK")
    return dataset


@pytest.fixture
def dataset(db):
    return make_dataset("faces", public=True)


@pytest.fixture
def private_dataset(db):
    return make_dataset("secret", public=False)


@pytest.fixture
def visitor():
    return APIClient()


@pytest.fixture
def client_of():
    """client_of(user): an API client signed in as this user."""

    def make(user):
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def body():
    """A submission that can be computed."""
    return {
        "reference": {"dataset": "faces", "split": "test", "modality": "sketch"},
        "candidate": {"dataset": "faces", "split": "test", "modality": "photo"},
        "extractor": EXTRACTOR,
        "metrics": ["fid"],
    }


@pytest.fixture
def submit(dataset, user):
    """submit("faces:test:photo", ...): an evaluation against faces:test:sketch unless told otherwise."""

    def make(candidate="faces:test:photo", reference="faces:test:sketch", owner=user, extractor=EXTRACTOR):
        evaluation, _ = evaluation_submit(
            user=owner,
            reference=sets.parse_text(reference, "reference"),
            candidate=sets.parse_text(candidate, "candidate"),
            extractor=extractor,
            metrics=["fid"],
            everything=True,
        )
        return evaluation

    return make


@pytest.fixture
def pairs(dataset):
    """Key -> (sketch, photo) of eight pairs of faces:test."""
    from tests.evaluation.test_paired import pair_up

    return pair_up(dataset)
