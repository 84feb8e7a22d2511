"""A drawn dataset in WebCaricature's shape with its protocols, small enough to count by hand."""

import hashlib
import io
import itertools

import numpy as np

from datasetviewer.models import Dataset, Image, Pair, Subject
from datasetviewer.services.protocols import protocol_create
from datasetviewer.storage import file_path
from evaluation.recognition import ProtocolTask
from evaluation.services.recognitions import recognition_submit
from tests.evaluation.conftest import EXTRACTOR
from workers.engine.whole_files import write_whole

PERSONS = [f"Person {letter}" for letter in "ABCDEF"]
EACH = 3  # caricatures and photos of a person
FOLDS = {"1": PERSONS[0:2], "2": PERSONS[2:4], "3": PERSONS[4:6]}
LETTERS = {"caricature": "C", "photo": "P", "sketch": "S"}


def colour_picture(colour, seed):
    """A picture of nearly one colour, (12, 10, 3) uint8: persons are told apart by it."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(-6, 7, size=(12, 10, 3))
    return np.clip(np.asarray(colour) + noise, 0, 255).astype(np.uint8)


def add_picture(dataset, person, modality, number, colour, seed, *, split="", pair=None):
    from PIL import Image as Picture

    stream = io.BytesIO()
    Picture.fromarray(colour_picture(colour, seed)).save(stream, format="PNG")
    content = stream.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    write_whole(file_path(dataset.slug, sha256, "PNG"), content)
    subject, _ = Subject.objects.get_or_create(dataset=dataset, name=person)
    return Image.objects.create(
        dataset=dataset, subject=subject, modality=modality, split=split, pair=pair, sha256=sha256, width=10, height=12,
        key=f"OriginalImages/{person}/{LETTERS[modality]}{number:05d}.png", mode="RGB", bytes=len(content), format="PNG",
    )  # fmt: skip


def colour_of(person, rng):
    """The person's colour, and a little of chance: caricatures of one may look like another."""
    base = np.random.default_rng(sum(person.encode())).integers(40, 215, size=3)
    return base + rng.integers(-25, 26, size=3)


def web_dataset(slug="web", *, public=True):
    """Six persons with three caricatures and three photos each, and five protocols."""
    dataset = Dataset.objects.create(slug=slug, name=slug.title(), layout="webcaricature", public=public)
    rng = np.random.default_rng(1)
    seeds = itertools.count(sum(slug.encode()) * 1000)
    for person in PERSONS:
        for modality in ("caricature", "photo"):
            for number in range(1, EACH + 1):
                add_picture(dataset, person, modality, number, colour_of(person, rng), next(seeds))
    for name, kind, unit, rows in protocols():
        protocol_create(dataset=dataset, name=name, kind=kind, unit=unit, rows=rows, origin="imported", title=name)
    return dataset


def protocols():
    restricted = [row for fold, persons in FOLDS.items() for row in pairs_of(fold, persons)]
    yield "verification-restricted-view2", "verification", "image", restricted
    halves = [*pairs_of("train", PERSONS[:3]), *pairs_of("test", PERSONS[3:])]
    yield "verification-restricted-view1", "verification", "image", halves
    counted = [(fold, person, "3", "2") for fold, persons in FOLDS.items() for person in persons]
    yield "verification-unrestricted-view2", "verification", "subject", counted
    folds = [row for fold in FOLDS for row in identified(fold, "P", "C", 2)]
    yield "identification-c2p-view2", "identification", "image", folds
    yield "identification-p2c-view1", "identification", "image", identified("dev", "C", "P", 3)


def pairs_of(part, persons):
    """Every caricature with every photo: of the same person, then of the next one."""
    numbers = range(1, EACH + 1)
    for same in ("1", "0"):
        for place, person in enumerate(persons):
            other = person if same == "1" else persons[(place + 1) % len(persons)]
            for c, p in itertools.product(numbers, numbers):
                yield part, f"{person}/C{c:05d}", f"{other}/P{p:05d}", same


def identified(part, gallery, probe, shown):
    for person in PERSONS:
        yield part, "gallery", f"{person}/{gallery}00001"
        for number in range(1, shown + 1):
            yield part, "probe", f"{person}/{probe}{number:05d}"
    yield part, "train", "Somebody Else/*"


def sketch_dataset(slug="sketches", *, public=True, split="test", persons=8, missing=0):
    """One sketch and one photo a person, the last `missing` of them without a photo."""
    dataset = Dataset.objects.create(slug=slug, name=slug.title(), layout="folders", public=public)
    rng = np.random.default_rng(2)
    for number in range(persons):
        person = f"{split}-{number:02d}"
        colour = np.array([30 + 25 * number, 220 - 20 * number, (70 * number) % 255])
        subject = Subject.objects.create(dataset=dataset, name=person)
        pair = Pair.objects.create(dataset=dataset, subject=subject, key=person, split=split)
        for place, modality in enumerate(("sketch", "photo")):
            if modality == "photo" and number >= persons - missing:
                continue
            shifted = colour + rng.integers(-30, 31, size=3)
            add_picture(dataset, person, modality, 1, shifted, 100 * number + place, split=split, pair=pair)
    return dataset


def plain_features(image):
    """What the tests' extractor sees: mean and deviation of the three colours."""
    from PIL import Image as Picture

    pixels = np.asarray(Picture.open(file_path(image.dataset.slug, image.sha256, image.format)).convert("RGB"))
    return np.array([*pixels.mean(axis=(0, 1)), *pixels.std(axis=(0, 1))], dtype=np.float32).astype(np.float64)


def recognition_maker(user):
    """Submits a recognition test of this user; the protocol of restricted verification on `web_dataset` unless told."""

    def submit(protocol="verification-restricted-view2", dataset="web", extractors=(EXTRACTOR,), **more):
        task = ProtocolTask(dataset, protocol)
        return recognition_submit(user=user, task=task, extractors=list(extractors), **more)

    return submit


def value(test, measure, part=""):
    return test.values.get(measure=measure, part=part)
