"""The perceptual hash, the search for near duplicates, and the statistics page."""

import io
import random

import numpy as np
import pytest
from PIL import Image as Picture

from datasetviewer.likeness import DEFAULT_DISTANCE, LARGEST_DISTANCE, close_pairs, picture_hash
from datasetviewer.models import Dataset, Image, NearDuplicate
from datasetviewer.selectors import duplicate_groups
from datasetviewer.services import dataset_import
from tests.datasetviewer.conftest import draw_face


def bits_apart(first, second):
    return (int(first, 16) ^ int(second, 16)).bit_count()


def saved(picture, **how):
    stream = io.BytesIO()
    picture.save(stream, **how)
    return stream.getvalue()


def smooth(seed):
    """A picture without sharp edges, like a photo seen from afar."""
    noise = np.random.default_rng(seed).integers(0, 255, (9, 8, 3), dtype=np.uint8)
    return Picture.fromarray(noise).resize((200, 250), Picture.Resampling.BICUBIC)


def test_a_copy_keeps_its_hash_and_another_picture_does_not():
    picture = smooth(1)
    original = picture_hash(saved(picture, format="PNG"))
    assert len(original) == 64
    small = picture.resize((140, 175))
    assert bits_apart(original, picture_hash(saved(small, format="JPEG", quality=50))) <= DEFAULT_DISTANCE
    assert bits_apart(original, picture_hash(saved(picture.convert("L"), format="PNG"))) <= 4
    assert bits_apart(original, picture_hash(saved(smooth(2), format="PNG"))) > LARGEST_DISTANCE


def test_close_pairs_are_those_that_comparing_one_by_one_finds():
    chance = random.Random(3)
    hashes = [chance.getrandbits(256) for _ in range(300)]
    hashes += [
        value ^ sum(1 << bit for bit in chance.sample(range(256), chance.randint(0, 40))) for value in hashes[:300]
    ]
    written = [f"{value:064x}" for value in hashes]
    expected = {
        (i, j, n) for i in range(len(hashes)) for j in range(i + 1, len(hashes))
        if (n := (hashes[i] ^ hashes[j]).bit_count()) <= 32
    }  # fmt: skip
    blocks = list(close_pairs(written, 32))
    assert blocks[-1][0] == 600
    assert {pair for _done, found in blocks for pair in found} == expected and len(expected) > 100


