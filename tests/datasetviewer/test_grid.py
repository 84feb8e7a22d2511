"""The grid by pair, person and picture; its filters, its counts, and walking through it."""

import re

import pytest
from django.urls import reverse

from datasetviewer.filters import IMAGE, PERSON, SORTS, Choices, GridFilter, read_filter
from datasetviewer.models import Bookmarks, Dataset, DatasetSummary, Facet, Image
from datasetviewer.selectors import counting, dataset_counts, grid_images, grid_page, neighbours, pair_partners
from datasetviewer.selectors.counting import shares_now
from datasetviewer.services import dataset_import, dataset_recount, dataset_recount_changed

pytestmark = pytest.mark.django_db
CHOICES = Choices(("train", "test"), ("photo", "sketch"), ())


@pytest.fixture
def many(db, paired_folder) -> Dataset:
    """Thirty pairs, public."""
    dataset_import(layout="folders", path=paired_folder(30), slug="open", public=True)
    return Dataset.objects.get(slug="open")


def page(client, name="dataset-detail", *args, **params):
    response = client.get(reverse(f"datasetviewer:{name}", args=args or ["open"]), params)
    assert response.status_code == 200
    return response.content.decode()


def tile_names(html):
    return re.findall(r'class="tile-name">([^<]*)<', html)


# --- filters


def test_a_filter_survives_its_address():
    params = {"by": "image", "q": "p0", "colour": "grey", "points": "has", "verdict": "rejected", "reason": "side_face",
              "yaw_min": "-15", "width_max": "640.5", "sort": "-key", "size": "60", "density": "1", "split": "test"}  # fmt: skip
    shown, ignored = read_filter(params, CHOICES)
    from urllib.parse import parse_qsl

    again, _ = read_filter(dict(parse_qsl(shown.query)), CHOICES)
    assert again == shown and not ignored
    assert shown.ranges == (("width_max", 640.5), ("yaw_min", -15.0)) and shown.narrowed_further == 6


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"yaw_min": "left"}, "yaw_min=left was ignored: give a number from -180 to 180."),
        ({"width_min": "nan"}, "width_min=nan was ignored"),
        ({"height_max": "inf"}, "height_max=inf was ignored"),
        (
            {"points": "some"},
            "points=some is not known and was ignored. Choices: has, none, read, detected, corrected.",
        ),
        ({"by": "colour"}, "Choices: pair, person, image."),
        ({"density": "9"}, "Choices: 1, 2, 3, 4, 5."),
    ],
)
def test_nonsense_is_ignored_with_a_sentence(params, sentence):
    shown, ignored = read_filter(params, CHOICES)
    assert shown == GridFilter() and len(ignored) == 1 and sentence in ignored[0]


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        ({"colour": "grey"}, ["sketches/p001.png"]),
        ({"points": "has"}, ["photos/p001.jpg", "photos/p002.jpg"]),
        ({"points": "detected"}, ["photos/p002.jpg"]),
        ({"points": "none", "modality": "photo"}, ["photos/p000.jpg", "photos/p003.jpg", "photos/p004.jpg"]),
        ({"verdict": "rejected"}, ["photos/p003.jpg"]),
        ({"reason": "side_face"}, ["photos/p003.jpg"]),
        ({"reason": "outside"}, []),
        ({"verdict": "unjudged", "modality": "photo", "q": "3"}, []),
        ({"yaw_min": "10"}, ["photos/p002.jpg"]),
        ({"yaw_min": "-30", "yaw_max": "0"}, ["photos/p001.jpg"]),
        ({"width_min": "41"}, ["photos/p004.jpg"]),
        ({"width_max": "40", "modality": "photo", "q": "4"}, []),
        ({"q": "P00", "split": "test"}, ["photos/p000.jpg", "photos/p003.jpg", "sketches/p000.png", "sketches/p003.png"]),
    ],
)  # fmt: skip
def test_every_filter_finds_its_pictures_on_the_page_and_in_the_api(client, public_dataset, params, keys):
    photo = {f"p{n:03}": Image.objects.filter(key=f"photos/p{n:03}.jpg") for n in range(5)}
    Image.objects.filter(key="sketches/p001.png").update(mode="L")
    photo["p001"].update(landmark_source="read", yaw=-20)
    photo["p002"].update(landmark_source="detected", yaw=12.5)
    photo["p003"].update(verdict="rejected", verdict_reason="side_face")
    photo["p004"].update(width=300)
    shown, ignored = read_filter({"by": "image"} | params, CHOICES)
    assert not ignored
    counts = dataset_counts(public_dataset)
    assert [image.key for image in grid_images(public_dataset, shown)] == keys
    assert grid_page(public_dataset, shown, counts, 1)[0].paginator.count == len(keys)
    answer = client.get("/api/v1/images/", {"dataset": "open"} | params).json()
    assert ([image["key"] for image in answer["results"]], answer["count"]) == (keys, len(keys))
    # Known to be many or not, it is the same pictures.
    assert [image.key for image in grid_images(public_dataset, shown, many=True)] == keys


