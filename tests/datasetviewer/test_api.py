import pytest

from datasetviewer.models import Image

pytestmark = pytest.mark.django_db
API = "/api/v1"


def get(client, path, status=200, **params):
    response = client.get(f"{API}/{path}", params)
    assert response.status_code == status, response.content
    return response.json()


def test_datasets_are_listed_with_their_counts(client, private_dataset, public_dataset, user):
    answer = get(client, "datasets/")
    (dataset,) = answer["results"]
    assert {name: dataset[name] for name in ("slug", "images", "pairs", "subjects", "public", "drawn")} == {
        "slug": "open", "images": 10, "pairs": 5, "subjects": 5, "public": True, "drawn": False,
    }  # fmt: skip
    client.force_login(user)
    assert [dataset["slug"] for dataset in get(client, "datasets/")["results"]] == ["cufs", "open"]


def test_one_dataset_has_counts_by_source_and_split(client, public_dataset):
    assert get(client, "datasets/open/")["counts"] == [
        {"source": "", "split": "train", "photos": 3, "sketches": 3, "caricatures": 0, "total": 6},
        {"source": "", "split": "test", "photos": 2, "sketches": 2, "caricatures": 0, "total": 4},
    ]


@pytest.mark.parametrize("path", ["datasets/cufs/", "datasets/nowhere/", "images/999999/"])
def test_what_is_hidden_or_missing_is_404_with_a_sentence(client, private_dataset, path):
    answer = get(client, path, status=404)
    assert answer["status"] == 404 and "not visible to you" in answer["detail"]


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        ({"split": "test", "modality": "photo"}, ["photos/p000.jpg", "photos/p003.jpg"]),
        ({"subject": "p002"}, ["photos/p002.jpg", "sketches/p002.png"]),
        ({"dataset": "open", "modality": "sketch", "split": "test"}, ["sketches/p000.png", "sketches/p003.png"]),
        ({"split": "none"}, []),
        ({"subject": "nobody"}, []),
    ],
)
def test_images_are_filtered(client, public_dataset, private_dataset, params, keys):
    assert [image["key"] for image in get(client, "images/", **params)["results"]] == keys


def test_source_and_dataset_filter_too(client, private_dataset, public_dataset, user):
    client.force_login(user)
    answer = get(client, "images/", dataset="cufs", source="AR")
    assert [image["key"] for image in answer["results"]] == ["AR/photos/w-001-1.jpg", "AR/sketches/Wp-001-1-sz1.jpg"]
    assert get(client, "images/")["count"] == 22


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"split": "exam"}, "split: 'exam' is not known. Choices: train, test, validation, none."),
        ({"modality": "film"}, "modality: 'film' is not known. Choices: photo, sketch, caricature."),
        ({"dataset": "nowhere"}, "dataset: 'nowhere' is not known. Choices: open."),
        ({"dataset": "cufs"}, "dataset: 'cufs' is not known. Choices: open."),
        ({"source": "AR"}, "source: 'AR' is not known. Choices: none."),
    ],
)
def test_a_bad_filter_is_400_and_lists_what_the_person_may_choose(
    client, private_dataset, public_dataset, params, sentence
):
    answer = get(client, "images/", status=400, **params)
    assert (answer["status"], answer["detail"]) == (400, sentence)


def test_visitors_get_no_private_images(client, private_dataset, user):
    image = private_dataset.images.first()
    assert get(client, "images/")["count"] == 0
    for path in (f"images/{image.pk}/", f"images/{image.pk}/file/", f"images/{image.pk}/thumbnails/160/"):
        assert client.get(f"{API}/{path}").status_code == 404
        client.force_login(user)
        assert client.get(f"{API}/{path}").status_code == 200
        client.logout()


def test_an_image_carries_facts_addresses_and_partners(client, public_dataset):
    Image.objects.filter(key="photos/p001.jpg").update(landmarks=[[1.5, 2.0]])
    image = Image.objects.get(key="photos/p001.jpg")
    answer = get(client, f"images/{image.pk}/")
    assert (answer["subject"], answer["pair"], answer["landmarks"]) == ("p001", "p001", [[1.5, 2.0]])
    assert [partner["key"] for partner in answer["partners"]] == ["sketches/p001.png"]
    assert client.get(answer["partners"][0]["url"]).json()["key"] == "sketches/p001.png"
    file = client.get(answer["file"])
    assert file["Content-Type"] == "image/jpeg" and len(b"".join(file.streaming_content)) == answer["bytes"]
    assert {size: client.get(url)["Content-Type"] for size, url in answer["thumbnails"].items()} == {
        "160": "image/webp", "320": "image/webp",
    }  # fmt: skip


def test_a_file_comes_whatever_is_accepted(client, public_dataset):
    image = public_dataset.images.first()
    response = client.get(f"{API}/images/{image.pk}/file/", headers={"Accept": "image/avif,image/*;q=0.8"})
    assert response.status_code == 200
    assert client.get(f"{API}/images/{image.pk}/thumbnails/77/", headers={"Accept": "image/*"}).status_code == 404


def test_lists_are_paged(client, public_dataset):
    answer = get(client, "images/", page_size=4)
    assert (answer["count"], len(answer["results"])) == (10, 4)
    assert len(client.get(answer["next"]).json()["results"]) == 4
    get(client, "images/", status=404, page=99)


def test_nothing_can_be_written(client, user, public_dataset):
    client.force_login(user)
    image = public_dataset.images.first()
    for path in ("datasets/", "datasets/open/", "images/", f"images/{image.pk}/"):
        for method in ("post", "put", "delete"):
            response = getattr(client, method)(f"{API}/{path}", data={}, content_type="application/json")
            assert response.status_code == 405


def test_a_list_costs_the_same_whatever_its_length(client, public_dataset, django_assert_num_queries):
    for size in (2, 10):
        with django_assert_num_queries(4):
            get(client, "images/", page_size=size)


def test_the_schema_names_the_filters(client):
    schema = client.get("/api/schema/?format=json").json()
    parameters = {p["name"]: p for p in schema["paths"]["/api/v1/images/"]["get"]["parameters"]}
    assert {"dataset", "split", "modality", "subject", "source", "page", "page_size"} <= set(parameters)
    assert set(parameters["modality"]["schema"]["enum"]) == {"photo", "sketch", "caricature"}