def test_on_real_photos_copies_are_close_and_persons_are_not(shared_dir):
    photos = sorted((shared_dir / "data" / "cufs" / "CUHK" / "photos").glob("*"))[:60]
    assert len(photos) == 60
    hashes = [picture_hash(photo.read_bytes()) for photo in photos]
    nearest = min(bits_apart(first, second) for k, first in enumerate(hashes) for second in hashes[:k])
    copies = []
    for photo, original in zip(photos, hashes, strict=True):
        with Picture.open(photo) as picture:
            small = picture.convert("RGB").resize((picture.width * 7 // 10, picture.height * 7 // 10))
        copies.append(bits_apart(original, picture_hash(saved(small, format="JPEG", quality=50))))
    assert max(copies) <= DEFAULT_DISTANCE and nearest > LARGEST_DISTANCE


@pytest.fixture
def with_copies(transactional_db, tmp_path):
    """Four persons; `twin` has the photo of `one` at another size, and `again` the very bytes of `two`."""
    root = tmp_path / "copies"
    for name, seed in (("one", 1), ("two", 2), ("three", 3)):
        (root / "photos").mkdir(parents=True, exist_ok=True)
        smooth(seed).save(root / f"photos/{name}.png")
    smooth(1).resize((160, 200)).save(root / "photos/twin.jpg", quality=70)
    (root / "photos/again.png").write_bytes((root / "photos/two.png").read_bytes())
    dataset_import(layout="folders", path=root, slug="copies", public=True)
    return Dataset.objects.get(slug="copies")


def test_the_search_finds_copies_and_the_page_groups_them(client, with_copies, user, run_jobs):
    assert "Nobody has looked yet" in client.get("/datasets/copies/duplicates/").content.decode()
    assert client.post("/datasets/copies/duplicates/")["Location"].endswith("?next=/datasets/copies/duplicates/")
    client.force_login(user)
    answer = client.post("/api/v1/datasets/copies/duplicates/")
    assert answer.status_code == 202
    assert client.post("/api/v1/datasets/copies/duplicates/").json() == answer.json(), (
        "a live search is not queued twice"
    )
    (job,) = run_jobs()
    assert job.state == "succeeded" and job.message == "5 pictures compared, 2 pairs look alike."
    found = client.get("/api/v1/datasets/copies/duplicates/").json()
    assert [[image["subject"] for image in group["images"]] for group in found["groups"]] == [
        ["again", "two"],
        ["one", "twin"],
    ]
    assert next(group["nearest"] for group in found["groups"]) == 0 and found["groups"][0]["across_persons"]
    exact = client.get("/api/v1/datasets/copies/duplicates/?distance=0").json()
    assert exact["count"] == 1
    html = client.get("/datasets/copies/duplicates/").content.decode()
    assert html.count("duplicate-group") == 2 and "2 persons" in html and "alike to the bit" in html
    # Again, with one picture less: what was found before is replaced.
    Image.objects.get(key="photos/twin.jpg").delete()
    client.post("/datasets/copies/duplicates/")
    run_jobs()
    assert NearDuplicate.objects.count() == 1


def test_pictures_alike_in_a_chain_are_one_group(with_copies):
    one, two, three = Image.objects.order_by("pk")[:3]
    for first, second, distance in ((one, two, 3), (two, three, 9)):
        NearDuplicate.objects.create(dataset=with_copies, first=first, second=second, distance=distance)
    (group,), cut = duplicate_groups(with_copies, 16)
    assert (len(group.images), group.nearest, group.farthest, cut) == (3, 3, 9, False)
    assert len(duplicate_groups(with_copies, 5)[0][0].images) == 2


@pytest.mark.parametrize("distance", ["-1", "33", "many", "1e1"])
def test_a_wrong_distance_is_refused(client, with_copies, distance):
    answer = client.get("/api/v1/datasets/copies/duplicates/", {"distance": distance})
    assert answer.status_code == 400 and "whole number from 0 to 32" in answer.json()["detail"]
    assert client.get("/datasets/copies/duplicates/", {"distance": distance}).status_code == 200


def test_one_picture_is_not_searched(client, db, user, tmp_path):
    draw_face(tmp_path / "single/photos/a.jpg")
    dataset_import(layout="folders", path=tmp_path / "single", slug="single", public=True)
    client.force_login(user)
    answer = client.post("/api/v1/datasets/single/duplicates/")
    assert answer.status_code == 400 and "fewer than two" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["statistics", "duplicates"])
def test_a_hidden_dataset_tells_nothing(client, private_dataset, name):
    assert client.get(f"/datasets/cufs/{name}/").status_code == 404
    assert client.get(f"/api/v1/datasets/cufs/{name}/").status_code == 404


# --- statistics


def test_statistics_count_sizes_persons_and_what_is_missing(client, public_dataset):
    Image.objects.filter(key="photos/p001.jpg").update(width=99, pair=None, landmark_source="read")
    found = client.get("/api/v1/datasets/open/statistics/").json()
    assert found["sizes"] == {"40 × 50": 9, "99 × 50": 1}
    assert (found["total"], found["by_modality"], found["formats"]) == (
        10,
        {"photo": 5, "sketch": 5},
        {"JPEG": 5, "PNG": 5},
    )
    assert found["without_a_pair"] == {"photo": 1, "sketch": 0}
    assert found["by_points"] == {"": 9, "read": 1}
    assert found["pictures_a_person"]["all"] == {"persons": 5, "smallest": 2, "largest": 2, "mean": 2.0}
    html = client.get("/datasets/open/statistics/").content.decode()
    assert "width_min=99&amp;width_max=99&amp;height_min=50&amp;height_max=50" in html
    assert "5 persons with 2 to 2 pictures, 2.0 on average" in html
    assert html.count("<table") >= 5 and " style=" not in html


def test_an_empty_dataset_has_no_statistics(client, db):
    Dataset.objects.create(slug="empty", name="Empty", layout="folders", public=True)
    assert "no pictures yet" in client.get("/datasets/empty/statistics/").content.decode()
    assert client.get("/api/v1/datasets/empty/statistics/").json()["total"] == 0