# --- tiles


def test_a_tile_for_each_person_shows_some_of_the_pictures(client, private_dataset, user):
    client.force_login(user)
    subject = Image.objects.get(key="AR/photos/w-001-1.jpg").subject
    Image.objects.filter(dataset=private_dataset, source="CUHK").update(subject=subject)
    dataset_recount(dataset=private_dataset)
    html = page(client, "dataset-detail", "cufs", by="person")
    assert tile_names(html)[0] == "AR-w-001-1" and "+6" in html
    assert "/datasets/cufs/subjects/AR-w-001-1/?by=person" in html
    html = page(client, "dataset-detail", "cufs", by="person", modality="sketch", source="AR")
    assert tile_names(html) == ["AR-w-001-1"] and "photo of" not in html


def test_single_pictures_stand_alone(client, public_dataset):
    html = page(client, by="image")
    assert len(tile_names(html)) == 10 and "1–10 of 10" in html


def test_the_density_chooses_the_thumbnail(client, public_dataset):
    large, small = page(client, density=1), page(client, density=4)
    assert "density-1" in large and "/thumbnail/320" in large and "srcset" not in large
    assert "density-4" in small and "/thumbnail/160" in small


def test_a_rejected_picture_says_why(client, public_dataset):
    Image.objects.filter(key="photos/p001.jpg").update(verdict="rejected", verdict_reason="side_face")
    assert re.findall(r'class="tile-rejected">([^<]*)<', page(client)) == ["side face"]


# --- counts


def test_an_import_leaves_counts_that_agree_with_the_rows(many):
    stored = set(Facet.objects.filter(dataset=many).values_list(*counting.PROPERTIES, "images"))
    assert stored == set(shares_now(many)) and stored
    summary = many.summary
    assert (summary.images, summary.pairs, summary.subjects) == (60, 30, 30)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Image.objects.filter(key="photos/p001.jpg").update(split=""),
        lambda: Image.objects.get(key="photos/p001.jpg").delete(),
        lambda: Image.objects.filter(key="photos/p001.jpg").delete(),
        lambda: saved(verdict="kept"),
        lambda: Image.objects.bulk_update([changed(mode="L")], ["mode"]),
        lambda: Image.objects.bulk_create([changed(pk=None, key="new.jpg")]),
    ],
)
def test_whatever_writes_a_picture_no_old_count_is_shown(many, change):
    change()
    assert not Facet.objects.exists() and not DatasetSummary.objects.exists()
    live = dataset_counts(many)
    assert live.total == Image.objects.count()
    assert dataset_recount_changed() == 1 and dataset_recount_changed() == 0
    assert dataset_counts(many) == live


def changed(**fields):
    image = Image.objects.get(key="photos/p001.jpg")
    for name, value in fields.items():
        setattr(image, name, value)
    return image


def saved(**fields):
    changed(**fields).save()


def test_writing_what_is_not_counted_keeps_the_counts(many):
    Image.objects.update(landmarks=[[1, 2]], yaw=3.0)
    assert Facet.objects.exists()


def test_beyond_the_limit_nobody_counts(client, many, monkeypatch):
    monkeypatch.setattr(counting, "COUNTED", 20)
    monkeypatch.setattr(counting.counted, "__defaults__", (20,))
    html = page(client, size=12, yaw_min=-1, by="image")
    assert "Nothing matches" in html, "without a yaw"
    Image.objects.update(yaw=0.0)
    html = page(client, size=12, yaw_min=-1, by="image")
    assert "1–12 of more than 20" in html and "narrow the filter" in html


# --- constant cost


def test_a_page_costs_the_same_whatever_the_dataset_holds(client, paired_folder, django_assert_num_queries):
    for pairs in (5, 40):
        dataset_import(layout="folders", path=paired_folder(pairs, f"f{pairs}"), slug="open", public=True)
        page(client, q="p0")  # names of persons are kept once they were read
        for params, queries in (
            ({}, 7), ({"by": "image"}, 6), ({"by": "person"}, 8), ({"q": "p0"}, 9), ({"yaw_min": "0"}, 6), ({"verdict": "kept"}, 5),
        ):  # fmt: skip
            for size in (12, 96):
                with django_assert_num_queries(queries):
                    page(client, size=size, **params)


# --- walking


def test_walking_meets_every_picture_once_and_in_order(many):
    counts = dataset_counts(many)
    for shown in (GridFilter(by=by, sort=sort) for by in ("pair", IMAGE) for sort in SORTS):
        expected = [image.pk for image in grid_images(many, shown)]
        image, seen = Image.objects.select_related("subject", "dataset").get(pk=expected[0]), []
        while image is not None and len(seen) <= len(expected):
            seen.append(image.pk)
            image.dataset = many
            walk = neighbours(image, pair_partners(image), shown, counts)
            assert (walk.position, walk.total) == (len(seen), len(expected)), shown
            assert (walk.previous and walk.previous.pk) == (seen[-2] if len(seen) > 1 else None), shown
            image = walk.next
        assert seen == expected, shown


def test_far_from_both_ends_the_place_is_not_counted(many, monkeypatch):
    import datasetviewer.selectors.walking as walking

    monkeypatch.setattr(walking, "COUNTED", 5)
    Bookmarks.objects.all().delete()
    shown, counts = GridFilter(), dataset_counts(many)
    places = []
    for image in grid_images(many, shown).select_related("subject"):
        image.dataset = many
        walk = neighbours(image, [], shown, counts)
        assert walk.inside
        places.append(walk.position)
    assert places == [*range(1, 7), *[None] * 18, *range(25, 31)]


def test_next_person_keeps_filter_and_order(client, many):
    html = page(client, "subject-detail", "open", "p006", split="test", by="person", sort="-person")
    assert (
        'rel="prev" data-key="PageUp" href="/datasets/open/subjects/p009/?by=person&amp;split=test&amp;sort=-person"'
        in html
    )
    assert (
        'rel="next" data-key="PageDown" href="/datasets/open/subjects/p003/?by=person&amp;split=test&amp;sort=-person"'
        in html
    )


def test_persons_can_be_paged(client, many):
    assert tile_names(page(client, by=PERSON, size=12, page=3)) == [f"p{n:03}" for n in range(24, 30)]


# --- the pair


@pytest.mark.parametrize("view", ["overlay", "flicker", "difference"])
def test_photo_and_drawing_are_laid_over_each_other(client, public_dataset, view):
    sketch = Image.objects.get(key="sketches/p001.png")
    html = page(client, "image-detail", "open", sketch.pk, view=view, split="train")
    assert f"compare-{view}" in html and html.count("/file?v=") >= 2 and "compare.js" in html
    # Next keeps filter and view.
    assert re.search(rf'rel="next"[^>]*\?split=train&amp;view={view}"', html)
    assert not re.search(r"<style|\sstyle=", html)


def test_a_picture_without_a_partner_is_compared_with_nothing(client, public_dataset):
    Image.objects.update(pair=None)
    image = Image.objects.first()
    assert "compare-" not in page(client, "image-detail", "open", image.pk, view="overlay")


def test_bibtex_stands_on_the_page(client, private_dataset, user):
    client.force_login(user)
    assert "@article{wang2009face," in page(client, "dataset-detail", "cufs")
